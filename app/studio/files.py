"""Files that are edited as a whole, as forms: shop.yaml, the clocks, word lists. What is written back keeps their comments."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from app.content.entries import Catalogue
from app.content.splice import plain, read, rewrite
from app.errors import InvalidRequest
from app.studio.drafts import title_of
from app.vocabulary import VARIABLES

SHOP: Final = "scripts_zh/shop.yaml"
CLOCKS: Final = "scripts_zh/clocks.yaml"
WORDS: Final = "intents/_words.yaml"
EMOTION: Final = "intents/_emotion.yaml"
LEXICON: Final = "scripts_zh/lexicon.txt"
FORMS: Final = frozenset({SHOP, CLOCKS, WORDS, EMOTION, LEXICON})
MAX_SHOWN: Final = 20

_CLASS: Final = re.compile(r"<([^<>|\s]+)>")
_VARIABLE: Final = re.compile(r"\{\{\s*([^{}|\s]+)")
_BY_VARIABLE: Final = {
    variable.name: variable.shop_key for variable in VARIABLES.values() if variable.shop_key is not None
}


@dataclass(frozen=True, slots=True)
class Use:
    """Something that depends on a value. example: the bubble that says it, of a script."""

    name: str
    title: str
    example: str = ""


def form_of(file: str, text: str) -> Any:
    """What a form shows of a file's text; None when it has no form or cannot be read."""
    if file not in FORMS:
        return None
    if file == LEXICON:
        return {"words": _lexicon(text)}
    try:
        data = read(text)
    except ValueError:
        return None
    if file == CLOCKS:
        return {"items": data or []} if isinstance(data or [], list) else None
    if not isinstance(data or {}, dict):
        return None
    if file == WORDS:
        return {"items": [{"name": name, "words": words} for name, words in (data or {}).items()]}
    return data or {}


def text_of(file: str, text: str, data: Any) -> str:
    """The file's text, changed to say what its form says. Raises InvalidRequest for what is no such form."""
    if file not in FORMS or not isinstance(data, dict):
        raise InvalidRequest("内容的样子不对")
    data = plain(data)
    if file == LEXICON:
        return _with_words(text, _texts(data.get("words")))
    if file in (CLOCKS, WORDS) and not isinstance(data.get("items"), list):
        raise InvalidRequest("内容的样子不对")
    if file == CLOCKS:
        return rewrite(text, data["items"])
    if file == WORDS:
        return rewrite(text, _classes(data["items"]))
    return rewrite(text, data)


def path_of(file: str, path: tuple[str | int, ...], data: Any) -> tuple[str | int, ...]:
    """Where in the form a problem belongs that is at `path` of the file. data: the form."""
    if file == CLOCKS:
        return ("items", *path)
    if file == WORDS and path:
        names = [item.get("name") for item in data["items"] if isinstance(item, dict)]
        return ("items", names.index(path[0])) if path[0] in names else ()
    return path


def uses(now: Catalogue, file: str) -> dict[str, list[Use]]:
    """What depends on a file's values: by the dotted path of a field of shop.yaml, by the name of a class of words."""
    found: dict[str, list[Use]] = defaultdict(list)
    for value, use in _shop_uses(now) if file == SHOP else _class_uses(now) if file == WORDS else ():
        found[value].append(use)
    return found


def _shop_uses(now: Catalogue) -> Iterator[tuple[str, Use]]:
    for entry in now:
        if entry.ref.kind != "script":
            continue
        said: dict[str, str] = {}
        for bubble in _texts(entry.data.get("bubbles")):
            for name in _VARIABLE.findall(bubble):
                if name in _BY_VARIABLE:
                    said.setdefault(_BY_VARIABLE[name], bubble)
        for key, bubble in said.items():
            yield key, Use(str(entry.ref), title_of(entry.ref, entry.data), bubble)


def _class_uses(now: Catalogue) -> Iterator[tuple[str, Use]]:
    for entry in now:
        if entry.ref.kind not in ("intent", "guard"):
            continue
        patterns = [*_texts(entry.data.get("patterns")), *_texts(entry.data.get("weak_patterns"))]
        for pattern in patterns:
            for name in dict.fromkeys(_CLASS.findall(pattern)):
                yield name, Use(str(entry.ref), title_of(entry.ref, entry.data), pattern)


def _classes(items: list[Any]) -> dict[str, Any]:
    classes: dict[str, Any] = {}
    for item in items:
        name = str(item.get("name", "")).strip() if isinstance(item, dict) else ""
        if not name:
            raise InvalidRequest("每个词类要有名字")
        if name in classes:
            raise InvalidRequest(f"有两个词类都叫「{name}」")
        classes[name] = _texts(item.get("words"))
    return classes


def _lexicon(text: str) -> list[str]:
    words = (line.split("#")[0].strip() for line in text.splitlines())
    return list(dict.fromkeys(word for word in words if word))


def _with_words(text: str, words: list[str]) -> str:
    """The dictionary with these words: lines of others go, new ones come last, comments stay."""
    wanted = dict.fromkeys(line for word in words if (line := word.split("#")[0].strip()))
    kept = [
        line
        for line in text.splitlines()
        if not line.split("#")[0].strip() or line.split("#")[0].strip() in wanted
    ]
    known = set(_lexicon(text))
    lines = [*kept, *(word for word in wanted if word not in known)]
    return "\n".join(lines) + "\n" if lines else ""


def _texts(value: Any) -> list[str]:
    return (
        [item.strip() for item in value if isinstance(item, str) and item.strip()]
        if isinstance(value, list)
        else []
    )
