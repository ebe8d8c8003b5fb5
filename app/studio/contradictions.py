"""Scripts that promise something else than the shop's data, the rules or each other: days, hours, who pays for the way back.

What is compared is a subject (发货, 到账 …) with its number, sentence by sentence. A script that speaks of both sides itself
(「质量问题我们出，不喜欢您出」) is left alone, and so are scripts whose conditions exclude each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, Literal

from app import regex as re
from app.content.condition import Condition
from app.content.model import Content, Rule, Script
from app.content.shop import Shop
from app.content.template import compile_template
from app.nlu.slot_base import NUMBER, number
from app.nlu.text import normalise
from app.reply.guard_numbers import amounts, clashes

Kind = Literal["shop", "rule", "scripts"]
MOST: Final = 200
_PAIRS: Final = 20
_WE: Final = "(?:我们|我方|咱们|店里|店铺|本店|小店|商家|我)"
_PAYS: Final = "(?:来?出|来?承担|来?付|负责|担|安排|支付|全包|垫付)"
_FREIGHT: Final = "(?:运费|邮费|快递费)"
_OURS: Final = re.compile(
    rf"{_FREIGHT}[^，。；？！\n]{{0,6}}(?:由|归|是|算)?{_WE}(?:这?边)?(?:全部|都)?(?:{_PAYS}|的)"
    rf"|{_WE}(?:这?边)?(?:全部|都)?{_PAYS}[^，。；？！\n]{{0,4}}{_FREIGHT}"
    rf"|{_FREIGHT}[^，。；？！\n]{{0,6}}(?:不用|不让|不该|不需要?)(?:您|你|亲)"
)
_THEIRS: Final = re.compile(
    rf"{_FREIGHT}[^，。；？！\n不]{{0,6}}(?:由|归|要|得|需要?|麻烦|请)?(?:您|你|亲|顾客|买家)(?:这?边|自己|那边|自行)?{_PAYS}"
    rf"|{_FREIGHT}自理|(?<![不别没用该让])(?<!不会让)(?:您|你|亲)(?:自己|自行)?(?:来?出|承担)[^，。；？！\n]{{0,4}}{_FREIGHT}"
)
_SIDES: Final = {"店铺": "运费我们出", "顾客": "运费顾客出"}
_UNITS: Final = {"分钟": 1 / 60, "小时": 1.0, "天": 24.0, "日": 24.0, "个工作日": 0.0, "工作日": 0.0}
_TIME: Final = re.compile(
    rf"(?<![0-9第每半上下前近])({NUMBER})(?:\s*(?:到|至|-|~|—)\s*({NUMBER}))?\s*(分钟|小时|天|日|个?工作日)(?![一二三两]?[回次遍上下])"
)
_SUBJECTS: Final = (
    ("多久发货", re.compile("发货|发出|寄出|揽收")),
    ("多久到账", re.compile("到账|退款|退回|原路|打回")),
    ("多久送到", re.compile("送达|能到|就到|到货")),
    ("多久回话", re.compile("回您|回复|答复|联系您|给您结果|给结果|处理结果")),
    ("无理由退几天", re.compile("无理由|无条件")),
    ("几天内能换", re.compile("换货|包换|调换|能换")),
    ("保价几天", re.compile("保价|价保|补差价")),
)
_CLAUSE: Final = re.compile(r"[，。；！？,;!?\n]")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """scripts: one, or the two that disagree. says, against: the words on both sides. text: what is wrong, a sentence."""

    kind: Kind
    scripts: tuple[str, ...]
    says: str
    against: str
    text: str


@dataclass(frozen=True, slots=True)
class _Said:
    """What a script promises: subject -> the words and the span of hours (workdays count apart); who pays the freight."""

    script: Script
    times: Mapping[str, tuple[str, float, float]]
    freight: str
    words: str


def contradictions(content: Content) -> list[Contradiction]:
    """All that is found, the shop's own data first, at most MOST."""
    said = [_said(script) for script in content.scripts.values()]
    found = [
        *(one for each in said for one in _against_shops(each, content.shops.values())),
        *_against_rules(said, content),
        *_among(said),
    ]
    return found[:MOST]


def _said(script: Script) -> _Said:
    text = "\n".join(compile_template(bubble).render({}, {}).text for bubble in script.bubbles)
    times: dict[str, tuple[str, float, float]] = {}
    doubled: set[str] = set()
    for clause in _CLAUSE.split(text):
        found = _TIME.search(normalise(clause).text)
        subject = next((name for name, words in _SUBJECTS if words.search(clause)), None)
        if found is None or subject is None:
            continue
        low, high = number(found[1]), number(found[2] or found[1])
        scale = _UNITS[found[3]] or 1000.0
        if low and high:
            doubled |= {subject} & times.keys()
            times[subject] = (clause.strip(), low * scale, high * scale)
    ours, theirs = _OURS.search(text), _THEIRS.search(text)
    freight = "" if bool(ours) == bool(theirs) else "店铺" if ours else "顾客"
    words = (ours or theirs or [""])[0]
    kept = {subject: value for subject, value in times.items() if subject not in doubled}
    return _Said(script, kept, freight, words)


def _against_shops(said: _Said, shops: Iterable[Shop]) -> Iterator[Contradiction]:
    """Days that are written out although a shop says others, and a dispatch time longer or shorter than the shop's."""
    texts = [compile_template(bubble).render({}, {}).text for bubble in said.script.bubbles]
    for shop in shops:
        for text in texts:
            heard = normalise(text)
            for clash in clashes(heard.text, shop):
                words = heard.text[clash.start : clash.end]
                yield _shop(said.script, words, clash.shop_says, shop)
            limit = shop.authority.get("agent")
            for given in amounts(heard.text):
                if limit is not None and given.value > limit:
                    words = heard.text[given.start : given.end]
                    text = f"「{words}」超过店铺资料（{shop.name}）里客服的权限 {limit} 元"
                    yield Contradiction("shop", (said.script.id,), words, f"{limit} 元", text)
        ours = _TIME.search(normalise(shop.policy.dispatch).text)
        told = said.times.get("多久发货")
        if ours is None or told is None or (ours[3] in ("工作日", "个工作日")) != (told[1] >= 1000):
            continue
        hours = (number(ours[2] or ours[1]) or 0.0) * (_UNITS[ours[3]] or 1000.0)
        if hours and told[2] != hours:
            yield _shop(said.script, told[0], f"{shop.policy.dispatch}发货", shop)


def _shop(script: Script, words: str, says: str, shop: Shop) -> Contradiction:
    text = f"「{words}」和店铺资料（{shop.name}）的「{says}」不一致，改成变量就不会错"
    return Contradiction("shop", (script.id,), words, says, text)


def _against_rules(said: Sequence[_Said], content: Content) -> Iterator[Contradiction]:
    """Who pays the freight, where the script's conditions leave no doubt that the rule applies."""
    rules: dict[str, list[Rule]] = defaultdict(list)
    for rule in content.rules.values():
        if rule.outcome.freight in _SIDES:
            for intent in content.expand(rule.intents):
                rules[intent].append(rule)
    for each in said:
        script = each.script
        for rule in rules.get(script.intent, ()) if each.freight else ():
            if rule.outcome.freight != each.freight and _implied(rule.when, script.when):
                side = _SIDES[str(rule.outcome.freight)]
                text = f"话术说「{each.words}」，处理规则「{rule.title}」说{side}"
                yield Contradiction("rule", (script.id,), each.words, side, text)


def _among(said: Sequence[_Said]) -> Iterator[Contradiction]:
    cells: dict[tuple[str, str, str], list[_Said]] = defaultdict(list)
    for each in said:
        if each.times or each.freight:
            script = each.script
            cells[script.pack if script.common else "", script.intent, script.stage].append(each)
    for group in cells.values():
        found = 0
        for one, other in combinations(group, 2):
            if found >= _PAIRS or not _together(one.script.when, other.script.when):
                continue
            for contradiction in _between(one, other):
                found += 1
                yield contradiction


def _between(one: _Said, other: _Said) -> Iterator[Contradiction]:
    names = (one.script.id, other.script.id)
    for subject in one.times.keys() & other.times.keys():
        says, low, high = one.times[subject]
        against, least, most = other.times[subject]
        same_kind = (low >= 1000) == (least >= 1000)
        if same_kind and (high < least or most < low):
            text = f"同一种情况，{subject}说法不一：「{says}」和「{against}」"
            yield Contradiction("scripts", names, says, against, text)
    settled = "责任" in one.script.when or "责任" in other.script.when
    if one.freight and other.freight and one.freight != other.freight and not settled:
        text = f"同一种情况，运费说法不一：「{one.words}」和「{other.words}」"
        yield Contradiction("scripts", names, one.words, other.words, text)


def _implied(rule: Mapping[str, Condition], script: Mapping[str, Condition]) -> bool:
    """Whether whenever the script may be sent, the rule holds."""
    return all(fact in script and _within(script[fact], rule[fact]) for fact in rule)


def _within(inner: Condition, outer: Condition) -> bool:
    if inner.values or outer.values:
        return bool(inner.values) and set(inner.values) <= set(outer.values)
    low, high = _edges(inner)
    least, most = _edges(outer)
    return least <= low and high <= most


def _together(one: Mapping[str, Condition], other: Mapping[str, Condition]) -> bool:
    """Whether both may hold at once."""
    for fact in one.keys() & other.keys():
        mine, theirs = one[fact], other[fact]
        if mine.values and theirs.values:
            if not set(mine.values) & set(theirs.values):
                return False
        else:
            (low, high), (least, most) = _edges(mine), _edges(theirs)
            if high < least or most < low:
                return False
    return True


def _edges(condition: Condition) -> tuple[float, float]:
    low = float("-inf") if condition.low is None else condition.low
    return low, float("inf") if condition.high is None else condition.high
