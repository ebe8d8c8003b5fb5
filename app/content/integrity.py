"""What must hold between the files for a release to run at all: known ids, readable patterns, safe templates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from app.content.clocks import parse_time
from app.content.model import Content, GuardRule, Intent, Rule, Script, ScriptFile
from app.content.pattern import parse
from app.content.template import compile_template

Place = tuple[str, tuple[str | int, ...]]
"""A file and the path inside it."""

Finding = tuple[Place, str]


def findings(content: Content) -> Iterator[Finding]:
    """Everything that would keep the content from working, with its place."""
    yield from _groups(content)
    for intent in content.intents.values():
        yield from _intent(content, intent)
    for script in content.scripts.values():
        yield from _script(content, script)
    for name, guide in content.guides.items():
        yield from guide_findings(content, name, guide)
    for rule in content.rules.values():
        yield from _rule(content, rule)
    for kit in content.evidence.values():
        for index, name in enumerate(kit.intents):
            if not _known(content, name):
                yield (f"evidence:{kit.id}", ("intents", index)), f"没有「{name}」这个意图或分组"
    yield from _clocks(content)
    for guard in content.guard.values():
        yield from _guard(content, guard)


def entry_findings(content: Content, entry: Intent | Script | Rule | GuardRule) -> Iterator[Finding]:
    """The same for one entry, which need not be in the content yet."""
    if isinstance(entry, Intent):
        yield from _intent(content, entry)
    elif isinstance(entry, Script):
        yield from _script(content, entry)
    elif isinstance(entry, Rule):
        yield from _rule(content, entry)
    else:
        yield from _guard(content, entry)


def _rule(content: Content, rule: Rule) -> Iterator[Finding]:
    for index, name in enumerate(rule.intents):
        if not _known(content, name):
            yield (f"rules:{rule.id}", ("intents", index)), f"没有「{name}」这个意图或分组"


def _guard(content: Content, guard: GuardRule) -> Iterator[Finding]:
    for index, text in enumerate(guard.patterns):
        yield from _pattern(content, text, (f"guard:{guard.id}", ("patterns", index)))


def _clocks(content: Content) -> Iterator[Finding]:
    for index, clock in enumerate(content.clocks.values()):
        for name in clock.intents:
            if name not in content.intents:
                yield ("scripts_zh/clocks.yaml", (index, "intents")), f"没有「{name}」这个意图"
    names = {clock.name for clock in content.clocks.values()}
    for name, text in content.shop.policy.clocks.items() if names else ():
        if name not in names:
            yield ("scripts_zh/shop.yaml", ("policy", "clocks")), f"clocks.yaml 里没有「{name}」这个时钟"
        elif parse_time(text) is None:
            yield ("scripts_zh/shop.yaml", ("policy", "clocks", name)), f"「{name}」要写成「5 分钟」这样"


def _groups(content: Content) -> Iterator[Finding]:
    for group in content.groups.values():
        if group.asks and group.asks not in content.intents:
            yield ("intents/_groups.yaml", ()), f"分组「{group.id}」的 asks「{group.asks}」没有这个意图"


def _intent(content: Content, intent: Intent) -> Iterator[Finding]:
    file = intent_file(intent)
    if intent.group not in content.groups:
        yield (file, ("group",)), f"没有「{intent.group}」这个分组"
    for index, name in enumerate(intent.yields_to):
        if not _known(content, name):
            yield (file, ("yields_to", index)), f"没有「{name}」这个意图或分组"
    for key in ("examples", "not_examples", "held_out"):
        for index, sentence in enumerate(getattr(intent, key)):
            named = (*sentence.also, *((sentence.intent,) if getattr(sentence, "intent", None) else ()))
            for name in named:
                if name not in content.intents:
                    yield (file, (key, index)), f"没有「{name}」这个意图"
    for key in ("patterns", "weak_patterns"):
        for index, text in enumerate(getattr(intent, key)):
            yield from _pattern(content, text, (file, (key, index)))


def _pattern(content: Content, text: str, place: Place) -> Iterator[Finding]:
    try:
        parse(text, content.words)
    except ValueError as error:
        yield place, f"句式「{text[:40]}」：{error}"


def _script(content: Content, script: Script) -> Iterator[Finding]:
    place = (f"script:{script.id}", ())
    if script.intent and script.intent not in content.intents:
        yield place, f"没有「{script.intent}」这个意图"
    for index, image in enumerate(script.images):
        if image.file not in content.images:
            yield (
                (f"script:{script.id}", ("images", index)),
                f"没有「{image.file}」这张图片，请放进 scripts_zh/images",
            )
    for name in script.also_for:
        if name not in content.intents:
            yield (place[0], ("also_for",)), f"没有「{name}」这个意图"
    for index, bubble in enumerate(script.bubbles):
        try:
            compile_template(bubble)
        except ValueError as error:
            yield (place[0], ("bubbles", index)), f"话术「{script.id}」：{error}"


def guide_findings(content: Content, name: str, guide: ScriptFile) -> Iterator[Finding]:
    """Unknown cards and rules that a script file shows."""
    for kind, known in (("cards", content.cards), ("rules", content.rules)):
        for index, ref in enumerate(getattr(guide, kind)):
            if ref not in known:
                yield (f"guide:{name}", (kind, index)), f"没有「{ref}」这张卡片或规则"


def _known(content: Content, name: str) -> bool:
    return name[1:] in content.groups if name.startswith("@") else name in content.intents


def intent_file(intent: Intent) -> str:
    """Where an intent's examples are written, as a path inside the content folder."""
    return f"intents/{intent.pack}/{intent.id}.yaml"


def locate(
    parsed: dict[str, Any], line: Callable[[str, tuple[str | int, ...]], int], place: Place
) -> tuple[str, int]:
    """The file and line of a place that names an entry (script:…, rules:…, guard:…, guide:…) or a file."""
    name, path = place
    kind, _, ident = name.partition(":")
    if not ident:
        return name, line(name, path)
    for file, entry in parsed.items():
        found = _find(entry.data, kind, ident, file)
        if found is not None:
            return file, line(file, (*found, *path))
    return name, 0


def _find(data: Any, kind: str, ident: str, file: str) -> tuple[str | int, ...] | None:
    if kind == "guide":
        stem = file.rsplit("/", 1)[-1].removesuffix(".yaml")
        pack = file.split("/")[1] if file.count("/") == 2 else ""
        return (
            ()
            if file.startswith("scripts_zh/")
            and ident in (stem, f"_common.{pack}" if stem == "_common" else stem)
            else None
        )
    entries = data.get("scripts") if kind == "script" and isinstance(data, dict) else data
    if (
        not isinstance(entries, list)
        or (kind == "rules") != ("/rules/" in file)
        or (kind == "guard") != ("/guard/" in file)
        or (kind == "evidence") != ("/evidence/" in file)
    ):
        return None
    for index, entry in enumerate(entries):
        if isinstance(entry, dict) and entry.get("id") == ident:
            return ("scripts", index) if kind == "script" else (index,)
    return None
