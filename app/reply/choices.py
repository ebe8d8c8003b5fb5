"""What a customer's words do with the offers on the table: take one, turn them down, or doubt them.

A message is read clause by clause, and the last clause that decides counts (「不换了 退吧」 takes a refund).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, Literal

from app import regex as re
from app.reply.answers import chases
from app.reply.remedies import EXTRAS, asks_for, counters

Reaction = Literal["", "takes", "refuses", "doubts"]

MAX_READ: Final = 1000
_CLAUSE: Final = re.compile(r"(?<=[?？])|[，,。.！!；;、~～\s]+|但是?|不过|可是")
_SHORT: Final = 10
_SUM_ALONE: Final = 6
_AMOUNT: Final = r"(?:\d{1,5}|[一二两三四五六七八九十百]{1,4})"

_THREATENS: Final = re.compile(
    r"(?:你|您|们)等着吧?$|等着(?:瞧|看|收)|^等着吧?$|走着瞧|(?:法院|法庭|平台|12315|工商)见|看你们?(?:怎么|能)|倒闭|别怪我|不给就|没完|我就(?:写|刷|曝光|投诉|给(?:你们?)?(?:差评|一星))|气死你"
)
_BEYOND: Final = re.compile(r"[一1]赔[一二三四五十\d]|[三十3]倍|精神(?:损失|赔偿)|误工费")
# what extortionists threaten with, or what they sell
_WITH_WHAT: Final = re.compile(
    r"评|星|曝光|投诉|举报|12315|工商|媒体|抖音|小红书|微博|朋友圈|网上|直播|粉丝|不然|否则|要么|要不(?!要)|不给|信誉|名声|删|撤|挂|刷|闹|后果|自己掂量|懂的都懂|群里|截图|同行|走着瞧|没完|别后悔|别怪"
)
_DOUBTS: Final = re.compile(
    r"为(?:啥|什么|何)|凭(?:啥|什么)|难道|怎么还|也不[管退换赔修]|就不管|不管了[?？]|(?:要是|万一|如果)(?:还是?|又|再)[^，。]{1,8}(?:[?？]|自己|谁|你|您|咋|怎|那)|糊弄|骗谁|你当我|谁信|胡说|瞎说|扯|(?:还|再|又|万一|要是|如果|会不会|换了|修了|补了)[^，。]{0,10}(?:怎么办|咋办|咋整|呢|吗|[?？])|会不会|什么意思|不都一个样|换汤不换药|我?都说了[^，。]{0,6}还"
)
_REFUSES: Final = re.compile(
    rf"太少|(?:就|才|只[有给]?)(?:给|退|补|赔)?{_AMOUNT}(?:块|元|毛)?钱?[啊呀么?？]|不够|哪里?够|至少|起码|最少|不行(?!就|的话)|不可以|不接受|不同意|不要(?!紧)|打发|要饭|没诚意|不愿意|不想|不需要|不用了|谁(?:要|稀罕)|不稀罕|不满意|别想|想得美"
    rf"|才{_AMOUNT}(?:块|元|$)|^不[退换修补]|(?:你|您)们?(?:自己)?留着|加点|再加|[多再](?:退|补|给|赔)?点|能不能多|没用|没意义|够(?:干|做|买)|能干[嘛啥什]|[太好真怪嫌](?:麻烦|折腾)|(?:麻烦|折腾)死|不想折腾|哪有这|算了吧?$|少收"
)
_TAKES: Final = re.compile(
    r"^(?:那|嗯++|哦|啊|就|也|还|都|先|我|勉强){0,4}(?:好的?|行|可以|同意|接受|没问题|没意见|中|成|得|妥|妥了|ok+|听(?:你|您)们?的)(?:[吧呀啊了的嘞呗哈哦滴~]|没问题){0,3}$"
    r"|^(?:行|好|可以|成|中)(?:吧|的)(?=[^但不吗么?？]{2,10}$)|^那?就?(?:先)?(?:这样|这么办|这么定|按(?:你|您)们?说的)[^不?？吗]{0,4}$|^成交|说定了?$|^一言为定|差不多$|像[^，。]{0,2}[话样]|良心|识相|够意思|^(?:我|都|已经?|刚刚?)?(?:申请|提交|寄|填|点|弄|操作)(?:好|完|过|出去|回去)?了$|还差不多|这还行|算(?:你|您)们?(?:有|还)|早这[样么]|早说|这就对"
    r"|差评[^，,。]{0,4}(?:不给|算了|不写|撤|删|改)|凑[合活]|将就|(?<!不)能接受|(?<!不)可以接受|勉强|(?:都|怎[么样]都|哪个都)(?:行|可以|好)|随便|无所谓|看着办|(?:你|您)们?(?:定|安排|决定)"
    r"|(?:再|姑且|暂且|先|就)信(?:你|您)|给(?:你|您)们?[^，。]{0,3}机会|[^不]也(?:行|可以|成|好)吧?$"
    rf"|({_AMOUNT})就\1|给我[吧呗]$|拿来$|^(?:看|收)到了?$|就(?:它|那个|这个)|(?:前者|后者|[前后]面?(?:那|一)?[个种])|第[一二三123][个种]?|(?:选|要)[一二三123ab](?![\d十百千块元件])|^[12ab]$|^那?就?麻烦(?:你|您)?们?了$",
    re.IGNORECASE,
)
# how, where to, by which courier: whoever asks or says this has agreed
_GOES_ON: Final = re.compile(
    r"怎么(?:操作|申请|弄|寄|退|换|走|填)|(?:寄|退|发)(?:到|去|给)?哪|地址(?:呢|是|发|给)|^地址[?？]?$|^(?:那|就|我|还是){0,3}寄(?:回|过)?去?[吧呗]$|在哪[里儿]?(?:点|申请|弄|填)|什么时候(?:能|可以)?(?:退|发|寄|到账)"
    r"|^(?:就|发|走|用)?(?:顺丰|京东|中通|圆通|申通|韵达|邮政|ems)(?:快递)?[吧呗啊]?$|^(?:你|您)们?先[发寄]|[发寄](?:到|去|给)?我?(?:公司|家|学校|单位)|[老原]来?的?地址"
    r"|^(?:要|就|你们)?(?:快|赶紧|尽快|抓紧)(?:点|些|一点|啊|吧|发|寄|弄|办|处理){0,3}[啊哈呀]?$|^急(?:用|着)|^那?我?(?:再)?等[^，。着]{0,6}吧$|(?:愿意|可以|我)等$|等就等|[行好吧我]等着",
    re.IGNORECASE,
)
# a taking that is asked is none (就这样？)
_DOUBTFUL: Final = re.compile(r"[?？]$")
_SETTLES_ON: Final = re.compile(
    r"^(?:那|我)?(?:就|还是)(?:要|选|来)?[^，,。不没还]{1,6}[吧呗了]$"
    r"|^(?:那|就|算了|我|要|给我|帮我){0,3}(?:送|寄|发|挑|选|拿|留|缝|织|来|提交|申请|办|放)(?![^吧呗]*(?:不|还|多|再|怎|几|哪|别的))[^，,。]{0,6}[吧呗]$"
)
# turns one remedy down by its name, which leaves another that was just taken (那补吧 我不想退)
_TURNS_DOWN: Final = re.compile(
    r"^我?(?:也)?不(?:想|要|用|必)?(?:再)?(?:退|换|修|补|寄)(?:货|款|回|来)?了?$|^不要钱"
)
_CHANGES: Final = re.compile(
    r"想了想|想了一?下|想来想去|改主意|反悔|后悔|考虑了|商量了|等[下等一]|先别|慢着|算了|(?:不|别|不想|不要)[换退补修寄改]了|[改换]成|(?:能不能|还能|可以|可不可以)[^，,。]{0,3}改|还是[^，,。]{0,6}(?:[退换修补]|不要|留着|算了)"
)
_PICKS: Final = re.compile(r"^(?:选|第|方案|要)?[一二三123abc](?:个|种|吧|呗)?$", re.IGNORECASE)
_PONDERS: Final = re.compile(r"考虑|想[想一]|再(?:看看|说吧?$)|商量|问问?(?:我)?(?:老公|老婆|家里|我妈|对象)")
_FREIGHT: Final = re.compile(
    r"[运邮]费(?:得|要|必须|也)?(?:你|您|店|卖)[^，,。]{0,2}(?:出|担|付|掏|承)|(?:你|您)们?(?:得|要)?(?:出|担|付|掏|包)[^，,。]{0,2}[运邮]费"
)
# else …: what happens otherwise decides nothing now (不行就退)
_ELSE: Final = re.compile(
    r"^(?:要是|如果)?(?:再|还)?(?:不行|不然|不|不给|不同意|没用|不好)(?:的话)?(?:我)?就"
)
_WAIVES: Final = re.compile(
    r"不(?:用|需要|必)(?:你们|您们|再)?(?:处理|管它?|赔|补偿|麻烦)|(?:就是|只是)[^，,。]{0,3}(?:提醒|告诉|反馈)|提醒你们"
)
_SEND_ANEW: Final = re.compile(
    r"(?:重新?|再|另外?)(?:给我|帮我)?(?:[补]?发|寄|补)(?!现|错|票|券)[^，,。]{0,6}|(?:给我|帮我|要求?|直接)补发"
)
_APOLOGISE: Final = re.compile(
    r"(?<!不用)(?<!不要)(?<!不接受)(?<!已经)(?:赔礼|道[个]?歉|赔不是|赔罪)(?!了|过|没用|有什么用|有用|有啥用)"
)
_ASKS: Final = re.compile(
    r"[?？吗么]|有没有|有无|怎么|咋|多久|哪|谁|啥|什么|几|[行好可]不|能不能|没有?$|呢$|[^要]不$"
)
_CHOOSES: Final = re.compile(r"[吧呗]$|就|要|选|那|还是|给我|帮我|算了|省心|好了|也行|我")
_DONE: Final = r"(?!过|不|一赔|差|运费|邮费|了(?![吧算得$]))"

# remedy -> how a customer names it
_NAMES: Final = {
    remedy: re.compile(rf"(?<![不没别甭未非还])(?<!不[想要能])(?:{words}){_DONE}")
    for remedy, words in {
        "退货退款": r"退(?!券)",
        "仅退款": r"退(?!券)",
        "换货": r"换",
        "补发": r"补|重新?[发寄]|再[发寄]|换",
        "补件": r"补|寄|发",
        "维修": r"修|缝|织?补|烫|处理|改",
        "部分退款": rf"退?{_AMOUNT}(?:块|元|$)|退{_AMOUNT}|补偿|现金|留(?:着|下|$)|退点|费",
        "代金券": r"券|红包",
        "补差价": r"差价|现金|退",
        "拦截": r"拦|追",
        "改单": r"改",
        "取消": r"取消|退",
        "开票": r"开",
        "洗护建议": r"试|洗|泡",
        "检测": r"检|鉴定|送",
        "赠品": r"送|礼",
        "升级主管": r"主管|店长|联系|电话",
    }.items()
}
_SUM: Final = re.compile(
    r"(?<![\d.第选])(\d{1,5}|[一二两三四五六七八九]?[十百][一二三四五六七八九十]{0,3})(?=\s?(?:[块元费现红券缝您亲哦哈呢啊呀~]|$|[吧呗]|[，,。！]|行|就|可以|成))"
)
# a sum that nobody offered, and not a word more
_COUNTERS: Final = re.compile(rf"^(?:就|给|要)?{_AMOUNT}(?:块|元)?钱?$")
_DIGITS: Final = {char: index for index, char in enumerate("零一二三四五六七八九")} | {"两": 2}
_UNITS: Final = {"十": 10, "百": 100}
_SIZE: Final = re.compile(
    r"^(?:换|要)?(?:[smlx]{1,4}|\d{2,3})码?[吧的]?$|^(?:换|要)?[\u4e00-\u9fff]{0,3}色[吧呗的]?$",
    re.IGNORECASE,
)
_BY_SIZE: Final = frozenset({"换货", "补发", "改单"})
_STATES: Final = re.compile(r"^再[帮给]|还没|怎么没|已经|昨天|上次|之前|说好|答应")


def reaction(
    text: str, offers: Collection[str], earlier: Collection[str] = (), amounts: Collection[int] = ()
) -> Reaction:
    """What a message does with the offers. earlier: remedies offered before, which can still be named.

    amounts: the sums offered. Without offers it only tells threats and general agreement.
    """
    text = text[:MAX_READ].strip().replace("啦", "了")
    clauses = _clauses(text)
    agrees = bool(clauses) and _TAKES.search(clauses[0]) is not None
    if _THREATENS.search(text) or (_BEYOND.search(text) and not agrees):
        return "refuses"
    found: Reaction = ""
    for clause in clauses:
        if _ELSE.match(clause) or (found == "takes" and _TURNS_DOWN.match(clause)):
            continue
        found = _of(clause, offers, earlier) or found
        named = sums(clause) if offers and amounts and not _PICKS.match(clause) else frozenset()
        counters_with = named - set(amounts) or (
            offers and not amounts and _COUNTERS.match(clause) and not _PICKS.match(clause)
        )
        if counters_with and found != "doubts":
            found = "refuses"
        elif named and len(clause) <= _SUM_ALONE and not _REFUSES.search(clause) and not _ASKS.search(clause):
            found = "takes"
    return found


def weigh(
    text: str,
    ids: frozenset[str],
    offers: Collection[str],
    *,
    earlier: Collection[str],
    amounts: Collection[int],
    resolved: bool,
) -> Reaction:
    """What a message does with the offers, by its words first, then by its intents.

    resolved: the agent has given an answer of any kind, which can be doubted like an offer.
    """
    does = reaction(text, offers, earlier, amounts)
    if does == "doubts" and not (offers or resolved):
        return "refuses" if "reject_solution" in ids else ""
    if does == "doubts":
        return does
    if does == "refuses":
        return does
    if chases(text) or "promise_broken" in ids:
        return ""
    if does == "takes":
        asks_freight = _FREIGHT.search(text[:MAX_READ]) and "退运费" not in (*offers, *earlier)
        return "doubts" if offers and asks_freight else does
    if _PONDERS.search(text[:MAX_READ]):
        return ""
    if "reject_solution" in ids:
        return "refuses"
    if ids & {"accept_solution", "thanks_praise"}:
        return "takes"
    if not offers:
        return ""
    if counters(ids, (*offers, *earlier)):
        return "refuses"
    return "takes" if asks_for(ids, offers) and not _ASKS.search(text[:MAX_READ].strip()) else ""


def asks_how(texts: Iterable[str]) -> bool:
    """Whether a customer asks how to go about what has been agreed on (那怎么申请, 寄到哪)."""
    return any(_GOES_ON.search(text[:MAX_READ]) for text in texts)


def waives(text: str) -> bool:
    """Whether a customer only mentions something and wants nothing done about it (没事，不用处理)."""
    return _WAIVES.search(text[:MAX_READ]) is not None


def changes_mind(text: str) -> bool:
    """Whether a customer takes back what was agreed on (等下 我还是退了吧)."""
    return _CHANGES.search(text[:MAX_READ]) is not None


def wants_again(text: str) -> bool:
    """Whether a customer asks for the thing to be sent anew (重新发一件, 给我补发)."""
    return _SEND_ANEW.search(text[:MAX_READ]) is not None


def wants_apology(text: str) -> bool:
    """Whether a customer demands to be apologised to."""
    return _APOLOGISE.search(text[:MAX_READ]) is not None


def haggles(intent: str, text: str) -> bool:
    """Whether words taken for extortion in the middle of a talk threaten with nothing: a price or a remedy is bargained for."""
    return intent == "malicious_review" and _WITH_WHAT.search(text[:MAX_READ]) is None


def is_sum(text: str) -> bool:
    """Whether a text is a sum of money and next to nothing else: haggling."""
    text = text.strip()
    return len(text) <= _SUM_ALONE and bool(sums(text))


def sums(text: str) -> frozenset[int]:
    """The sums of money named in a text."""
    return frozenset(_number(found[1]) for found in _SUM.finditer(text[:MAX_READ]))


def _number(text: str) -> int:
    if text.isdecimal():
        return int(text)
    total = digit = 0
    for char in text:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit


def _clauses(text: str) -> list[str]:
    return [clause for clause in _CLAUSE.split(text) if clause]


def _of(clause: str, offers: Collection[str], earlier: Collection[str]) -> Reaction:
    if _DOUBTS.search(clause):
        return "doubts"
    if _TAKES.search(clause) and not _DOUBTFUL.search(clause):
        return "takes"
    if _SETTLES_ON.search(clause):
        return "takes"
    if set(offers) - EXTRAS and _GOES_ON.search(clause):
        return "takes"
    if offers and _REFUSES.search(clause):
        return "refuses"
    if offers and _names_one(clause, (*offers, *earlier)):
        return "takes"
    return ""


def _names_one(clause: str, remedies: Collection[str]) -> bool:
    """Whether the clause chooses one of these remedies: short or in the form of a choice, and no question."""
    if _ASKS.search(clause) or _STATES.search(clause):
        return False
    if _SIZE.match(clause) and not _BY_SIZE.isdisjoint(remedies):
        return True
    if len(clause) > _SHORT and _CHOOSES.search(clause) is None:
        return False
    return any(remedy in _NAMES and _NAMES[remedy].search(clause) for remedy in remedies)
