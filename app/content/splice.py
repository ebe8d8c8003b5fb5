"""Changing what a YAML file says without touching the rest of its text: comments, order and quoting stay.

`rewrite(text, value)` makes the file say `value` by the smallest edits; what it returns is parsed again, and where the edits
would not say exactly that, the file is written anew. All scalars are text, as in `app.content.load`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

import yaml

INDENT: Final = 2
_FLOW_WIDTH: Final = 90
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class _Dumper(
    yaml.emitter.Emitter,
    yaml.serializer.Serializer,
    yaml.representer.SafeRepresenter,
    yaml.resolver.BaseResolver,
):
    """Writes text as text: no scalar means anything but itself, so 002.5 and 是 need no quotes."""

    def __init__(self, stream: Any, **options: Any) -> None:
        yaml.emitter.Emitter.__init__(
            self, stream, width=10**9, allow_unicode=True, indent=INDENT, line_break="\n"
        )
        yaml.serializer.Serializer.__init__(self)
        style = options.get("default_style")
        yaml.representer.SafeRepresenter.__init__(
            self,
            default_style=style,
            default_flow_style=options.get("default_flow_style", False),
            sort_keys=False,
        )
        yaml.resolver.BaseResolver.__init__(self)


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    text: str


def plain(value: Any) -> Any:
    """A value as YAML content knows it: text, lists and mappings with text keys; None and empty mappings' keys dropped."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value if item is not None]
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def read(text: str) -> Any:
    """What a YAML text says, as text, lists and mappings; None when it is empty. Raises ValueError when unreadable."""
    node = _compose(text)
    return None if node is None else _value(node)


def rewrite(text: str, value: Any) -> str:
    """The text, changed to say `value` (text, lists and mappings)."""
    value = plain(value)
    try:
        node = _compose(text)
        if node is not None:
            edits = _Splicer(text).change(node, value, 0)
            changed = _apply(text, edits)
            if read(changed) == value:
                return changed
    except ValueError:
        pass
    return write(value)


def write(value: Any) -> str:
    """`value` as a fresh YAML file."""
    value = plain(value)
    text = "\n".join(_lines(value, 0)) + "\n"
    try:
        if read(text) == value:
            return text
    except ValueError:
        pass
    quoted: str = yaml.dump(value, Dumper=_Dumper, default_style='"')
    return quoted


def _compose(text: str) -> yaml.Node | None:
    loader = _Loader(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
        return node
    except yaml.YAMLError as error:
        raise ValueError("YAML 写法不对") from error
    finally:
        loader.dispose()


def _value(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {key.value: _value(item) for key, item in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_value(item) for item in node.value]
    return node.value


def _apply(text: str, edits: list[_Edit]) -> str:
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


class _Splicer:
    """Finds the smallest edits that turn a node of `text` into a value."""

    def __init__(self, text: str) -> None:
        self._text = text

    def change(self, node: yaml.Node, value: Any, indent: int) -> list[_Edit]:
        """indent: the column of the collection the node stands in."""
        if _value(node) == value:
            return []
        block = not getattr(node, "flow_style", True)
        if block and isinstance(node, yaml.MappingNode) and isinstance(value, dict) and value:
            return self._mapping(node, value)
        if block and isinstance(node, yaml.SequenceNode) and isinstance(value, list) and value:
            return self._sequence(node, value)
        return [self._replace(node, value, indent)]

    def _replace(self, node: yaml.Node, value: Any, indent: int) -> _Edit:
        start, end = node.start_mark.index, self._end(node)
        if isinstance(node, yaml.ScalarNode) and isinstance(value, str) and "\n" not in value:
            shown = _scalar(value)
        elif isinstance(node, yaml.CollectionNode) and node.flow_style and _fits(value):
            shown = _flow(value)
        elif self._is_line_of_words(node) and _is_words(value):
            known = {
                item.value: self._text[item.start_mark.index : item.end_mark.index] for item in node.value
            }
            shown = f"[{', '.join(known.get(word) or _flow(word) for word in value)}]"
        else:
            shown = _after_key(value, indent)
            start -= len(self._text[:start]) - len(self._text[:start].rstrip(" "))
            return _Edit(start, end, shown)
        glued = start > 0 and self._text[start - 1] in ":-"
        return _Edit(start, end, f" {shown}" if glued else shown)

    def _is_line_of_words(self, node: yaml.Node) -> bool:
        """A list written on one line, however long, stays on it."""
        return (
            isinstance(node, yaml.SequenceNode)
            and bool(node.flow_style)
            and node.start_mark.line == node.end_mark.line
            and all(isinstance(item, yaml.ScalarNode) for item in node.value)
        )

    def _mapping(self, node: yaml.MappingNode, value: dict[str, Any]) -> list[_Edit]:
        indent = node.start_mark.column
        edits: list[_Edit] = []
        known = {key.value for key, _ in node.value}
        kept = [index for index, (key, _) in enumerate(node.value) if key.value in value]
        if not kept or kept[0] != 0:
            raise ValueError("the first key goes")
        for index, (key, item) in enumerate(node.value):
            if key.value in value:
                edits += self.change(item, value[key.value], indent)
            else:
                edits.append(self._without(node.value[index][0].start_mark, self._end(item)))
        added = [(name, item) for name, item in value.items() if name not in known]
        if added:
            lines = [line for name, item in added for line in _pair(name, item, indent)]
            edits.append(self._insert(self._end(node), lines))
        return edits

    def _sequence(self, node: yaml.SequenceNode, value: list[Any]) -> list[_Edit]:
        indent = node.start_mark.column
        edits: list[_Edit] = []
        before = [_value(item) for item in node.value]
        matcher = SequenceMatcher(
            a=[_key(item) for item in before], b=[_key(item) for item in value], autojunk=False
        )
        for kind, a, b, c, d in matcher.get_opcodes():
            if kind == "equal":
                for index in range(a, b):
                    edits += self.change(node.value[index], value[c + index - a], indent)
                continue
            common = min(b - a, d - c)
            for index in range(common):
                edits += self.change(node.value[a + index], value[c + index], indent)
            for index in range(a + common, b):
                item = node.value[index]
                edits.append(self._without(self._dash(item), self._end(item)))
            fresh = [line for item in value[c + common : d] for line in _item(item, indent)]
            if fresh:
                after = a + common - 1
                place = self._end(node.value[after]) if after >= 0 else self._before(node)
                edits.append(self._insert(place, fresh))
        return edits

    def _dash(self, item: yaml.Node) -> Any:
        """The mark of an item's line; its dash stands before it."""
        return item.start_mark

    def _before(self, node: yaml.Node) -> int:
        """The end of the line above a block collection."""
        return self._text.rfind("\n", 0, node.start_mark.index)

    def _insert(self, place: int, lines: list[str]) -> _Edit:
        """Whole lines, below the line in which `place` stands."""
        if place < 0:
            return _Edit(0, 0, "".join(line + "\n" for line in lines))
        end = self._text.find("\n", place)
        end = len(self._text) if end < 0 else end
        return _Edit(end, end, "".join("\n" + line for line in lines))

    def _without(self, start_mark: Any, end: int) -> _Edit:
        """The lines from the one a value begins in to the one it ends in."""
        start = self._text.rfind("\n", 0, start_mark.index) + 1
        stop = self._text.find("\n", end)
        return _Edit(start, len(self._text) if stop < 0 else stop + 1, "")

    def _end(self, node: yaml.Node) -> int:
        """Where what a node says ends, without the blank lines and comments that follow it."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self._end(last[1] if isinstance(last, tuple) else last)
        end = int(node.end_mark.index)
        if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
            return node.start_mark.index + len(self._text[node.start_mark.index : end].rstrip())
        return end


def _key(value: Any) -> str:
    """What makes two items the same one: their id, else all they say."""
    if isinstance(value, dict) and isinstance(value.get("id"), str):
        return f"id:{value['id']}"
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _scalar(value: str) -> str:
    if value in ("", "..."):
        return f"'{value}'"
    shown: str = yaml.dump(value, Dumper=_Dumper)
    return shown.removesuffix("\n").removesuffix("\n...")


def _flow(value: Any) -> str:
    shown: str = yaml.dump([value], Dumper=_Dumper, default_flow_style=True)
    return shown.strip()[1:-1]


def _fits(value: Any) -> bool:
    """Whether a collection reads well on one line."""
    return "\n" not in json.dumps(value, ensure_ascii=False).replace("\\n", "\n") and (
        len(_flow(value)) <= _FLOW_WIDTH
    )


def _is_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and "\n" not in item for item in value)


def _is_short(value: Any) -> bool:
    """A list of short words, such as acts and sources: these stand on one line in every content file."""
    return (
        isinstance(value, list)
        and all(isinstance(item, str) and len(item) <= 24 for item in value)
        and _fits(value)
    )


def _pair(name: str, value: Any, indent: int) -> list[str]:
    shown = _after_key(value, indent).split("\n")
    return [" " * indent + _scalar(name) + ":" + shown[0], *shown[1:]]


def _after_key(value: Any, indent: int) -> str:
    """What stands after the colon, the first line with its space."""
    if isinstance(value, str):
        if "\n" in value.strip("\n") and value == value.strip() and not value.startswith((" ", "\t", "#")):
            pad = " " * (indent + INDENT)
            return " |-\n" + "\n".join(pad + line if line else "" for line in value.split("\n"))
        return " " + _scalar(value)
    if (
        not value
        or _is_short(value)
        or (isinstance(value, dict) and _fits(value) and len(_flow(value)) <= 60)
    ):
        return " " + _flow(value)
    inner = indent + INDENT
    return "\n" + "\n".join(_lines(value, inner))


def _item(value: Any, indent: int) -> list[str]:
    if isinstance(value, dict) and value and not (_fits(value) and "id" not in value):
        first, *rest = _lines(value, indent + INDENT)
        return [" " * indent + "- " + first.lstrip(" "), *rest]
    if isinstance(value, str):
        shown = _after_key(value, indent).split("\n")
        return [" " * indent + "-" + shown[0], *shown[1:]]
    return [" " * indent + "- " + _flow(value)]


def _lines(value: Any, indent: int) -> list[str]:
    if isinstance(value, dict) and value:
        return [line for name, item in value.items() for line in _pair(name, item, indent)]
    if isinstance(value, list) and value:
        return [line for item in value for line in _item(item, indent)]
    return [" " * indent + (_scalar(value) if isinstance(value, str) else _flow(value))]
