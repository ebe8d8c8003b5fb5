"""What of a message is the matter, and where its clauses part: what chats put around it and customers leave out.

Order numbers, links, cards of a product, pictures, the chat's own heads, greetings and courtesies go along with any matter.
They say nothing of it, yet would speak against whatever is said vaguely. And who types without punctuation parts clauses by
the words that begin them.
"""

from __future__ import annotations

import re
from typing import Final

from app.nlu.text import CLAUSE_END

_ENDS: Final = re.escape("".join(sorted(CLAUSE_END)))
_ALONE: Final = f"(?<![^{_ENDS}\\]])(?:{{}})(?![^{_ENDS}\\[])"
"""Between marks."""
_CARD: Final = (
    r"【[^】【\n]{0,60}?(?:款|正品|官方|旗舰|淘宝|天猫|京东|抖音|拼多多|得物|20[0-9]{2}|清仓|秒杀|包邮|现货|直播)[^】【\n]{0,60}】(?:[^ ,。!?\n「]{0,40}(?=[ \n])|$)"
    r"|「[^」「\n]{4,80}」 ?(?:点击链接[^ ,。\n]{0,8}打开)?(?: ?或者 ?[^ \n]{0,10}打开)?"
)
_HEAD: Final = r"^[^\n,。!? ]{0,16}[ :]?20[0-9]{2}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日? [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?"
_NUMBER: Final = (
    r"(?:我的|这是)?(?:订单|单)(?:编?号|编码)?(?:是|为)?[ :]?[0-9]{8,}|[0-9]{8,}|(?:我的|这是)?订单(?:编?号)"
)
_ASIDE: Final = r"(?:那个|唉|哎|额|呃|嗯|喂|不好意思|打扰一?下|打扰了|抱歉|我?想?(?:问|咨询|请问|请教)(?:一下|下|个事)|请问一?下?|跟你(?:们)?(?:说|讲)(?:个事|一下|下)?|是这样的?)"
_GREETING: Final = (
    r"^(?:(?>(?:亲|老板|店家|客服|掌柜的?|[你您]好[啊呀]?|hello|hi|哈喽|在吗|在么|在不在|在不|在|"
    f"{_ASIDE}){{1,4}})[{_ENDS}]+)+"
)
_GREETED: Final = re.compile(_GREETING)
_BESIDE: Final = re.compile(
    "|".join(
        (
            r"(?:https?://|www\.)[!-~]+|(?<![a-z0-9.])[a-z0-9.]{1,60}\.(?:com|cn|hk)/[!-~]*",
            r"\[[^\[\]\n]{1,8}\]|\((?:见图|如图|图)\)",
            _CARD,
            _HEAD,
            _ALONE.format(_NUMBER),
            _GREETING,
            f"(?<=[{_ENDS}])(?:在吗|在么|在不在|在不)(?=[ ?]*$)",
        )
    )
)
_CLOSING: Final = re.compile(
    f"(?<=[{_ENDS}])(?:谢谢|感谢|多谢|谢了|谢啦|辛苦|麻烦|拜托|唔该|thx|thanks)(?:你们?|您|亲|了|啦|哈|哦|啊|呀|晒|先|大家|客服|[ ,。!~])*$"
)
_MAY_BE: Final = re.compile(r"[\[【「(./]|[0-9]{4}|订单|在[吗么不]")
"""Nothing but a greeting goes along with the matter where this is not found: looked for first, as most messages are nothing but matter."""
_SAID: Final = re.compile(r"[\u4e00-\u9fff]{2}")
LONG: Final = 16
"""Characters from which on a text without marks is looked at for where its clauses begin."""
_PART: Final = 5
_RUN: Final = re.compile(f"[^{_ENDS}]{{{LONG},}}")
_BEGINS: Final = re.compile(
    "而且|并且|但是|可是|不过|结果|还有|另外|然后|关键是?|问题是|主要是|谁知道?|没想到|客服|快递|物流|卖家|我要|我想要?|麻烦|能不能|怎么|什么时候|现在"
)
_THEN_ASKS: Final = re.compile(
    "(?<=[^了]{2}[了大小差味球洞坏重害])(?:能不能|能|可以|可不可以|给我|我要|我想|怎么|咋|补偿|赔|要赔|你们|麻烦)"
    "(?=[退换赔补修处办弄解看多]|给[退换赔补修]|帮)"
)
"""What is asked for behind what has happened: 「缩水了能退吗」."""


def beside(text: str) -> list[tuple[int, int]]:
    """Where in normalised text stands what only goes along with the matter, as (start, end); nothing where nothing else is
    said.
    """
    if _MAY_BE.search(text) is None and _GREETED.match(text) is None:
        return []
    found = [place.span() for place in _BESIDE.finditer(text)]
    if not found or _SAID.search(_BESIDE.sub(" ", text)) is None:
        return []
    return found


def closing(text: str) -> int:
    """Where the thanks begin that normalised text ends with, a clause of their own; its length where there are none."""
    found = _CLOSING.search(text)
    return len(text) if found is None else found.start()


def partings(text: str) -> list[int]:
    """Where clauses begin in normalised text that has no marks for it: what is asked for behind what has happened; else only
    in long runs without any, and not within their first or last characters.
    """
    found = [place.start() for place in _THEN_ASKS.finditer(text)]
    for run in _RUN.finditer(text):
        last = run.start()
        for word in _BEGINS.finditer(text, run.start(), run.end()):
            at = word.start()
            if at - last >= _PART and run.end() - at >= _PART:
                found.append(at)
                last = at
    return sorted(set(found))
