"""What a customer's message says about the case, in the words of the fact vocabulary: 洗过, 吊牌在, 签收天数, 场所 …

Only what is stated: questions (能机洗吗), conditions (要是洗了) and other people's things give no fact.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from app import regex as re
from app.nlu.slot_dates import MAX_DAYS
from app.nlu.slot_times import find_times, resolve
from app.nlu.text import Normalised
from app.types import Slot
from app.vocabulary import FACTS, NO, YES

MAX_READ: Final = 1000
_TIMES: Final = "[一二两三四五六七八九十几好多0-9]"
_CLAUSE: Final = "[^,。;!?\\n]"
_PICTURE: Final = "图片|照片|视频|图像|截图|image|img|photo|video"
_SIZE: Final = r"(?:[^,。;!?\n]{0,4}[码号]|(?<![a-z])(?:[2-5]?x{0,3}l|xs|[sm])(?![a-z])|(?:2[4-9]|3[0-9]|4[0-4])(?![0-9天块元号]))"
_ADVISER: Final = "(?:客服|你们?|您|店员|导购|店家|卖家|主播|小姐姐)"
_SHOP: Final = "(?:店里|门店|专柜|实体店|商场|线下|店铺里|你们店|柜台|专卖店)"
_CONTACT: Final = "(?:找|联系|反映|反馈|投诉|咨询|问|沟通)"
_US: Final = "(?:你们?|您|客服|售后|店)"
_BEFORE: Final = "(?:上次|之前(?!要)|前几天|昨天|前天|以前|上周)"
_INSISTS: Final = "(?<!要不)(?<!不)(?:必须|就[要想]|只[要想]|坚持要?|非要?|一定要|只(?:接受|同意)|只能)"

_Reading = tuple[str, str, tuple[str, ...]]
_WORDS: Final[tuple[_Reading, ...]] = (
    (
        "洗过",
        NO,
        (
            "(?<![跟像如])(?:没有?|未|不曾)(?:拿去|下水)?(?:下过?水|洗|过水)(?!干净|掉|坏|出)",
            "一次(?:都|也)没洗",
        ),
    ),
    (
        "洗过",
        YES,
        (
            rf"洗[了过完后]|一洗|第[一二三]次洗|洗{_TIMES}{{1,2}}[次遍回水]|洗的时候|洗出来",
            r"下了?(?:一次)?水(?!管)|过了(?:一遍|一次)?水|泡了|[机手干水]洗(?:的|后|完)",
        ),
    ),
    (
        "穿过",
        NO,
        (
            "(?<![跟像如])(?:没有?|未|不曾)(?:上过?身|穿)(?![几两上]|出|多久|多少)|一次(?:都|也)没穿",
            r"[只就]是?(?:在家)?试穿?[了过]",
        ),
    ),
    (
        "穿过",
        YES,
        (
            rf"(?<![试敢能法想人])(?<!人家)穿[了过](?!一?下)|(?<![试人])穿{_TIMES}{{1,2}}[次回天水](?!就能)|没穿(?:几|两|多少|多久)",
            rf"上身(?:了|{_TIMES}[次天])",
        ),
    ),
    (
        "吊牌在",
        NO,
        (
            rf"(?:吊牌|标签|吊卡){_CLAUSE}{{0,4}}(?<![没未有])(?:[剪拆摘扔撕丢]|不在了|不见|没了)(?!吗)",
            r"(?<![没未有])(?:剪|拆|摘|撕)[了掉下]{0,2}(?:吊牌|标签?(?!准))",
        ),
    ),
    (
        "吊牌在",
        YES,
        (
            rf"(?:吊牌|标签|吊卡|牌子){_CLAUSE}{{0,3}}(?:在(?!哪)|[没未]有?[剪拆摘动撕扔]|完好|齐全|挂着|留着)",
            r"(?:没有?|未)[剪拆摘撕动][过掉]?(?:吊牌|标|牌)",
        ),
    ),
    (
        "有凭证",
        NO,
        (
            rf"(?:没有?|忘了?){_CLAUSE}{{0,3}}(?:拍照|拍视频|照片|录像|录视频|凭证|证据|截图)",
            rf"(?:照片|视频|截图){_CLAUSE}{{0,2}}(?:删了|没了|没留|没拍)|(?:没法|拍不了|不方便)拍",
        ),
    ),
    (
        "有凭证",
        YES,
        (
            rf"[\[<(【](?:{_PICTURE})[^\]>)】\n]{{0,8}}[\]>)】]|\.(?:jpe?g|png|mp4|heic)|[如见][上下附]?图|(?<!看)看图(?!片)",
            rf"(?:{_PICTURE})(?:为证|已?经?都?发|在这|传|给你)",
            rf"发(?:了|过|给?你|给?您|过去)了?[几一]?张?(?:{_PICTURE}|图)",
            rf"(?:有|留了?|保?存了?){_CLAUSE}{{0,5}}(?:照片|截图|录像|视频|记录|凭证|证据|小票)",
            r"拍了(?:照|视频|图|几?张|下来|开箱)|录了?(?:视频|像|开箱)",
        ),
    ),
    (
        "场所",
        "门店",
        (
            rf"[在去到是]{_CLAUSE}{{0,4}}{_SHOP}{_CLAUSE}{{0,6}}[买试拿购挑]",
            rf"{_SHOP}(?:里|这边|那边)?[买拿购]",
        ),
    ),
    ("场所", "线上", (r"网购|(?:网上|线上|网店|直播间|网络上)[^,。;!?\n不]{0,4}(?:买|下的?单|拍|购)",)),
    (
        "会员",
        "普通",
        (
            rf"(?:不是|没有?(?:办|注册)?|非){_CLAUSE}{{0,3}}(?:会员|vip)",
            "第一次在你们?[家店]?里?买|(?<![限对])新(?:客户?|顾客)(?!专|价|礼|才)",
        ),
    ),
    (
        "会员",
        "VIP",
        (
            "(?<![^,。;!?\\s是我都们算家店的])(?<!不是)(?<!不算)老(?:顾客|客户|主顾|粉丝?|买家|会员|客)|回头客|常客",
            rf"(?:是|作为|当了|我){_CLAUSE}{{0,6}}(?:会员|vip)(?!价|日|卡|费|怎|吗|要?扣|专)",
            r"买了(?:好几|[两三四五六七八九十]|很多|这么多)年|经常[来在]你?们?这?[家店里]?[^,。;!?\n]{0,2}买",
        ),
    ),
    ("来访", "首次", ("第一次来?(?:找|联系|咨询|问)",)),
    (
        "来访",
        "再次",
        (
            rf"又来[了找问]|{_BEFORE}{_CLAUSE}{{0,6}}(?:{_CONTACT}[过了]?{_US}|[跟和]{_US}{_CLAUSE}{{0,2}}(?:说|{_CONTACT}))",
            rf"{_BEFORE}的?(?:客服|售后|你们?)[也就都还]?(?:说|答应|承诺|告诉)",
            r"第[二三四五六2-9n]次(?:来|找|联系|反映|问|投诉)",
            r"(?:找|联系|问|催|(?<!事)(?<!事情)说|反映|投诉)过?(?:你们?|您|客服|售后)?[都了]?好?[几两三四五六n2-9](?:次|遍|回)",
            r"说过(?:很多|好几|几|多少)[次遍]|又来?(?:找|联系)你们?|联系过(?:你们?|客服|售后)",
        ),
    ),
    ("坚持换货", NO, (r"(?:不[想用]|不要|不需要)(?:给我)?换(?!季|客服|人)|(?<!退)不换了|换货就?算了",)),
    (
        "坚持换货",
        YES,
        (rf"{_INSISTS}(?:给我|你们|马上|立刻|帮我)?[^,。;!?\n退不]{{0,3}}换(?!季|客服|人|算|洗|了)",),
    ),
    (
        "客服推荐尺码",
        NO,
        (
            r"自己(?:选|挑|定|拍|估|看(?!看|$|[,。!]))的?(?:[^,。;!?\n]{0,3}[码号]|尺|的|$|[,。!])",
            r"没有?[问听按]过?(?:你们?|客服|推荐)",
        ),
    ),
    (
        "客服推荐尺码",
        YES,
        (
            rf"{_ADVISER}{_CLAUSE}{{0,5}}(?:推荐|建议){_CLAUSE}{{0,5}}{_SIZE}",
            rf"{_ADVISER}{_CLAUSE}{{0,4}}[说让叫]{_CLAUSE}{{0,8}}[穿拍买选够]{_CLAUSE}{{0,3}}{_SIZE}",
            rf"[按照听][着了]?{_ADVISER}{_CLAUSE}{{0,3}}(?:推荐|建议|说)的?{_CLAUSE}{{0,3}}(?:[码号买拍选]|尺)|(?:客服|店员|导购|主播|你们)(?:给我)?推荐的",
        ),
    ),
)
READINGS: Final = tuple((fact, value, re.compile("|".join(words))) for fact, value, words in _WORDS)
"""The readings of a fact in order: what denies it is tried before what states it."""

_UNSURE: Final = re.compile(
    r"会不会|能不能|可不可以|可以不可以|是不是要|要不要|[能会可][^,。;!?\n]{0,8}吗|怎么洗|如何洗|如果|要是|假如|万一|什么码|哪个码|多大码|推荐[一个下什哪]|据说|听说|有人说|人家说|别人|同事|注意|帮我?推荐"
)
_ASKS: Final = frozenset({"洗过", "穿过", "客服推荐尺码", "坚持换货"})
_ELSEWHERE: Final = re.compile("[跟和比]|之前|以前|上回|再也不|以后")
TRIGGERS: Final = {
    "洗过": frozenset("洗水泡"),
    "穿过": frozenset("穿身试"),
    "吊牌在": frozenset("吊标牌"),
    "有凭证": frozenset("图照视录证票拍截.go"),
    "场所": frozenset("店柜商线网直"),
    "会员": frozenset("会v买客老常"),
    "来访": frozenset("次又上之前昨以遍回联找"),
    "坚持换货": frozenset("换"),
    "客服推荐尺码": frozenset("自问听按推建说让叫照"),
}
"""The characters of which one stands in whatever states a fact."""


def facts_from(
    message: Normalised, slots: Iterable[Slot], now: datetime | None = None
) -> dict[str, str | int]:
    """Fact -> value for what the message states; slots: those found in it; now: the present in the shop's time zone."""
    text = message.text[:MAX_READ]
    facts: dict[str, str | int] = {}
    letters = set(text)
    stated = {fact for fact, triggers in TRIGGERS.items() if not triggers.isdisjoint(letters)}
    for fact, value, words in READINGS if stated else ():
        if fact in stated and fact not in facts:
            match = words.search(text)
            if match and not _unsure(fact, text, match):
                facts[fact] = value
    facts |= _from_slots(tuple(slots), text, now)
    if facts.get("平台") in ("淘宝", "京东", "抖音", "拼多多"):
        facts.setdefault("场所", "线上")
    return facts


def _unsure(fact: str, text: str, match: re.Match[str]) -> bool:
    """Whether the clause around a match asks or supposes instead of telling."""
    if fact == "场所" and match[0] != "网购":
        return _ELSEWHERE.search(text[max(0, match.start() - 6) : match.end()]) is not None
    if fact not in _ASKS:
        return False
    start = max((text.rfind(mark, 0, match.start()) for mark in ",。;!?\n"), default=-1) + 1
    ends = [at for mark in ",。;!?\n" if (at := text.find(mark, match.end())) >= 0]
    return _UNSURE.search(text, start, min(ends, default=len(text))) is not None


def _from_slots(slots: tuple[Slot, ...], text: str, now: datetime | None) -> dict[str, str | int]:
    """签收天数, 急用日期 and 平台; dates that took a calendar are told now that today is known."""
    facts: dict[str, str | int] = {}
    came = next((slot.value for slot in slots if slot.name == "签收天数"), None)
    if came is None and now is not None and any(slot.name == "日期" for slot in slots):
        came = next((found.value for found in find_times(text, now) if found.name == "签收天数"), None)
    if came is not None and came.isdigit() and int(came) <= MAX_DAYS:
        facts["签收天数"] = int(came)
    for slot in slots:
        if slot.name == "急用日期" and "急用日期" not in facts:
            day = resolve(slot.value, now, "future") if now is not None else slot.value
            if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", day):
                facts["急用日期"] = day
        elif slot.name == "平台" and slot.value in FACTS["平台"]:
            facts.setdefault("平台", slot.value)
    return facts
