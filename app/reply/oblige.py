"""What a calm customer asks the shop to do, or tells it, said back in the shop's words: 麻烦把价签剪掉 -> 把价签剪掉.

Who hears their own words knows that they were read; a mere 记下了 tells nothing.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from app import regex as re
from app.reply.restate import LETTERS

MAX_READ: Final = 60
"""Letters of a message that is looked at."""
_WITH_ADDRESS: Final = 200
"""The same with an address of the mail or numbers in it, which are not looked at."""
_LONGEST: Final = 30
_LEAST: Final = 2
"""Letters of what is said back."""

_BREAKS: Final = re.compile(r"[\s，,。！!~～;；、…]+")
_TAILS: Final = re.compile(
    r"(?:(?<!一)(?:下|一下)|哈|哦|噢|呀|啊|呗|吧|嘛|咯|啦|喽|哟|谢谢[你您]?|就行|就好|就可以|行不行?|可以不|好不好|成不|[^\w\s%])+$"
)
_OPENS: Final = re.compile(
    r"^(?:对了|另外|还有就?是?|顺便|那个?|哦|噢|嗯+|好的|好(?![看用穿多像久几大长听了])|行|ok|可以|再?麻烦[你您]?们?|辛苦[你您]?|拜托|劳驾|请|[你您](?=(?:先|再|直接|就)?(?:帮|给|替|发|把|叫|打|放|写|送|看着))|(?<!一)就(?!是)|先(?!别|不)|直接|要不|最好|算了)+"
)
_HELP: Final = re.compile(r"^(?:再|先|也)?(?:帮忙|[帮替](?:我|忙|一?下)|给我(?=[一-龥]{2}))")
_MARKED: Final = re.compile(
    r"麻烦(?!了|您?了|死)|(?:帮|替)(?:我|忙)|给我(?![买的姐妈爸妹弟哥老朋婆爷奶孩儿女])|拜托|劳驾|记得|别忘|务必|呗$|跟我说|告诉我|[喊叫]我|吱"
)
_DOES: Final = re.compile(
    r"^(?:也|都|全|一起|一块儿?|统一|分开|单独|尽量|帮忙|把|给|别|不要|不用|多|少)*(?:把|帮|给|发(?![现挥])|寄|送|放(?![心假弃])|写|塞|剪|拆|包(?![邮含括])|装|印|绣|备注|改|留|叫|喊|通知|提醒|告诉|查|看着|量|算(?!了)|打(?![折扰])|开(?![心会车玩])|约|安排|同意|通过|审核|核实|核对|确认|搭|配|选|拍(?:点|几张|张|个|两)|挑(?!不)|定(?!金)|走(?![了啦])|用(?![着过的来])|按|转|分|合(?!适)|登记|记|弄|做(?![工])|缝|锁|熨|烫|洗|裁|换成|挂|摆|拿|取(?!到))"
)
_NOT: Final = re.compile(
    r"^(?:先|千万|就|请)*(?:别|不要|勿)(?!太|急|的|了|人|客气|担心|生气|介意|扯|装|骗|紧|让我)"
)
_SUBJECT: Final = re.compile(
    r"^(?:我(?!要的)|[他她它]|咱|孩子|老公|老婆|人家|快递|客服|[这那](?:个|件|条|双|样|么|边|天)|今天|刚|已经?|都|不是|没|怕|就怕|可能|感觉|觉得|看[着起]|听说)"
)
_PAST: Final = re.compile(r"(?:了|过|好|完|着)(?:了|啦)?$|得(?:真|很|挺|好)")
_EITHER_WAY: Final = re.compile(r"[也都](?:行|可以|好|成)(?:$|[吧的了])")
_FIGURE: Final = re.compile(r"\d")
_NONE: Final = re.compile(
    r"没(?:有|人)?(?:给|发|送|放|打|叫|通知|跟|提)|不(?:给|帮|让)|[给为](?:你|您)们?(?:点赞|好评)|(?:半|[一两二三四五六七八九十几\d])个?(?:年|月|天|周|小时)(?!内|前|后|之)"
)
_PLEAD: Final = re.compile(r"[呗吧]$")
# what costs money, gives back or ends a matter is not promised by saying it back
_FAVOURS: Final = re.compile(
    r"便宜|优惠|[打几]折|折扣|[减抹返补赔免]|退|送(?:点|个|双|件|条|张|份|一|我(?=[点个双件条张]|什么|啥|袜|东西|小(?!区)|$))|加(?:点|个|双|件|送)|少(?:点|一点|些|收|算)|多(?:给|送)|降|红包|券|赠|白拿|零头|包邮|换货|换一|换(?:个|件|条|双)|修|取消|投诉|评价|好评|差评|[加走]个?微信|私|转账|假|发票|开票|抬头|刷单|保证|赶紧|快点|尽快|马上|催|解决|处理|说法|道歉|解释|人工|主管|经理|老板|领导|链接|推荐"
    r"|(?<!价)钱(?!包)|运费|邮费|[一二两三四五六七八九十百\d][块元]|垫|礼物|多(?:放|寄|发|装)[一两二三\d点]|(?:寄|发|放)(?:给我)?[一两二三\d][件条双套]新"
)
_ASKING: Final = re.compile(
    r"[?？]|吗|呢$|咋|怎|什么|啥|多少|几(?!件|个|条|张|天后)|哪|谁|为何|(.)不\1|有没有|没$|不$|是不是|能不能|可不可以|要不要"
)
_SHOW: Final = re.compile(
    r"^(?:好|嗯|行|那|你|您|都|先|再|也|快|可以|麻烦|顺便|全|给我|直接|，|\s)*(?:发|传|拍|拿|甩|晒|秀)(?:个|张|几张|些|一下|来)?(?:视频|图片?|照片|实物图?|细节图?|模板|链接|资料|样[品布衣]图?|尺码表|报价单?|清单|合同|表格|效果图|版式)?(?:给)?(?:我|来|过来|出来)?(?:看|瞧|瞅|瞄|参考)?(?:看|瞧|瞅|一?眼|一?下|参考)*(?:呗|吧|啊|呀|哈|嘛|先|邮箱)*(?:$|\s)"
)
_PAPER: Final = re.compile(
    r"(?:合同|模板|样子|款式|报价单?|资料|图片?|照片|视频|链接|清单|尺码表|码数表|码表|版式|效果图|说明书?|教程)(?:先|再|都|也)?(?:给我)?(?:发|传|拍)(?:给)?(?:我|过来|来)?(?:到)?(?:邮箱|看看|瞧瞧|瞧一?眼|看一?眼|一下|下|一份|看)*(?:里)?(?:吧|呗|哈|啊)?(?=$|[\s，,])|(?:链接|图片?|照片|视频|报价单?|合同|模板|尺码表|二维码|收款码)呢[?？]?$"
)
_OWN_PAYMENT: Final = re.compile(
    r"[\s，,]*(?:差价|运费|邮费|钱)?我(?:来|会|再|给你)?(?:补|付|出)[^\s，,。]{0,4}(?=$|[\s，,。])"
)
_AT_HAND: Final = re.compile(r"(?:拿来|拿过来|拿出来|拿给我)(?:给我)?(?:看|试|瞧|比)")
_ADDRESS: Final = re.compile(r"[\w.+-]+@[\w.-]+|\d{7,}")
_SHOWS_NOTHING: Final = re.compile(r"^(?:发|拍|拿|传)(?:吧|了|来|货)?$|发货|发票|发过|发了|拍了|拍下")
_WHO: Final = re.compile(r"你们家?|您们|你家|您家|咱(?:们|家)?|[我俺]们?家?|[你您]")
_UNFIT: Final = re.compile(
    r"\d{5,}|[@\[\]{}<>〔〕]|://|哈哈|嘿嘿|呵呵|谢谢?|死|傻|骗|垃圾|[?？]|治(?!装)|正品|真货|过敏|无语|服了|过分"
    # untrue papers and labels, other people's data, the platform's own safeguards
    r"|[一二三四五六七八九\d]折|(?:成本|次品|内部|低|原)价|价格?写|写[低高少]|[申虚]报|报[低高]|报关|报成|算成|开成|当成|收据|样品|[九八]成?五?新|刷(?:一)?单|支付宝|[我你]微信|卡上|代付|货到?后?(?:再)?(?:付|给钱)|晚点[给付]|瞒"
    r"|(?:别|客|顾|其他|上个|前面)[^，,。]{0,4}[人客家]的?(?:电话|地址|订单|信息)|验证码|身份证|密码(?!锁|箱)|确认收货|改成[^，,。]{0,3}签收|(?:换|改)(?:成)?[^，,。]{0,3}(?:吊牌|大牌|标)|吊牌[^，,。]{0,3}[换改]|骂"
)


@lru_cache(maxsize=64)
def obliged(text: str) -> str:
    """What a customer asks the shop to do, as the shop says it; "" where nothing is, or it is no small matter.

    text: one normalised message. Prices, money back, remedies and what the platform forbids are never agreed to so.
    """
    text = _OWN_PAYMENT.sub("", _without_address(text)).strip()
    if not _LEAST <= len(text) <= MAX_READ or _FAVOURS.search(text) or _UNFIT.search(text):
        return ""
    clauses = [clause for clause in _BREAKS.split(text) if clause]
    if any(map(_ASKING.search, clauses)):
        return ""
    wishes = [_wish(clause) for clause in clauses]
    if not any(wishes):
        return ""
    first = next(place for place, wish in enumerate(wishes) if wish or _FIGURE.search(clauses[place]))
    rest = [
        wish or _told(clause)
        for wish, clause in zip(wishes[first:], clauses[first:], strict=True)
        if wish or not _SUBJECT.match(clause)
    ]
    found = "，".join(filter(None, rest))
    return said_back(found) if _LEAST <= len(found) <= _LONGEST else ""


def wants_shown(text: str) -> bool:
    """Whether a customer asks for pictures, a pattern or a paper to be sent (发我瞧瞧, 模板给我发邮箱)."""
    text = _without_address(text)
    if (paper := _PAPER.search(text)) is not None and len(text) <= _LONGEST:
        return not _ASKING.search(text[: paper.start()])
    if len(text) <= _LONGEST and _AT_HAND.search(text) and not _ASKING.search(text):
        return True
    return len(text) <= _LONGEST and _SHOW.match(text) is not None and not _SHOWS_NOTHING.search(text)


@lru_cache(maxsize=64)
def echoed(text: str) -> str:
    """What a customer tells, as the shop says it back; "" for questions and what is better not said back."""
    if not _LEAST <= len(text) <= MAX_READ or _UNFIT.search(text) or _ASKING.search(text):
        return ""
    found = "，".join(filter(None, map(_told, _BREAKS.split(text))))
    return said_back(found) if _LEAST < len(found) <= _LONGEST else ""


def _without_address(text: str) -> str:
    """A message without addresses of the mail and long numbers, "" for one that is too long to be looked at."""
    return _ADDRESS.sub("", text).strip() if len(text) <= _WITH_ADDRESS else ""


def said_back(text: str) -> str:
    """A customer's words in the shop's mouth: 我 is 您, 你 is 我, sizes and short names in capitals."""
    swapped = _WHO.sub(_other_side, text)
    return LETTERS.sub(lambda found: found[0].upper(), swapped)


def _other_side(found: re.Match[str]) -> str:
    who = found[0]
    if who[0] in "你您":
        return "我们" if len(who) > 1 else "我"
    return "您家" if who[-1] == "家" else "您"


def _told(clause: str) -> str:
    return _TAILS.sub("", _OPENS.sub("", clause)) or ""


def _wish(clause: str) -> str:
    """What a clause asks to be done, "" for none."""
    if (
        _NONE.search(clause)
        or _EITHER_WAY.search(clause)
        or (_SUBJECT.match(clause) and not _HELP.search(clause))
    ):
        return ""
    bare = _OPENS.sub("", clause)
    helped = _HELP.search(bare)
    body = (
        bare[helped.end() :]
        if helped and helped[0][-1] != "我"
        else re.sub(r"^(再|先|也)?[帮替]我", r"\1", bare)
    )
    body = _TAILS.sub("", body)
    if len(body) < _LEAST or (_PAST.search(body) and not _PLEAD.search(clause)):
        return ""
    if (refused := _NOT.match(body)) is not None:
        return f"{'先' if refused[0][0] == '先' else ''}不{body[refused.end() :]}"
    plain = _DOES.match(body) is not None and (len(body) > _LEAST or _PLEAD.search(clause) is not None)
    return body if plain or _MARKED.search(clause) else ""
