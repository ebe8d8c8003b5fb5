"""One YAML file -> plain text, lists and mappings with their lines; what content files may not contain is refused.

Anchors, aliases and duplicate keys are refused: a file means what it shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import yaml

MAX_FILE: Final = 1_000_000
MAX_DEPTH: Final = 12
_SURELY_SHALLOW: Final = (500, 1_000)
"""At most so many [ and {, and characters in a line: nested so little that composing cannot exhaust the C stack."""

_Loader: Any = type(
    "_Loader",
    (getattr(yaml, "CBaseLoader", yaml.BaseLoader),),
    {
        "resolve": lambda *_: "",
        "__doc__": "Nobody asks for the tags of values, and working them out takes a third of the time.",
    },
)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong in a content file; line counts from 1, 0 when the whole file is meant."""

    file: str
    line: int
    text: str
    level: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place} {'错误' if self.level == 'error' else '提醒'}：{self.text}"


@dataclass(frozen=True)
class Parsed:
    """One YAML file: its data as plain text, lists and mappings, and the nodes that know the lines."""

    file: str
    data: Any
    node: yaml.Node

    def line(self, path: tuple[str | int, ...] = ()) -> int:
        """The line (from 1) of the value at `path`, or of the nearest value above it."""
        node = self.node
        for step in path:
            found = _child(node, step)
            if found is None:
                break
            node = found
        return int(node.start_mark.line) + 1

    def path_at(self, line: int) -> tuple[str | int, ...]:
        """The path of the innermost value that begins at or last before `line` (from 1)."""
        path: list[str | int] = []
        node = self.node
        while True:
            inside = [(step, value) for step, begins, value in _children(node) if begins + 1 <= line]
            if not inside:
                return tuple(path)
            step, node = inside[-1]
            path.append(step)


def parse_file(name: str, text: str, problems: list[Problem]) -> Parsed | None:
    """One YAML file; what is wrong with it is added to `problems`, and then there is no result."""
    if len(text) > MAX_FILE:
        problems.append(Problem(name, 0, f"文件太大，最多 {MAX_FILE} 个字"))
        return None
    if "\ufffd" in text:
        problems.append(
            Problem(name, text[: text.index("\ufffd")].count("\n") + 1, "不是 UTF-8 编码，请另存为 UTF-8")
        )
        return None
    try:
        _refuse_deep(text)
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                problems.append(Problem(name, 0, "文件是空的"))
                return None
            return Parsed(name, _plain(node, set()), node)
        finally:
            loader.dispose()
    except _Refused as refused:
        problems.append(Problem(name, refused.line, refused.text))
        return None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        problems.append(
            Problem(name, mark.line + 1 if mark else 0, "YAML 写法不对，检查缩进、冒号后的空格和引号")
        )
        return None


def without_lines(name: str, data: Any) -> Parsed:
    """Data parsed before, whose lines are not known any more."""
    begin = yaml.Mark(name, 0, 0, 0, None, 0)
    return Parsed(name, data, yaml.ScalarNode("", "", begin, begin))


class _Refused(Exception):
    """Something in a file that content may not contain."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line
        self.text = text


def _refuse_deep(text: str) -> None:
    """Raises _Refused for nesting that would exhaust the C stack of the recursive composer, which cannot be caught.

    A bracket opens at most two levels, and block levels begin further and further right: at most two for a column.
    """
    brackets, width = _SURELY_SHALLOW
    if text.count("[") + text.count("{") <= brackets and max(map(len, text.split("\n"))) <= width:
        return
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH + 1:
            raise _Refused(event.start_mark.line + 1 if event.start_mark else 0, "层次太深")


def _plain(node: yaml.Node, seen: set[int], depth: int = 0) -> Any:
    """The node as text, lists and mappings. Raises _Refused for references, repeated keys and deep nesting."""
    if isinstance(node, yaml.ScalarNode):
        return node.value
    line = node.start_mark.line + 1
    if id(node) in seen:
        raise _Refused(line, "不能用 & 和 * 引用，请直接写出来")
    if depth > MAX_DEPTH:
        raise _Refused(line, "层次太深")
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        return [_plain(value, seen, depth + 1) for value in node.value]
    data: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _Refused(key.start_mark.line + 1, "键要写成文字")
        if key.value in data:
            raise _Refused(key.start_mark.line + 1, f"「{key.value}」写了两次")
        data[key.value] = _plain(value, seen, depth + 1)
    return data


def _children(node: yaml.Node) -> Iterator[tuple[str | int, int, yaml.Node]]:
    """(step, line from 0, value) of everything directly in a collection, in order."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key.value, key.start_mark.line, value
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield index, value.start_mark.line, value


def _child(node: yaml.Node, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        found: yaml.Node = node.value[step]
        return found
    return None
