"""What a customer who neither asks nor orders tells in a calm talk: figures, a place, a day, a wish, a doubt, a joke."""

from __future__ import annotations

from typing import Final

from app import regex as re

MAX_READ: Final = 120
_BRIEF: Final = 14
"""Letters that are looked at, and of a place."""

_PICTURE: Final = re.compile(r"^[\s，,]*[\[【(（](?:图片?|照片|视频|截图|文件)\d*[\]】)）][\s，,]*$")
_SHOWN: Final = re.compile(r"[\[【(（](?:图片?|照片|视频|截图|文件|表格)\d*[\]】)）]")
_FIGURES: Final = re.compile(
    r"\d{2,3}(?:\.\d)?|[一1]\s?米[一二三四五六七八九\d]|[一二三四两]尺|[一两]百[零一二三四五六七八九十]"
)
_FEW: Final = 32
"""Letters of a message that mostly tells figures."""
_BARE: Final = re.compile(
    r"^(?:\d{2,3}(?:\.\d)?[\s./，,]*){1,4}$|(?<![\d.])1[4-9]\d(?:cm)?[\s/,，]{1,3}\d{2,3}(?:斤|kg|公斤)?(?![\d.])"
)
_ASKED_FIGURES: Final = re.compile(
    r"多高|多重|多少斤|身高|体重|[腰胸臀脚头颈腿][围长]|脚长|穿(?:多大|什么码|几码)|码(?:数|的|呢)|尺寸|量(?:一)?[下量]|多少(?:呀|呢|$)|三围|几(?:公分|厘米)"
)
_ASKED_PLACE: Final = re.compile(
    r"(?:哪里|哪儿|哪个(?:城市|地方|区|省)|什么地方|寄到哪|您(?:那边|在)哪|哪的)[^，,。]{0,4}$"
)
_DAY: Final = re.compile(
    r"(?:\d{1,2}[号日]|周[一二三四五六日末]|下?个?月|国庆|五一|六一|中秋|春节|过年|元旦|圣诞|生日|婚礼|开学|[明后]天|下周|赶)[^，,。]{0,8}(?:要|用|穿|到|前|面试|出发|走|拜托|必须)|(?:要|用|穿|出发|走|面试|结婚|典礼)[^，,。]{0,6}(?:\d{1,2}[号日]|\d{1,2}月\d{1,2}|周[一二三四五六日末]|国庆|过年|生日)|\d{1,2}月\d{1,2}[^，,。]{0,4}(?:出发|要|用)"
)
_DONE: Final = re.compile(
    r"^(?:好(?:的|了)?|嗯|哦|ok|\s|，)*(?:我)?(?:已经)?(?:看[见到]|领[到了]|点|填|弄好|登记|加|拼成|关注|收藏|选好|改好|找到|入会|扫|转发|提交|发(?:你|您|过去))(?:了|好了|完了|啦|咯)?(?:谢谢)?$|^到了$|[弄搞办填设]好了$"
)
_LAUGHS: Final = re.compile(r"哈哈|嘿嘿|嘻嘻|呵呵|笑死|笑不活|😂|🤣|😆|😄|😁|lol|hhh|233")
_DOUBTS: Final = re.compile(
    r"(?<![还差别要])太(?!好|棒|感谢|可|会|贴)|有点|有些|怕(?![冷热晒])|还要[一两二三四五\d]|白送|不喜欢|不想|不敢|不太|不够|不合|贵|显|像(?!样)|会(?:掉|卡|勒|大|小|紧|滑|松)|也说|才[\d一二两三四五六七八九十几]|可惜|不了$|没(?:有)?[^，,。]{1,6}了|都没|没开|用不上|不送|不到|不方便|只有|一般|麻烦(?!了|你|您)|不习惯|不好|难|垮|掉出|阴影|丑|土|老气|夸张|还是[^，,。]{0,3}[紧松长短大小肥瘦]|零下|又得|少了|多了|高了|扎耳|傻"
)
_BODY: Final = re.compile(
    r"^(?!.*(?:看着|显))[^，,。]{0,6}(?:脖子|肩|腿|肚子|皮肤|个子|大头|头大|脚(?!踝|感|本)|胳膊|手臂|大臂|屁股|腰粗|(?:有点|比较|很|挺)(?:胖|瘦|矮|壮)|胸(?!垫)|胯|身高|体重)"
)
_SELF: Final = re.compile(
    r"^(?:我(?!要|先|再|就要|拿|拍|们|量)|她|他|孩子|宝宝|老人|女生|男生|我家|我妈|我爸|我婆婆|我老公|我老婆|爷爷|奶奶|儿子|女儿)|[穿用]的?$|喜欢|脖子|肩|腿|肚子|皮肤|个子|头大|脚背|胸|腰|胯|敏感|汗|家里|平时|上班|办公|通勤|出差|骑车|开车|带娃"
)

_DIRECTS: Final = re.compile(
    r"[\d〔]|[一两二三四五六七八九十][件条双套个份盒只]|[黑白灰红蓝绿黄粉紫米咖棕青杏驼]|[发写印绣记留贴送放拿拍寄改换加选挑签送带包装统报]|备注|地址|左|右|上面|下面|中间|要|就|按|给|帮|先|别|不用|和|跟|的$|还有"
)

_LATER: Final = re.compile(
    r"(?:明儿|明天|明早|回头|等下|等会|晚上|今晚|待会|回家|到家|周[一二三四五六日末]|下班)[^，,。]{0,8}(?:量(?!身)|问|拍给|发|给[你您]|统计|看看|让[他她]|报)|我(?:先|去|来)?量(?:一下|量|下)"
)
_NUMBERS: Final = re.compile("尾号|手机|电话|会员|密码|单号|卡号|验证码|预算|价位|多少钱|多少[件条套双]")
ASKS_BACK: Final = re.compile(
    r"(?:吗|呢|呀|么|哪[个款件种条]?|什么|多少|几[个件条套]|还是[^，,。]{1,8})[呀呢啊哦]?[?？~～]*$|[?？]$"
)
"""What ends an agent's question that takes some words for an answer."""


def _only_laughs_last(text: str) -> bool:
    """Whether a message says something first and laughs only at its end."""
    found = _LAUGHS.search(text)
    return found is not None and found.start() > _BRIEF


def remark(text: str, reply: str) -> str:
    """What a message that neither asks nor orders does; 应声 where it only goes along.

    text: the open turn, normalised. reply: the agent's latest message.
    """
    text = text[:MAX_READ]
    if _PICTURE.search(text) or (_SHOWN.search(text) and len(text) <= _BRIEF * 2):
        return "发图"
    if (_BARE.search(text) and not _NUMBERS.search(reply)) or (
        len(text) <= _FEW
        and _FIGURES.search(text)
        and _ASKED_FIGURES.search(reply)
        and not (_DAY.search(text) or _NUMBERS.search(reply))
    ):
        return "报数"
    if _ASKED_PLACE.search(reply) and len(text) <= _BRIEF:
        return "说地方"
    if _LATER.search(text):
        return "晚点给"
    for name, words in (
        ("办好了", _DONE),
        ("说日子", _DAY),
        ("玩笑", _LAUGHS),
        ("说情况", _BODY),
        ("有顾虑", _DOUBTS),
        ("说情况", _SELF),
    ):
        if words.search(text) and not (name == "玩笑" and _only_laughs_last(text)):
            return name
    if ASKS_BACK.search(reply):
        return "答了"
    return "给资料" if _DIRECTS.search(text) else "应声"
