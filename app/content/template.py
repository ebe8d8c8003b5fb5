"""The template language of scripts: text, {{ variable }}, {{ variable | default("…") }}, {% if fact %}; nothing else.

A template is checked against a list of allowed syntax before it is ever compiled, then rendered in jinja2's immutable
sandbox. Values never become syntax, and a value nobody has given shows as 〔name〕; the answer made of a customer's question
(答句) brings its own blank, called what they ask: 〔会不会〕.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from jinja2 import Template as JinjaTemplate
from jinja2 import TemplateSyntaxError, Undefined, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.values import frozen
from app.vocabulary import BOOLEAN_FACTS, RESTATED, VARIABLES

MAX_LENGTH: Final = 1000
MAX_DEPTH: Final = 3
MAX_VALUE: Final = 200
_OPEN, _CLOSE = "\ue000", "\ue001"
_BLANK = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}")
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ue000\ue001\ud800-\udfff]"
)
_REFUSED = re.compile(r"\{#|\{%[-+]?\s*(?:end)?raw\b")


class _Blank(Undefined):
    """A variable without a value: its default from the table of variables, or a marked blank."""

    def __str__(self) -> str:
        name = self._undefined_name or ""
        default = VARIABLES[name].default
        return default if default is not None else f"{_OPEN}{name}{_CLOSE}"


_environment = ImmutableSandboxedEnvironment(undefined=_Blank, autoescape=False, keep_trailing_newline=False)  # noqa: S701
_environment.globals.clear()
_environment.filters = {"default": _environment.filters["default"]}
_environment.tests.clear()


@frozen
class Rendered:
    """`blanks`: (name, start, end) of each 〔name〕 in `text`, in order."""

    text: str
    blanks: tuple[tuple[str, int, int], ...]


@frozen
class Template:
    """A checked template. `variables` and `facts` are the names it mentions; plain: nothing to fill in."""

    source: str
    variables: frozenset[str]
    facts: frozenset[str]
    plain: bool

    def render(self, values: Mapping[str, str], flags: Mapping[str, bool]) -> Rendered:
        """Fill in values (variable -> text) and flags (是/否 fact -> truth); unknown names are ignored."""
        if self.plain:
            return Rendered(self.source, ())
        known = {name: clean(values[name]) for name in self.variables if values.get(name)}
        if RESTATED in known:
            known[RESTATED] = known[RESTATED].replace("〔", _OPEN).replace("〕", _CLOSE)
        text = _compiled(self.source).render(**known, **{name: flags.get(name, False) for name in self.facts})
        return _mark_blanks(text) if _OPEN in text else Rendered(text, ())


def clean(value: str) -> str:
    """A value as it may stand in a script: one line, no control or direction characters, at most MAX_VALUE characters."""
    return visible(value)[:MAX_VALUE]


def visible(text: str) -> str:
    """A text in one line, without control and direction characters."""
    return " ".join(_UNWANTED.sub("", text).split())


def _mark_blanks(marked: str) -> Rendered:
    text, blanks, done = "", [], 0
    for found in _BLANK.finditer(marked):
        text += marked[done : found.start()]
        shown = f"〔{found[1]}〕"
        blanks.append((found[1], len(text), len(text) + len(shown)))
        text += shown
        done = found.end()
    return Rendered(text + marked[done:], tuple(blanks))


@lru_cache(maxsize=8192)
def compile_template(source: str) -> Template:
    """Check and compile; the same text is compiled once. Raises ValueError with a Chinese sentence that says what is
    not allowed and where.
    """
    if len(source) > MAX_LENGTH:
        raise ValueError(f"太长，最多 {MAX_LENGTH} 个字")
    if _UNWANTED.search(source):
        raise ValueError("里面有看不见的控制字符")
    if _REFUSED.search(source):
        raise ValueError("不能用 {# 备注 #} 和 {% raw %}")
    if not any(mark in source for mark in ("{{", "{%", "{#", "}}", "%}")):
        return Template(source, frozenset(), frozenset(), plain=True)
    try:
        tree = _environment.parse(source)
    except TemplateSyntaxError as error:
        raise ValueError("写法不完整，检查 {{ }} 和 {% if %} … {% endif %} 是不是成对") from error
    variables: set[str] = set()
    facts: set[str] = set()
    _check(tree.body, variables, facts, depth=0)
    return Template(source, frozenset(variables), frozenset(facts), plain=False)


@lru_cache(maxsize=8192)
def _compiled(source: str) -> JinjaTemplate:
    """Made when it is first sent: most scripts wait long for that, and a start need not."""
    return _environment.from_string(source)


def _check(body: list[nodes.Node], variables: set[str], facts: set[str], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ValueError(f"{{% if %}} 最多套 {MAX_DEPTH} 层")
    for node in body:
        if isinstance(node, nodes.Output):
            for part in node.nodes:
                _check_output(part, variables)
        elif isinstance(node, nodes.If):
            facts.add(_fact(node.test))
            _check([*node.body, *node.elif_], variables, facts, depth + 1)
            _check(node.else_, variables, facts, depth + 1)
        else:
            raise ValueError("只能用 {{ 变量 }} 和 {% if 事实 %}，不能用循环、赋值、宏或引用")


def _check_output(node: nodes.Node, variables: set[str]) -> None:
    if isinstance(node, nodes.TemplateData):
        return
    if isinstance(node, nodes.Filter):
        _check_default(node)
        if node.node is None:
            raise ValueError("default 要跟在变量后面")
        node = node.node
    if not isinstance(node, nodes.Name):
        raise ValueError("{{ }} 里只能写变量名，不能计算、调用函数或取属性")
    if node.name not in VARIABLES:
        raise ValueError(f"没有「{node.name}」这个变量")
    variables.add(node.name)


def _check_default(node: nodes.Filter) -> None:
    plain_call = not node.kwargs and node.dyn_args is None and node.dyn_kwargs is None
    text = node.args[0] if len(node.args) == 1 else None
    if (
        node.name != "default"
        or not plain_call
        or not isinstance(text, nodes.Const)
        or not isinstance(text.value, str)
    ):
        raise ValueError('变量后面只能写 | default("文字")')


def _fact(test: nodes.Node) -> str:
    if isinstance(test, nodes.Not):
        test = test.node
    if not isinstance(test, nodes.Name) or test.name not in BOOLEAN_FACTS:
        raise ValueError(f"{{% if %}} 后面只能写是/否的事实：{'、'.join(sorted(BOOLEAN_FACTS))}")
    return test.name
