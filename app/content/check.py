"""What a careful editor would find in content that loads: duplicates, contradictions, forbidden or over-long wording."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import chain
from typing import Final, Literal, TypeVar

from rapidfuzz import fuzz, process

from app import regex as re
from app.content.integrity import Finding, intent_file, locate
from app.content.load import Loaded, Problem
from app.content.model import Content, Intent, Script
from app.content.template import compile_template

Level = Literal["error", "warning"]
_Entry = TypeVar("_Entry", Intent, Script)

LONG_BUBBLE: Final = 80
TOO_LONG_BUBBLE: Final = 140
ALIKE: Final = 90.0
EXAMPLES_ALIKE: Final = 96.0
MIN_HELD_OUT: Final = 5

_FORBIDDEN: Final = (
    (re.compile(r"最好的|最便宜|最低价|全网最|第一品牌|绝对(?:不会|没有|不)|百分之?百|100%|永不|永远不会|国家级|顶级|保证不(?:会|起|掉|缩|褪)|肯定不会"), "绝对化的说法"),
    (re.compile(r"(?:五星|好评|晒图|截图)[^。！？]{0,12}(?:返现|返红包|送券|送优惠|有礼|返[0-9]+|红包)"), "用好处换评价"),
    (re.compile(r"(?:删|改|修改|追)(?:掉|除|下|一下)?(?:这条|您的|那条)?(?:差|中|好)?评[^。！？不]{0,16}(?:返|补|退|给您|红包|送)"), "用好处换改评、删评"),
    (re.compile(r"加(?:一?下)?(?:我|您|客服)?(?:的)?(?:微信|v信|薇信|QQ|qq)|转(?:到)?您?的?(?:微信|支付宝)|私下(?:转账|打款|处理)|线下(?:转账|付款|交易)|扫码(?:付款|转账)"), "引导离开平台交易"),
    (re.compile(r"(?:是|都是)您(?:自己)?(?:洗坏|弄坏|穿坏|操作不当|没洗好|不会洗)|您自己(?:的)?(?:责任|问题|原因)(?!也|，我们也)"), "责怪顾客"),
    (re.compile(r"国家标准(?:范围)?(?:内|以内)|属于正常现象|这是正常(?:的)?现象"), "没有检测就下结论"),
    (re.compile(r"(?:您|请)(?:自己|自行)?(?:去)?找(?:快递|物流|厂家|平台)(?!人)|跟我们(?:店)?没(?:有)?关系|我们管不了|不归我们管"), "推脱"),
    (re.compile(r"(?:三|3)天后.{0,8}厂家|先联系(?:我们|客服).{0,6}再申请(?:退款|售后)"), "拖延或妨碍顾客申请"),
    (re.compile(r"敲诈勒索犯|你这是敲诈|报警抓|后果自负|黑名单"), "威胁顾客"),
)  # fmt: skip
_DAYS: Final = re.compile(r"([0-9一二两三四五六七八九十]{1,3})\s*(?:天|日)(?:内)?(?:无理由|无条件)")
_HAN: Final = {name: number for number, name in enumerate("零一二三四五六七八九十")} | {"两": 2, "十五": 15}


def check(loaded: Loaded, today: date) -> list[Problem]:
    """All problems, those of loading included, sorted by file and line."""
    problems = list(loaded.problems)
    if loaded.content is not None:
        problems += [_problem(loaded, finding, "error") for finding in _errors(loaded.content, today)]
        problems += [_problem(loaded, finding, "warning") for finding in _warnings(loaded.content)]
    return sorted(problems)


def _problem(loaded: Loaded, finding: Finding, level: str) -> Problem:
    def line(file: str, path: tuple[str | int, ...]) -> int:
        return loaded.parsed[file].line(path) if file in loaded.parsed else 0

    file, number = locate(loaded.parsed, line, finding[0])
    return Problem(file, number, finding[1], "error" if level == "error" else "warning")


def entry_findings(content: Content, entry: Intent | Script, today: date) -> Iterator[tuple[Finding, Level]]:
    """What `check` would say of one entry, which need not be in the content yet."""
    if isinstance(entry, Script):
        content = replace(content, scripts=_last(content.scripts, entry.id, entry))
        errors = chain(_script_errors(content, entry, today), _same_scripts(content, _cell(entry)))
        warnings = chain(_long_bubbles(entry), _ahead_of_nothing(content, entry))
        mine = f"script:{entry.id}"
    else:
        content = replace(content, intents=_last(content.intents, entry.id, entry))
        errors = chain(_contradicting_examples(content), _speechless(content))
        warnings = chain(_alike_examples(entry), _few_held_out(entry))
        mine = intent_file(entry)
    for level, findings in (("error", errors), ("warning", warnings)):
        for finding in findings:
            if finding[0][0] == mine:
                yield finding, "error" if level == "error" else "warning"


def _last(entries: dict[str, _Entry], name: str, entry: _Entry) -> dict[str, _Entry]:
    """The entries with this one last, so that of two that are alike it is the one told of."""
    return {**{key: value for key, value in entries.items() if key != name}, name: entry}


def _errors(content: Content, today: date) -> Iterator[Finding]:
    yield from _contradicting_examples(content)
    yield from _same_scripts(content)
    yield from _speechless(content)
    for script in content.scripts.values():
        yield from _script_errors(content, script, today)


def _script_errors(content: Content, script: Script, today: date) -> Iterator[Finding]:
    yield from _wording(content, script)
    if script.valid is not None and script.valid.until is not None and script.valid.until < today:
        yield (f"script:{script.id}", ("valid",)), f"话术「{script.id}」{script.valid.until} 已经过期"


def _warnings(content: Content) -> Iterator[Finding]:
    for intent in content.intents.values():
        yield from _alike_examples(intent)
        yield from _few_held_out(intent)
    for script in content.scripts.values():
        yield from _long_bubbles(script)
        yield from _ahead_of_nothing(content, script)


def _few_held_out(intent: Intent) -> Iterator[Finding]:
    if len(intent.held_out) < MIN_HELD_OUT:
        yield (
            (intent_file(intent), ("held_out",)),
            f"考题只有 {len(intent.held_out)} 句，至少要 {MIN_HELD_OUT} 句",
        )


def _ahead_of_nothing(content: Content, script: Script) -> Iterator[Finding]:
    for index, other in enumerate(script.ahead_of):
        if other not in content.scripts:
            yield (
                (f"script:{script.id}", ("ahead_of", index)),
                f"「{other}」已经没有了，不用排在它前面",
            )


def _long_bubbles(script: Script) -> Iterator[Finding]:
    for index, bubble in enumerate(script.bubbles):
        length = len(compile_template(bubble).render({}, {}).text)
        if LONG_BUBBLE < length <= TOO_LONG_BUBBLE:
            yield (
                (f"script:{script.id}", ("bubbles", index)),
                f"这条气泡有 {length} 个字，最好不超过 {LONG_BUBBLE}",
            )


def _wording(content: Content, script: Script) -> Iterator[Finding]:
    for index, bubble in enumerate(script.bubbles):
        place = (f"script:{script.id}", ("bubbles", index))
        text = compile_template(bubble).render({}, {}).text
        if len(text) > TOO_LONG_BUBBLE:
            yield place, f"这条气泡有 {len(text)} 个字，超过 {TOO_LONG_BUBBLE}，请拆开"
        for pattern, what in _FORBIDDEN:
            found = pattern.search(text)
            if found:
                yield place, f"「{found[0]}」：{what}"
        for found in _DAYS.finditer(text):
            days = int(found[1]) if found[1].isdigit() else _HAN.get(found[1], 0)
            if days and days != content.shop.policy.return_days:
                yield (
                    place,
                    f"「{found[0]}」和 shop.yaml 的 {content.shop.policy.return_days} 天无理由不一致，请用 {{{{ 无理由天数 }}}}",
                )


def _contradicting_examples(content: Content) -> Iterator[Finding]:
    """The same sentence taught twice with different intents."""
    taught: dict[str, tuple[str, frozenset[str]]] = {}
    for intent in content.intents.values():
        said: set[str] = set()
        for index, example in enumerate(intent.examples):
            labels = frozenset({intent.id, *example.also})
            before = taught.setdefault(example.text, (intent.id, labels))
            if before[1] != labels:
                yield (
                    (intent_file(intent), ("examples", index)),
                    f"「{example.text[:30]}」在「{before[0]}」里标的意图不一样：{'、'.join(sorted(before[1] ^ labels))}",
                )
            elif example.text in said:
                yield (intent_file(intent), ("examples", index)), f"「{example.text[:30]}」写了两次"
            said.add(example.text)
        held = {example.text for example in intent.held_out}
        for index, example in enumerate(intent.examples):
            if example.text in held:
                yield (intent_file(intent), ("examples", index)), f"「{example.text[:30]}」同时是样例和考题"


def _alike_examples(intent: Intent) -> Iterator[Finding]:
    texts = [example.text for example in intent.examples]
    for index, text in enumerate(texts[1:], start=1):
        found = process.extractOne(text, texts[:index], scorer=fuzz.ratio, score_cutoff=EXAMPLES_ALIKE)
        if found is not None and found[0] != text:
            yield (intent_file(intent), ("examples", index)), f"和「{found[0][:30]}」几乎一样"


def _cell(script: Script) -> tuple[str, str, str]:
    return script.pack, script.intent, script.stage


def _same_scripts(content: Content, only: tuple[str, str, str] | None = None) -> Iterator[Finding]:
    """Scripts of one intent and stage that say almost the same, small rewordings to be tried beside theirs excepted.

    only: of this pack, intent and stage.
    """
    cells: dict[tuple[str, str, str], list[Script]] = defaultdict(list)
    for script in content.scripts.values():
        if only is None or _cell(script) == only:
            cells[_cell(script)].append(script)
    for cell in cells.values():
        texts = ["".join(script.bubbles) for script in cell]
        for index, script in enumerate(cell[1:], start=1):
            others = [None if _reworded(script, cell[at]) else texts[at] for at in range(index)]
            found = process.extractOne(texts[index], others, scorer=fuzz.ratio, score_cutoff=ALIKE)
            if found is not None:
                other = cell[found[2]].id
                way = f"改了几个字想和原来的比一比，就在「排在这些话术前面」里写上 {other}"
                yield (
                    (f"script:{script.id}", ("bubbles",)),
                    f"话术「{script.id}」和「{other}」几乎一样。留一条；{way}",
                )


def _reworded(one: Script, other: Script) -> bool:
    """Whether two scripts stand beside each other on purpose and don't say the very same."""
    return one.bubbles != other.bubbles and (other.id in one.ahead_of or one.id in other.ahead_of)


def _speechless(content: Content) -> Iterator[Finding]:
    """Intents that would be recognised and then have nothing of their own to be answered with."""
    spoken = {name for script in content.scripts.values() for name in (script.intent, *script.also_for)}
    for intent in content.intents.values():
        if intent.id not in spoken and intent.id != "other":
            yield (intent_file(intent), ()), f"意图「{intent.name}」一条话术也没有"
