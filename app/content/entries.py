"""Content as entries: an intent, a script, a card … each with its place in the files, read and replaced one by one.

An entry is named `kind:id`. Its data is what the file says: text, lists and mappings. Browser edits and file edits meet here,
because both end in the same text.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final, Literal, get_args

from app.content.images import FOLDER, is_image
from app.content.load import Files, Parsed
from app.content.splice import plain, read, rewrite, write
from app.errors import InvalidRequest, NotFound

Kind = Literal["intent", "script", "guide", "card", "rule", "guard", "text", "image"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
TEXTS: Final[dict[str, str]] = {
    "scripts_zh/shop.yaml": "店铺资料",
    "scripts_zh/clocks.yaml": "时钟",
    "scripts_zh/lexicon.txt": "行业词典",
    "intents/_words.yaml": "词类",
    "intents/_concepts.yaml": "概念词",
    "intents/_emotion.yaml": "情绪词",
    "intents/_groups.yaml": "意图分组",
}
"""Files that are edited as a whole, besides the evidence lists of each pack."""

_GUIDE_KEYS: Final = ("guidance", "cards", "rules")
_PACK: Final = re.compile(r"^[a-z][a-z0-9_]{1,40}$")
_ID: Final = re.compile(r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$")


def is_text(file: str) -> bool:
    """Whether a file is edited as a whole."""
    parts = file.split("/")
    return file in TEXTS or (len(parts) == 4 and parts[0] == "scripts_zh" and parts[2] == "evidence")


def text_title(file: str) -> str:
    """What people call a file that is edited as a whole."""
    return TEXTS.get(file) or f"证据单 {file.rsplit('/', 1)[-1].removesuffix('.yaml')}"


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """Which entry. id: of a card pack.card, of a guide the intent or _common.pack, of a text its path."""

    kind: Kind
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Ref:
        """Raises NotFound for what is no name of an entry."""
        kind, _, ident = text.partition(":")
        if kind not in KINDS or not ident:
            raise NotFound("没有这一条内容")
        return cls(kind, ident)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry with its place. path: where in the file's data; () the whole file."""

    ref: Ref
    file: str
    path: tuple[str | int, ...]
    data: Any

    @property
    def pack(self) -> str:
        """The pack its file stands in; empty for files outside of packs."""
        parts = self.file.split("/")
        return parts[1] if len(parts) > 2 else ""

    @property
    def etag(self) -> str:
        """What the entry's data is known by; another text, another etag."""
        return etag(self.data)


def etag(data: Any) -> str:
    """A short name of what an entry says; empty for one that is not there."""
    if data is None:
        return ""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", errors="replace")).hexdigest()[:16]


def entries_of(file: str, data: Any) -> Iterator[Entry]:
    """The entries of one file that says `data`; of a text file `data` is its text."""
    parts = PurePosixPath(file).parts
    stem = PurePosixPath(file).stem
    if is_text(file):
        yield Entry(Ref("text", file), file, (), data)
    elif is_image(file):
        yield Entry(Ref("image", file.removeprefix(FOLDER)), file, (), data)
    elif len(parts) == 3 and parts[0] == "intents" and isinstance(data, dict):
        yield Entry(Ref("intent", stem), file, (), data)
    elif len(parts) == 3 and parts[:2] == ("scripts_zh", "guard"):
        yield from _listed("guard", "", file, (), data)
    elif len(parts) == 3 and isinstance(data, dict):
        yield from _listed("script", "", file, ("scripts",), data.get("scripts"))
        guide = {key: data[key] for key in _GUIDE_KEYS if key in data}
        name = f"_common.{parts[1]}" if stem == "_common" else stem
        if guide:
            yield Entry(Ref("guide", name), file, (), guide)
    elif len(parts) == 4 and parts[2] in ("cards", "rules"):
        card = parts[2] == "cards"
        yield from _listed("card" if card else "rule", f"{parts[1]}." if card else "", file, (), data)


def _listed(kind: Kind, prefix: str, file: str, path: tuple[str | int, ...], data: Any) -> Iterator[Entry]:
    for index, item in enumerate(data if isinstance(data, list) else ()):
        if isinstance(item, dict) and isinstance(item.get("id"), str):
            yield Entry(Ref(kind, prefix + item["id"]), file, (*path, index), item)


class Catalogue:
    """All entries of some files. Reading a file is remembered, so that a catalogue of files mostly alike is cheap.

    known: another catalogue whose readings are taken over where the text is the same.
    """

    def __init__(self, files: Files, known: Catalogue | None = None) -> None:
        self.files = files
        self._read: dict[str, tuple[str, tuple[Entry, ...]]] = {}
        self._entries: dict[Ref, Entry] = {}
        for file, text in files.items():
            before = known._read.get(file) if known is not None else None
            found = before[1] if before is not None and before[0] == text else tuple(_entries(file, text))
            self._read[file] = (text, found)
            self._entries.update((entry.ref, entry) for entry in found)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def find(self, ref: Ref) -> Entry | None:
        """None when there is no such entry."""
        return self._entries.get(ref)

    def data(self, ref: Ref) -> Any:
        """What the entry says, None when there is none."""
        entry = self._entries.get(ref)
        return None if entry is None else entry.data

    def put(self, ref: Ref, data: Any, pack: str = "", at: int | None = None) -> Files:
        """The files (path -> text) that change when the entry says `data`; None takes it away, an empty text a file.

        pack: where a new entry goes. at: its place among its siblings, by default the last.
        Raises InvalidRequest for a name that fits nowhere.
        """
        return self.put_all([(ref, data, pack)], at)

    def put_all(self, changes: Iterable[tuple[Ref, Any, str]], at: int | None = None) -> Files:
        """The files that change when many entries (ref, data, pack) say something else; each file is written once. See `put`."""
        texts: Files = {}
        wholes: dict[str, Any] = {}
        for ref, data, pack in changes:
            entry = self._entries.get(ref)
            if ref.kind == "text":
                if ref.id not in TEXTS and entry is None:
                    raise NotFound("没有这个文件")
                texts[ref.id] = data or ""
            elif ref.kind == "image":
                texts[FOLDER + ref.id] = data or ""
            elif entry is not None or data is not None:
                file = entry.file if entry is not None else self._home(ref, pack)
                if file not in wholes:
                    text = self.files.get(file, "")
                    wholes[file] = read(text) if text else None
                wholes[file] = _with(wholes[file], ref, None if data is None else plain(data), at)
        return texts | {file: self._rewritten(file, whole) for file, whole in wholes.items()}

    def _rewritten(self, file: str, whole: Any) -> str:
        text = self.files.get(file, "")
        if whole is None:
            return ""
        return rewrite(text, whole) if text else write(whole)

    def _home(self, ref: Ref, pack: str) -> str:
        """The file a new entry goes to."""
        name = ref.id
        if ref.kind == "card":
            pack, _, name = ref.id.partition(".")
        if not _ID.match(name.removeprefix("_common.")):
            raise InvalidRequest("编号只能用小写字母、数字和下划线，并以字母开头")
        if ref.kind == "guard":
            return (
                self._beside("guard", lambda file: file.startswith("scripts_zh/guard/"))
                or "scripts_zh/guard/own.yaml"
            )
        owner = self._entries.get(Ref("intent", name.split(".")[0]))
        if ref.kind in ("script", "guide") and owner is not None:
            return f"scripts_zh/{owner.pack}/{owner.ref.id}.yaml"
        if ref.kind in ("script", "guide") and name.split(".")[0] in ("common", "_common"):
            return f"scripts_zh/{pack or 'common'}/_common.yaml"
        if not _PACK.match(pack):
            raise InvalidRequest("要先选放在哪个包里")
        if ref.kind == "intent":
            return f"intents/{pack}/{name}.yaml"
        if ref.kind in ("card", "rule"):
            return f"scripts_zh/{pack}/{ref.kind}s/own.yaml"
        raise InvalidRequest("话术的编号要以它的意图开头，例如 shrinkage.confirm.photo")

    def _beside(self, kind: str, fits: Any) -> str:
        return next((entry.file for entry in self if entry.ref.kind == kind and fits(entry.file)), "")


def _entries(file: str, text: str) -> Iterator[Entry]:
    if is_text(file) or is_image(file):
        yield from entries_of(file, text)
        return
    try:
        data = read(text)
    except ValueError:
        return
    yield from entries_of(file, data)


def _with(whole: Any, ref: Ref, data: Any, at: int | None) -> Any:
    """A file's data with the entry replaced, added or (data None) taken away; None when nothing is left."""
    if ref.kind == "intent":
        return (
            None
            if data is None
            else {"id": ref.id, **{key: item for key, item in data.items() if key != "id"}}
        )
    if ref.kind == "guide":
        rest = {key: value for key, value in (whole or _fresh(ref)).items() if key not in _GUIDE_KEYS}
        guide = {key: value for key, value in (data or {}).items() if key in _GUIDE_KEYS and value}
        ordered = {key: value for key, value in rest.items() if key != "scripts"}
        ordered |= guide
        ordered |= {key: value for key, value in rest.items() if key == "scripts"}
        return ordered if guide or rest.get("scripts") else None
    if ref.kind == "script":
        whole = dict(whole or _fresh(ref))
        scripts = _replaced(whole.get("scripts") or [], ref.id, data, at)
        if not scripts and not any(key in whole for key in _GUIDE_KEYS):
            return None
        return {**whole, "scripts": scripts}
    items = _replaced(whole or [], ref.id.rpartition(".")[2] if ref.kind == "card" else ref.id, data, at)
    return items or None


def _fresh(ref: Ref) -> dict[str, Any]:
    name = ref.id.split(".")[0]
    return {} if name in ("common", "_common") else {"intent": name}


def _replaced(items: list[Any], ident: str, data: Any, at: int | None) -> list[Any]:
    """The list with the item of this id replaced, added at `at`, or taken away."""
    place = next((index for index, item in enumerate(items) if item.get("id") == ident), None)
    if data is not None:
        data = {"id": ident, **{key: value for key, value in data.items() if key != "id"}}
    if place is not None:
        return [*items[:place], *([] if data is None else [data]), *items[place + 1 :]]
    spot = len(items) if at is None else max(0, min(at, len(items)))
    return [*items[:spot], data, *items[spot:]]


def owner_of(parsed: Mapping[str, Parsed], file: str, line: int) -> tuple[Ref | None, tuple[str | int, ...]]:
    """Which entry a problem at a line belongs to, and the path inside it; (None, ()) when it is no entry's."""
    if is_text(file):
        return Ref("text", file), ()
    if is_image(file):
        return Ref("image", file.removeprefix(FOLDER)), ()
    found = parsed.get(file)
    if found is None:
        return None, ()
    path = found.path_at(line)
    best: Entry | None = None
    for entry in entries_of(file, found.data):
        if path[: len(entry.path)] == entry.path and (best is None or len(entry.path) > len(best.path)):
            best = entry
    return (None, ()) if best is None else (best.ref, path[len(best.path) :])


def apply(files: Files, changes: Files) -> Files:
    """The files with changes laid over them; an empty text takes a file away."""
    merged = {**files, **changes}
    return {file: text for file, text in merged.items() if text or is_text(file) and file in files}
