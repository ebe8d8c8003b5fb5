"""Content files -> `Content`, reporting every problem at once with its file and line.

YAML scalars are all read as text and converted by the models, so 002.5 stays a source id and 是 stays 是.
Anchors, aliases and duplicate keys are refused: a file means what it shows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from app.content.clocks import ClockRule
from app.content.images import MAX_BYTES, is_image, point_to, read_pointer
from app.content.integrity import findings, locate
from app.content.model import (
    Card,
    Content,
    Emotions,
    EvidenceKit,
    Group,
    GuardRule,
    Intent,
    Rule,
    Script,
    ScriptFile,
)
from app.content.parse import MAX_FILE, parse_file, without_lines
from app.content.parse import Parsed as Parsed
from app.content.parse import Problem as Problem
from app.content.shop import Shop, ShopFile
from app.errors import UsageError
from app.heap import undisturbed
from app.types import Image

Files = dict[str, str]
LEXICON: Final = "scripts_zh/lexicon.txt"
MAX_FILES: Final = 5_000
MAX_TOTAL: Final = 20_000_000
WORDS: Final = "intents/_words.yaml"
CONCEPTS: Final = "intents/_concepts.yaml"
NLU_FORMAT: Final = 10
"""Raised when training changes, so that a stored model of older code is trained again."""

_Model = TypeVar("_Model", bound=BaseModel)
_Entry = TypeVar("_Entry", Card, Rule, EvidenceKit)
_NLU_KEYS = ("id", "group", "kind", "yields_to", "examples", "not_examples", "patterns", "weak_patterns")


@dataclass(frozen=True)
class Loaded:
    """`content` is None when any problem is an error. `parsed` gives later checks the lines."""

    content: Content | None
    problems: tuple[Problem, ...]
    parsed: dict[str, Parsed]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep the content from being used; the others are warnings."""
        return tuple(problem for problem in self.problems if problem.level == "error")


def read_folder(folder: Path) -> Files:
    """The content files below `folder/intents` and `folder/scripts_zh`, by path. Unreadable bytes become U+FFFD.

    Reads no more than it takes for `load` to refuse what is too big. Raises UsageError when a file cannot be read.
    """
    files: Files = {}
    total = 0
    for top in ("intents", "scripts_zh"):
        for path in sorted((folder / top).rglob("*")):
            if total > MAX_TOTAL:
                return files
            if path.is_file() and path.suffix in {".yaml", ".txt"} and not path.name.startswith("."):
                text = _read(path)
                files[path.relative_to(folder).as_posix()] = text
                total += len(text)
            elif path.is_file() and is_image(path.relative_to(folder).as_posix()):
                files[path.relative_to(folder).as_posix()] = point_to(read_bytes(path))
    return files


def read_bytes(path: Path) -> bytes:
    """An image file, at most a byte more than it takes to refuse it. Raises UsageError."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"读不了 {path}：{error.strerror}") from error


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(4 * (MAX_FILE + 1)).decode("utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"读不了 {path}：{error.strerror}") from error


def load(files: Mapping[str, str], known: tuple[Mapping[str, str], Loaded] | None = None) -> Loaded:
    """Parse and validate all files. Never raises for what the files say.

    known: other files and what loading them gave; files with the same text are not parsed again.
    """
    if len(files) > MAX_FILES:
        return Loaded(None, (Problem(".", 0, f"文件太多，最多 {MAX_FILES} 个"),), {})
    if sum(map(len, files.values())) > MAX_TOTAL:
        return Loaded(None, (Problem(".", 0, f"内容太多，所有文件加起来最多 {MAX_TOTAL} 个字"),), {})
    with undisturbed():
        return _load(files, known)


def _load(files: Mapping[str, str], known: tuple[Mapping[str, str], Loaded] | None) -> Loaded:
    problems: list[Problem] = []
    parsed: dict[str, Parsed] = {}
    for name in sorted(files):
        if name.endswith(".yaml"):
            found = _known(name, files[name], known) or parse_file(name, files[name], problems)
            if found is not None:
                parsed[name] = found
    content = _Builder(parsed, problems).build(files)
    content = replace(
        content,
        digest=_digest(parsed, content.lexicon, files),
        nlu_digest=_nlu_digest(parsed, content.lexicon),
    )
    if not problems and not content.intents:
        problems.append(Problem("intents", 0, "一个意图也没有"))
    if not problems:
        problems += _integrity(content, parsed)
    problems.sort()
    broken = any(problem.level == "error" for problem in problems)
    return Loaded(None if broken else content, tuple(problems), parsed)


def as_plain(
    parsed: Mapping[str, Parsed], files: Mapping[str, str], left_out: Collection[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """What `from_plain` reads: file -> what was parsed, intents without the keys `left_out`; and the files that are no YAML."""
    data = {name: entry.data for name, entry in parsed.items()}
    for name, said in data.items():
        if name.startswith("intents/") and isinstance(said, dict):
            data[name] = {key: value for key, value in said.items() if key not in left_out}
    return data, {name: text for name, text in files.items() if name not in parsed}


def from_plain(data: Mapping[str, Any], texts: Mapping[str, str]) -> Content | None:
    """The content of files that were loaded without errors before, but for its digests; None when it does not fit any more."""
    problems: list[Problem] = []
    parsed = {name: without_lines(name, data[name]) for name in sorted(data)}
    content = _Builder(parsed, problems).build(texts)
    return None if problems else content


def _integrity(content: Content, parsed: dict[str, Parsed]) -> Iterator[Problem]:
    def line(file: str, path: tuple[str | int, ...]) -> int:
        return parsed[file].line(path) if file in parsed else 0

    for place, text in findings(content):
        file, number = locate(parsed, line, place)
        yield Problem(file, number, text)


def _known(name: str, text: str, known: tuple[Mapping[str, str], Loaded] | None) -> Parsed | None:
    return known[1].parsed.get(name) if known is not None and known[0].get(name) == text else None


class _Builder:
    """Collects the parsed files into a `Content`, adding to `problems` whatever does not fit."""

    def __init__(self, parsed: dict[str, Parsed], problems: list[Problem]) -> None:
        self.parsed = parsed
        self.problems = problems

    def build(self, files: Mapping[str, str]) -> Content:
        groups = {group.id: group for group in self._list("intents/_groups.yaml", Group, key="groups")}
        words, concepts = self._words(WORDS, "词类"), self._words(CONCEPTS, "概念")
        emotions = self._emotions()
        intents = self._intents()
        images = self._images(files)
        scripts, guides = self._scripts(images)
        cards, rules = self._entries("cards", Card), self._entries("rules", Rule)
        evidence = self._entries("evidence", EvidenceKit)
        guard, clocks = self._guard(), self._clocks()
        shops = self._shops()
        lexicon = _lexicon(files.get(LEXICON, ""))
        packs = sorted(
            {"common"}
            | {intent.pack for intent in intents.values()}
            | {script.pack for script in scripts.values()}
        )
        return Content(
            groups, words, emotions, intents, scripts, guides,
            {card.ref: card for card in cards}, {rule.id: rule for rule in rules},
            guard, shops, clocks, lexicon, packs=tuple(packs), evidence={kit.id: kit for kit in evidence}, images=images,
            concepts=concepts,
        )  # fmt: skip

    def _model(
        self, parsed: Parsed, data: Any, model: type[_Model], at: tuple[str | int, ...] = ()
    ) -> _Model | None:
        try:
            return model.model_validate(without_empty(data))
        except ValidationError as error:
            for item in error.errors():
                line = parsed.line((*at, *item["loc"]))
                self.problems.append(Problem(parsed.file, line, explain(item)))
            return None

    def _error(self, file: str, path: tuple[str | int, ...], text: str) -> None:
        self.problems.append(Problem(file, self.parsed[file].line(path) if file in self.parsed else 0, text))

    def _list(self, file: str, model: type[_Model], key: str = "") -> Iterator[_Model]:
        parsed = self.parsed.get(file)
        if parsed is None:
            return
        data = parsed.data.get(key) if key and isinstance(parsed.data, dict) else parsed.data
        if not isinstance(data, list):
            self._error(file, (), "这里要写成一个列表")
            return
        for index, entry in enumerate(data):
            found = self._model(parsed, entry, model, (key, index) if key else (index,))
            if found is not None:
                yield found

    def _words(self, file: str, called: str) -> dict[str, tuple[str, ...]]:
        parsed = self.parsed.get(file)
        if parsed is None:
            return {}
        words: dict[str, tuple[str, ...]] = {}
        for name, values in parsed.data.items() if isinstance(parsed.data, dict) else ():
            if not isinstance(name, str) or any(mark in name for mark in "→<>\n"):
                self._error(parsed.file, (name,), f"{called}的名字「{name}」里不能有符号")
            elif isinstance(values, list) and all(isinstance(value, str) and value for value in values):
                words[name] = tuple(values)
            else:
                self._error(parsed.file, (name,), f"{called}「{name}」要写成一列词")
        return words

    def _emotions(self) -> Emotions:
        parsed = self.parsed.get("intents/_emotion.yaml")
        if parsed is None:
            return Emotions()
        lists: dict[str, tuple[str, ...]] = {}
        for name in ("mild", "strong", "fierce", "calm"):
            values = parsed.data.get(name, []) if isinstance(parsed.data, dict) else []
            if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
                self._error(parsed.file, (name,), f"「{name}」要写成一列词")
                values = []
            lists[name] = tuple(values)
        return Emotions(**lists)

    def _folder(self, top: str) -> Iterator[tuple[str, str, Parsed]]:
        """(pack, stem, parsed) of top/<pack>/<stem>.yaml."""
        for file, parsed in self.parsed.items():
            parts = PurePosixPath(file).parts
            if len(parts) == 3 and parts[0] == top:
                yield parts[1], PurePosixPath(file).stem, parsed

    def _intents(self) -> dict[str, Intent]:
        intents: dict[str, Intent] = {}
        for pack, stem, parsed in self._folder("intents"):
            found = self._model(parsed, parsed.data, Intent)
            if found is None:
                continue
            if found.id != stem:
                self._error(parsed.file, ("id",), f"id「{found.id}」要和文件名「{stem}」一样")
            if found.id in intents:
                self._error(parsed.file, ("id",), f"意图「{found.id}」在别的包里已经有了")
            intents[found.id] = found.model_copy(update={"pack": pack})
        return intents

    def _images(self, files: Mapping[str, str]) -> dict[str, Image]:
        images: dict[str, Image] = {}
        for file in filter(is_image, files):
            try:
                image = read_pointer(file, files[file])
            except ValueError as error:
                self.problems.append(Problem(file, 0, str(error)))
            else:
                images[image.file] = image
        return images

    def _scripts(self, images: Mapping[str, Image]) -> tuple[dict[str, Script], dict[str, ScriptFile]]:
        scripts: dict[str, Script] = {}
        guides: dict[str, ScriptFile] = {}
        for pack, stem, parsed in self._folder("scripts_zh"):
            if pack == "guard":
                continue
            found = self._model(parsed, parsed.data, ScriptFile)
            if found is None:
                continue
            intent = "" if stem == "_common" else stem
            if (found.intent or "") != intent:
                self._error(
                    parsed.file, ("intent",), f"intent 要和文件名「{stem}」一样（通用话术不写 intent）"
                )
            for index, script in enumerate(found.scripts):
                if script.id in scripts:
                    self._error(parsed.file, ("scripts", index, "id"), f"话术 id「{script.id}」重复")
                shown = tuple(
                    replace(images[one.file], alt=one.alt or images[one.file].alt)
                    for one in script.images
                    if one.file in images
                )
                scripts[script.id] = script.model_copy(
                    update={"pack": pack, "intent": intent, "pictures": shown}
                )
            guides[intent or f"_common.{pack}"] = found.model_copy(update={"scripts": ()})
        return scripts, guides

    def _entries(self, folder: str, model: type[_Entry]) -> list[_Entry]:
        entries: dict[str, _Entry] = {}
        for file, parsed in self.parsed.items():
            parts = PurePosixPath(file).parts
            if len(parts) != 4 or parts[0] != "scripts_zh" or parts[2] != folder:
                continue
            for entry in self._list(parsed.file, model):
                entry = entry.model_copy(update={"pack": parts[1]})
                key = entry.ref if isinstance(entry, Card) else entry.id
                if key in entries:
                    self._error(file, (), f"id「{key}」重复")
                entries[key] = entry
        return list(entries.values())

    def _guard(self) -> dict[str, GuardRule]:
        guard: dict[str, GuardRule] = {}
        for pack, _, parsed in self._folder("scripts_zh"):
            for rule in self._list(parsed.file, GuardRule) if pack == "guard" else ():
                if rule.id in guard:
                    self._error(parsed.file, (), f"id「{rule.id}」重复")
                guard[rule.id] = rule
        return guard

    def _clocks(self) -> dict[str, ClockRule]:
        clocks = list(self._list("scripts_zh/clocks.yaml", ClockRule))
        if len({clock.id for clock in clocks} | {clock.name for clock in clocks}) < 2 * len(clocks):
            self._error("scripts_zh/clocks.yaml", (), "每个时钟要有自己的 id 和名字")
        return {clock.id: clock for clock in clocks}

    def _shops(self) -> dict[str, Shop]:
        parsed = self.parsed.get("scripts_zh/shop.yaml")
        found = self._model(parsed, parsed.data, ShopFile) if parsed is not None else ShopFile()
        shops = found.shops() if found is not None else (Shop(),)
        if len({shop.id for shop in shops}) < len(shops) and parsed is not None:
            self._error(parsed.file, ("others",), "每个店铺要有自己的 id")
        return {shop.id: shop for shop in shops}


_EXPLAIN: Final[dict[str, str]] = {
    "missing": "缺少「{key}」",
    "extra_forbidden": "不认识「{key}」这个键",
    "string_type": "「{key}」要写成文字",
    "string_too_short": "「{key}」不能空着",
    "string_too_long": "「{key}」太长，最多 {max_length} 个字",
    "string_pattern_mismatch": "「{key}」的写法不对：{input}",
    "literal_error": "「{key}」不能是「{input}」，只能是 {expected}",
    "tuple_type": "「{key}」要写成一个列表",
    "dict_type": "「{key}」要写成「键: 值」",
    "model_type": "「{key}」要写成「键: 值」",
    "too_short": "「{key}」至少要有一项",
    "too_long": "「{key}」太多了",
    "bool_parsing": "「{key}」要写 true 或 false",
    "int_parsing": "「{key}」要写整数",
    "date_from_datetime_parsing": "「{key}」要写成 2026-01-31 这样的日期",
    "greater_than_equal": "「{key}」不能小于 {ge}",
    "less_than_equal": "「{key}」不能大于 {le}",
}


def explain(error: Mapping[str, Any]) -> str:
    """One pydantic error as a Chinese sentence."""
    key = ".".join(str(step) for step in error["loc"]) or "内容"
    context = error.get("ctx") or {}
    if error["type"] == "value_error":
        return str(context.get("error", error["msg"]))
    known = _EXPLAIN.get(error["type"])
    if known is None:
        return f"「{key}」的内容不对"
    values = {**context, "key": key, "input": str(error.get("input"))[:40]}
    return known.format_map({"max_length": "", "expected": "", "ge": "", "le": "", **values}).replace(
        " or ", " 或 "
    )


def without_empty(data: Any) -> Any:
    """Keys left empty in YAML read as the empty text; for the models they are the same as absent."""
    if isinstance(data, dict):
        return {key: without_empty(value) for key, value in data.items() if value != ""}
    if isinstance(data, list):
        return [without_empty(value) for value in data]
    return data


def _lexicon(text: str) -> tuple[str, ...]:
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in lines if line))


def _hash(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", errors="replace")).hexdigest()


def _digest(parsed: Mapping[str, Parsed], lexicon: tuple[str, ...], files: Mapping[str, str]) -> str:
    images = {file: text for file, text in files.items() if is_image(file)}
    said = {"files": {file: entry.data for file, entry in parsed.items()}, "lexicon": lexicon}
    return _hash({**said, "images": images} if images else said)


def _nlu_digest(parsed: Mapping[str, Parsed], lexicon: tuple[str, ...]) -> str:
    """Over what the model is trained from and nothing else, so that a change of scripts needs no training."""
    trained: dict[str, Any] = {}
    for file, entry in parsed.items():
        if file.startswith("intents/") and isinstance(entry.data, dict):
            special = PurePosixPath(file).name.startswith("_")
            trained[file] = (
                entry.data if special else {key: entry.data[key] for key in _NLU_KEYS if key in entry.data}
            )
    return _hash({"format": NLU_FORMAT, "files": trained, "lexicon": lexicon})
