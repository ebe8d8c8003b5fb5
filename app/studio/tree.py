"""The draft laid out for the left side of the editor: packs, their intents, and which stages have something to say."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from app.content.entries import TEXTS, Catalogue, Entry, Ref, is_text, text_title
from app.content.splice import read
from app.studio.drafts import Snapshot, title_of
from app.studio.files import form_of
from app.vocabulary import STAGE_NAMES

PACK_NAMES: Final[dict[str, str]] = {
    "common": "通用",
    "apparel": "服装",
    "retail": "卖场",
    "catering": "餐饮",
}
LISTS: Final[dict[str, str]] = {"card": "知识卡", "rule": "处理规则", "guard": "发送前检查", "image": "图片"}
MAX_FOUND: Final = 50
_CASE_KINDS: Final = ("complaint", "enquiry")


def tree(snapshot: Snapshot, problems: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """{"packs": [{id, name, intents: […], common}], "lists": […], "texts": […]}; each item with its problems and changes."""
    now = snapshot.now
    errors = Counter(str(problem["entry"]) for problem in problems if problem["level"] == "error")
    changed = {str(ref) for ref in snapshot.changed}
    groups = _groups(now)
    scripts = [entry for entry in now if entry.ref.kind == "script"]
    said = _said(scripts)
    packs: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for entry in now:
        if entry.ref.kind == "intent" and entry.ref.id != "other":
            packs[entry.pack].append(_intent(entry, groups, said, scripts, errors, changed))
    order = {name: rank for rank, name in enumerate(PACK_NAMES)}
    return {
        "packs": [
            {
                "id": pack,
                "name": PACK_NAMES.get(pack, pack),
                "intents": sorted(intents, key=lambda one: one["rank"]),
                "common": _count(scripts, pack),
            }
            for pack, intents in sorted(packs.items(), key=lambda item: (order.get(item[0], 99), item[0]))
        ],
        "groups": [{"id": name, "name": str(group.get("name", name))} for name, group in groups.items()],
        "lists": [_list(now, kind, name, errors, changed) for kind, name in LISTS.items()],
        "texts": [
            {"name": f"text:{path}", "title": title, "problems": errors[f"text:{path}"], "changed": f"text:{path}" in changed}
            for path, title in sorted(((path, text_title(path)) for path in now.files if is_text(path)), key=_rank)
        ],
    }  # fmt: skip


def intent_entries(now: Catalogue, intent: str) -> list[Entry]:
    """The intent, its guidance and its scripts, in the order of their file; of `_common.pack` the common scripts."""
    pack = intent.partition(".")[2] if intent.startswith("_common.") else ""
    found = [now.find(Ref("intent", intent)), now.find(Ref("guide", intent))]
    scripts = [
        entry for entry in now if entry.ref.kind == "script" and owner(entry) == (intent if not pack else "")
    ]
    if pack:
        scripts = [entry for entry in scripts if entry.pack == pack]
    return [*(entry for entry in found if entry is not None), *scripts]


def entry_json(entry: Entry, changed: Iterable[Ref] = ()) -> dict[str, Any]:
    """As the API answers it (`EntryOut`). changed: entries the draft says differently from its release."""
    return {
        "name": str(entry.ref),
        "title": title_of(entry.ref, entry.data),
        "pack": entry.pack,
        "etag": entry.etag,
        "data": entry.data,
        "form": form_of(entry.file, entry.data) if entry.ref.kind == "text" else None,
        "changed": entry.ref in changed,
    }


def find_scripts(now: Catalogue, words: str) -> list[dict[str, str]]:
    """Scripts that say or are called all of `words`, at most MAX_FOUND: {name, title, place}."""
    wanted = words.lower().split()
    found: list[dict[str, str]] = []
    for entry in now if wanted else ():
        if entry.ref.kind != "script":
            continue
        said = "\n".join([str(entry.data.get("title", "")), *_words(entry.data.get("bubbles"))]).lower()
        if all(word in said for word in wanted):
            intent = now.data(Ref("intent", owner(entry))) or {}
            title = title_of(entry.ref, entry.data)
            found.append({"name": str(entry.ref), "title": title, "place": str(intent.get("name", "通用"))})
            if len(found) == MAX_FOUND:
                break
    return found


def owner(entry: Entry) -> str:
    """The intent a script belongs to; empty for one that fits any complaint."""
    stem = entry.file.rsplit("/", 1)[-1].removesuffix(".yaml")
    return "" if stem == "_common" else stem


def _groups(now: Catalogue) -> dict[str, dict[str, Any]]:
    try:
        data = read(now.files.get("intents/_groups.yaml", ""))
    except ValueError:
        return {}
    listed = data.get("groups") if isinstance(data, dict) else data
    return {
        str(group["id"]): group
        for group in (listed if isinstance(listed, list) else ())
        if isinstance(group, dict) and "id" in group
    }


def _said(scripts: Iterable[Entry]) -> dict[str, Counter[str]]:
    """Intent -> stage -> number of its own scripts; "" the common ones of each pack under "_common.pack"."""
    said: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in scripts:
        data = entry.data
        owners = [owner(entry) or f"_common.{entry.pack}", *_words(data.get("also_for"))]
        for name in owners:
            said[name].update({str(data.get("stage", "")), *_words(data.get("also"))})
    return said


def _intent(
    entry: Entry,
    groups: Mapping[str, Mapping[str, Any]],
    said: Mapping[str, Counter[str]],
    scripts: Iterable[Entry],
    errors: Counter[str],
    changed: set[str],
) -> dict[str, Any]:
    data, name = entry.data, entry.ref.id
    own = said.get(name, Counter())
    common: Counter[str] = Counter()
    if data.get("kind") in _CASE_KINDS:
        for pack in {"common", entry.pack}:
            common.update(said.get(f"_common.{pack}", Counter()))
    mine = [str(script.ref) for script in scripts if owner(script) == name]
    names = [f"intent:{name}", f"guide:{name}", *mine]
    stages = _words(groups.get(str(data.get("group")), {}).get("stages"))
    return {
        "id": name,
        "name": str(data.get("name", name)),
        "group": str(data.get("group", "")),
        "rank": list(groups).index(str(data.get("group"))) if data.get("group") in groups else len(groups),
        "stages": [
            {"id": stage, "name": STAGE_NAMES.get(stage, stage), "own": own[stage], "common": common[stage]}
            for stage in stages
        ],
        "scripts": len(mine),
        "problems": sum(errors[one] for one in names),
        "changed": any(one in changed for one in names),
    }


def _count(scripts: Iterable[Entry], pack: str) -> int:
    return sum(entry.pack == pack and owner(entry) == "" for entry in scripts)


def _list(now: Catalogue, kind: str, name: str, errors: Counter[str], changed: set[str]) -> dict[str, Any]:
    names = [str(entry.ref) for entry in now if entry.ref.kind == kind]
    return {
        "kind": kind,
        "name": name,
        "count": len(names),
        "problems": sum(errors[one] for one in names),
        "changed": any(one in changed for one in names),
    }


def _words(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _rank(item: tuple[str, str]) -> tuple[int, str]:
    order = list(TEXTS)
    return (order.index(item[0]) if item[0] in TEXTS else len(order)), item[0]
