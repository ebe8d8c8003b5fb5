"""Who is to wear it and how they like it, what was measured with a tape, and how it was washed.

Lengths and girths come out in centimetres (「衣长现在 62」 -> 衣长 62 cm, 「腰围二尺四」 -> 腰围 80 cm); what something
measured before comes out as 原衣长 and so on. A message tells by its matter whether a body or a garment was measured.
"""

from __future__ import annotations

from typing import Final

from app import regex as re
from app.nlu.slot_base import CHINESE, Finder, Found, number, plain

SELF: Final = "自己"
LOOSE, FITTED, SLIM = "宽松", "合身", "修身"

# dimension -> its names, and what is believable in cm
_DIMENSIONS: Final[dict[str, tuple[str, float, float]]] = {
    "衣长": ("衣长|后中长|身长", 25, 160),
    "胸围": ("胸围|胸宽", 35, 170),
    "肩宽": ("肩宽", 20, 70),
    "袖长": ("袖长|袖子长?", 8, 95),
    "腰围": ("腰围|裤腰|裙腰", 40, 160),
    "臀围": ("臀围|屁股围", 55, 180),
    "裤长": ("裤长|裤腿长?|裤子长", 20, 130),
    "裙长": ("裙长|裙子长", 20, 150),
    "大腿围": ("大腿围", 30, 100),
}
DIMENSIONS: Final = tuple(_DIMENSIONS)
_NAMES: Final = {
    re.sub(r"[长?]{2}$", "", name): dimension
    for dimension, (names, _, _) in _DIMENSIONS.items()
    for name in names.split("|")
}
_DIM: Final = "|".join(names for names, _, _ in _DIMENSIONS.values())
_NUM: Final = rf"(?:{CHINESE}尺{CHINESE}?|[1-4]尺[0-9]?|[0-9]{{1,3}}(?:\.[0-9])?(?![0-9./])|[一二三四五六七八九]?[十百]{CHINESE}{{0,4}})"
_UNIT: Final = r"\s?(?:cm|公分|厘米)?"
_FILL: Final = r"(?:平铺|量了?[下出]?[来]?|是|有|为|大概|大约|差不多|约|才|就|只|还|[:=\s])*"
_THEN: Final = r"(?:原来|原先|原本|本来|洗之?前|之前|买[来回]的?时候?|刚买|新的?时?|以前|标的?|表上|从)"
_NOW: Final = r"(?:现在|如今|洗之?后|洗完|洗了|变成?了?|变[为到]?|缩[成到]了?|成了|剩|只剩|到|这会儿?)"
_BOTH: Final = re.compile(
    rf"(?:(?P<dim>{_DIM}){_FILL}{_THEN}|{_THEN}的?(?P<dim2>{_DIM})){_FILL}(?P<was>{_NUM}){_UNIT}[^0-9。;!?\n]{{0,4}}?"
    rf"{_NOW}(?:{_DIM})?{_FILL}{_NOW}?{_FILL}(?P<now>{_NUM}){_UNIT}"
)
_TURNED: Final = re.compile(
    rf"(?P<dim>{_DIM}){_FILL}{_NOW}?{_FILL}(?P<now>{_NUM}){_UNIT}[^0-9。;!?\n]{{0,3}}?{_THEN}的?(?:{_DIM})?{_FILL}(?P<was>{_NUM}){_UNIT}"
)
_PLAIN: Final = re.compile(
    rf"(?P<dim>{_DIM}){_FILL}(?P<was>{_NUM}){_UNIT}\s?{_NOW}{_FILL}(?P<now>{_NUM}){_UNIT}"
)
_ONE: Final = re.compile(rf"(?P<dim>{_DIM}){_FILL}{_NOW}?{_FILL}(?P<now>{_NUM}){_UNIT}(?!\s?[斤码号%折元块])")
_LOST: Final = re.compile(
    rf"(?:(?P<dim>{_DIM})[^0-9,。;!?\n]{{0,4}})?(?:短|缩|小|窄)(?:水|掉)?了?(?:有|得有|大概|差不多|快|将近)?"
    rf"(?P<lost>[0-9]{{1,2}}(?:\.[0-9])?|[一两二三四五六七八九十]{{1,2}})\s?(?:多|来)?(?:cm|公分|厘米)"
)
_PEOPLE: Final[dict[str, str]] = {
    "妈妈": "我?妈妈?|老妈|我?老娘|俺娘|母亲|丈母娘|岳母",
    "爸爸": "我?爸爸?|老爸|老爹|俺爹|父亲|岳父",
    "婆婆": "婆婆",
    "公公": "(?:我|俺)公公",
    "奶奶": "奶奶|姥姥|外婆|老太太",
    "爷爷": "爷爷|姥爷|外公|老爷子",
    "老公": "老公|我家那位|孩子他?爸",
    "老婆": "老婆|媳妇",
    "男朋友": "男朋友|男票|男友",
    "女朋友": "女朋友|女票|女友",
    "对象": "对象",
    "儿子": "儿子|男孩",
    "女儿": "女儿|闺女|女孩",
    "孩子": "孩子|小孩|宝宝|娃娃?",
    "姐姐": "姐姐|我姐",
    "妹妹": "妹妹|我妹",
    "哥哥": "哥哥|我哥",
    "弟弟": "弟弟|我弟",
    "同事": "同事",
    "朋友": "(?<![男女])朋友|闺蜜|室友",
}
_PERSON: Final = re.compile(
    r"(?=[丈俺儿同哥外女奶妈妹姐姥娃婆媳孩宝室对小岳弟我朋本母父爷爸男老自闺])(?:"
    "(?P<other>" + "|".join(_PEOPLE.values()) + ")(?!说|夸|觉得|评价|让我|给我|推荐)"
    r"|(?P<self>(?:我|本人|俺)(?:自己|本人)?)(?=(?:的|是|身高|体重|净身高|大概|大约|个子|有|净重|男|女|,|\s){0,3}[0-9一])|(?P<alone>我自己|自己穿)"
    r")"
)
_PERSON_OF: Final = tuple((name, re.compile(words)) for name, words in _PEOPLE.items())
_ABOUT_WEARING: Final = re.compile(r"[0-9]{2}|[斤米]|[呢穿码号尺松紧宽修]|合[适身]")
_LIKE: Final = r"(?:喜欢|想要?|要|爱|偏好|希望|习惯|平时都?|追求)(?:穿|买)?(?:得|的)?(?:稍微|比较|更|偏)?"
_FIT: Final = re.compile(
    r"(?=[o不习修偏刚别合喜大宽希平想显松正爱紧要贴追])(?:"
    rf"(?:{_LIKE}|(?=\S{{2,8}}[点些]))(?:(?P<loose>宽松|宽大|松快|宽绰|松垮|松|大|oversize)|(?P<slim>修身|紧身|贴身|显身材|紧)|(?P<fitted>合身|刚好|正好|合体))(?:一?点|一?些|的|款|$|[,。!?;~ ])"
    r"|(?P<dislikes>(?:不喜欢|别|不要|不想)(?:太|穿)?(?:紧|勒|贴身|修身|紧身))|(?P<dislikes_loose>(?:不喜欢|别|不要|不想)(?:太|穿)?(?:松|宽松|宽|大))"
    r")"
)
_WASH: Final = re.compile(
    r"(?<![能可以会不没])(?P<way>机洗|手洗|干洗|洗衣机|水洗|送洗|干洗店|烘干|烘过|暴晒|脱水|漂白|84|搓)(?![吗么不标])"
)
_WAYS: Final = {"洗衣机": "机洗", "干洗店": "干洗", "烘过": "烘干", "84": "漂白", "搓": "手洗"}
_HEAT: Final = re.compile(
    r"(?P<degrees>[2-9][0-9])\s?(?:度|℃|°c?)(?:的?[水温洗])?|(?P<word>冷水|凉水|温水|热水|开水|常温水?)(?!器)"
)
_PLACE: Final = re.compile(
    "(?P<place>袖口|腋下|胳肢窝|腋窝|领口|领子|下摆|后背|前胸|大腿内侧|大腿根|膝盖|裤裆|裆部|屁股|口袋|袖子|全身|浑身|到处|背包带|肩膀)"
    "(?=[^,。;!?\\n长短宽窄大小紧松]{0,4}(?:都|就|那|这|处|起|有|全|也|破|掉|毛|球|脱|开|磨))"
)
_STAINED: Final = re.compile(
    r"(?:染|串|沾)(?:到|上|花|红|坏|黑|蓝|黄)了?(?:我|我的|别的|其他的?|其它的?)*(?P<what>[^,。;!?\n的了]{2,8})"
)
_WEAR_TRIGGERS: Final = frozenset("妈爸娘爹婆公奶姥爷老儿女男孩宝娃姐妹哥弟事友我俺自对岳父母")
_FIT_TRIGGERS: Final = frozenset("松紧合身宽修贴大")
_TAPE_TRIGGERS: Final = frozenset("长围宽袖腰裤裙短缩小窄")
_WASH_TRIGGERS: Final = frozenset("洗烘晒脱漂搓度℃水染串沾")
_PLACE_TRIGGERS: Final = frozenset("袖腋胳领摆背胸腿膝裆屁袋身处肩")


def find_wear(text: str, letters: set[str]) -> Finder:
    """穿的人, 松紧, lengths and girths, 缩了, 洗法, 水温, 部位, 染到. letters: those in text."""
    if not letters.isdisjoint(_TAPE_TRIGGERS):
        yield from _measures(text)
    if not letters.isdisjoint(_WEAR_TRIGGERS) and _ABOUT_WEARING.search(text):
        yield from _people(text)
    if not letters.isdisjoint(_FIT_TRIGGERS):
        yield from _fit(text)
    if not letters.isdisjoint(_WASH_TRIGGERS):
        yield from _washing(text)
    if not letters.isdisjoint(_PLACE_TRIGGERS):
        for match in _PLACE.finditer(text):
            yield Found("部位", match["place"], *match.span("place"))


def centimetres(text: str) -> float | None:
    """「62」 -> 62.0, 「2尺3」 and 「二尺三」 -> 76.7 (one 尺 is a third of a metre)."""
    if "尺" not in text:
        return number(text)
    whole, _, tenths = text.partition("尺")
    feet = number(whole)
    return None if feet is None else round((feet + (number(tenths) or 0) / 10) * 100 / 3, 1)


def _measures(text: str) -> Finder:
    for match in (found for pattern in (_BOTH, _TURNED, _PLAIN) for found in pattern.finditer(text)):
        named = match.groupdict()
        dimension = _dimension(named["dim"] or named["dim2"])
        was, now = centimetres(match["was"]), centimetres(match["now"])
        if _believable(dimension, was) and _believable(dimension, now):
            yield Found(f"原{dimension}", f"{plain(was or 0)} cm", *match.span("was"))
            yield Found(dimension, f"{plain(now or 0)} cm", *match.span("now"))
    for match in _LOST.finditer(text):
        lost = number(match["lost"])
        if lost is not None and 0 < lost <= 40:
            about = f"{_dimension(match['dim'])} " if match["dim"] else ""
            yield Found("缩了", f"{about}{plain(lost)} cm", *match.span("lost"))
    for match in _ONE.finditer(text):
        dimension, now = _dimension(match["dim"]), centimetres(match["now"])
        if _believable(dimension, now):
            yield Found(dimension, f"{plain(now or 0)} cm", *match.span("now"))


def _dimension(word: str) -> str:
    found = _NAMES.get(word) or _NAMES.get(word.removesuffix("长"))
    return found or next(name for name in DIMENSIONS if name[0] == word[0])


def _believable(dimension: str, value: float | None) -> bool:
    _, low, high = _DIMENSIONS[dimension]
    return value is not None and low <= value <= high


def _people(text: str) -> Finder:
    for match in _PERSON.finditer(text):
        if match["self"] or match["alone"]:
            yield Found("穿的人", SELF, match.start(), match.end())
            continue
        who = next((name for name, words in _PERSON_OF if words.fullmatch(match["other"])), match["other"])
        yield Found("穿的人", who, match.start(), match.end())


def _fit(text: str) -> Finder:
    for match in _FIT.finditer(text):
        if match["slim"] or match["dislikes_loose"]:
            wish = SLIM if match["slim"] else FITTED
        else:
            wish = FITTED if match["fitted"] else LOOSE
        yield Found("松紧", wish, match.start(), match.end())


def _washing(text: str) -> Finder:
    for match in _STAINED.finditer(text):
        yield Found("染到", match["what"], *match.span("what"))
    for match in _WASH.finditer(text):
        yield Found("洗法", _WAYS.get(match["way"], match["way"]), match.start(), match.end())
    for match in _HEAT.finditer(text):
        value = f"{match['degrees']} 度" if match["degrees"] else match["word"]
        yield Found("水温", value, match.start(), match.end())
