"""What is wrong with one entry while it is being typed: the checks of `huashu check`, for this entry alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pydantic import ValidationError

from app.content import check, integrity
from app.content.entries import Ref
from app.content.fields import Base
from app.content.load import explain, without_empty
from app.content.model import Card, Content, GuardRule, Intent, Rule, Script, ScriptFile
from app.content.splice import plain
from app.reply.guard import DraftGuard
from app.reply.script_check import wording_findings
from app.studio.compare import LABELS

MODELS: Final[dict[str, type[Base]]] = {
    "intent": Intent,
    "script": Script,
    "guide": ScriptFile,
    "card": Card,
    "rule": Rule,
    "guard": GuardRule,
}

_KEY: Final = re.compile(r"「([a-z_.0-9]*[a-z_])(?:\.[0-9]+)?」")


@dataclass(frozen=True, slots=True)
class EntryProblem:
    """path: the field it belongs to, from the entry down; () the whole entry."""

    path: tuple[str | int, ...]
    text: str
    level: str = "error"


def check_entry(
    content: Content, guard: DraftGuard, ref: Ref, data: Any, pack: str, today: date
) -> list[EntryProblem]:
    """All problems of an entry that would say `data`. content: the rest of the shop's content; guard: made from it."""
    model = MODELS[ref.kind]
    named = {} if ref.kind == "guide" else {"id": ref.id.rpartition(".")[2] if ref.kind == "card" else ref.id}
    try:
        entry = model.model_validate(without_empty(plain({**named, **data})))
    except ValidationError as error:
        return [EntryProblem(item["loc"], in_words(explain(item))) for item in error.errors()]
    return [
        EntryProblem(path, text, level)
        for path, text, level in _found(content, guard, ref, entry, pack, today)
    ]


def _found(
    content: Content, guard: DraftGuard, ref: Ref, entry: Base, pack: str, today: date
) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    if isinstance(entry, ScriptFile):
        for (_, path), text in integrity.guide_findings(content, ref.id, entry):
            yield path, text, "error"
    elif isinstance(entry, Script | Intent | Rule | GuardRule):
        entry = _placed(content, ref, entry, pack)
        broken = [(path, text, "error") for (_, path), text in integrity.entry_findings(content, entry)]
        yield from broken
        if broken or not isinstance(entry, Script | Intent):
            return
        for ((_, path), text), level in check.entry_findings(content, entry, today):
            yield path, text, level
        if isinstance(entry, Script):
            for ((_, path), text), strength in wording_findings(content, guard, entry):
                yield path, text, "error" if strength == "block" else "warning"


def _placed(
    content: Content, ref: Ref, entry: Script | Intent | Rule | GuardRule, pack: str
) -> Script | Intent | Rule | GuardRule:
    """The entry with what it takes from its place: a script's intent and pack."""
    if isinstance(entry, Intent):
        return entry.model_copy(update={"pack": pack})
    if isinstance(entry, Script):
        before = content.scripts.get(entry.id)
        owner = ref.id.split(".")[0]
        intent = before.intent if before is not None else "" if owner == "common" else owner
        return entry.model_copy(update={"pack": pack, "intent": intent})
    return entry


def in_words(text: str) -> str:
    """A complaint that names a key of the file, with the name that trainers see instead."""
    return _KEY.sub(
        lambda found: f"「{LABELS.get(found[1].rpartition('.')[2] or found[1], found[1])}」", text
    )
