"""What changed between two versions of the content, in plain words and entry by entry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff
from typing import Any, Final

from app.content.entries import Catalogue, Ref
from app.studio.drafts import title_of
from app.vocabulary import STAGE_NAMES

KIND_NAMES: Final[dict[str, str]] = {
    "intent": "意图",
    "script": "话术",
    "guide": "提醒",
    "card": "知识卡",
    "rule": "处理规则",
    "guard": "发送前检查",
    "text": "文件",
    "image": "图片",
}
LABELS: Final[dict[str, str]] = {
    "name": "名称",
    "title": "标题",
    "group": "分组",
    "kind": "种类",
    "definition": "说的是什么",
    "not": "不包括",
    "banner": "亮红条",
    "yields_to": "让位给",
    "examples": "样例",
    "not_examples": "相近但不是",
    "held_out": "考题",
    "patterns": "句式",
    "weak_patterns": "提示句式",
    "ask": "要问清的",
    "stage": "阶段",
    "also": "还用于阶段",
    "tone": "语气",
    "also_for": "还用于意图",
    "when": "什么情况下用",
    "acts": "这句做了什么",
    "bubbles": "气泡",
    "valid": "有效期",
    "ahead_of": "排在这些话术前面",
    "images": "图片",
    "file": "文件",
    "platform": "平台",
    "return_days": "无理由退货天数",
    "exchange_days": "换货天数",
    "price_protect_days": "保价天数",
    "dispatch": "付款后多久发货",
    "refund": "多久退款",
    "authority": "权限",
    "agent": "客服能答应多少元",
    "lead": "主管能答应多少元",
    "admin": "店主能答应多少元",
    "time": "多久",
    "starts": "从什么时候算",
    "time_zone": "时区",
    "holidays": "放假的日子",
    "workdays": "上班的日子",
    "alt": "图上是什么",
    "source": "依据",
    "guidance": "提醒",
    "do": "要做的",
    "dont": "不要做的",
    "cards": "知识卡",
    "rules": "处理规则",
    "text": "内容",
    "checked": "核对日期",
    "regions": "地区",
    "intents": "意图",
    "outcome": "怎么办",
    "reason": "理由",
    "level": "轻重",
    "platforms": "平台",
    "rewrite": "换成这样说",
    "freight": "运费谁出",
    "remedies": "方案",
    "deadlines": "期限",
    "approval": "谁拍板",
    "steps": "步骤",
    "from": "从",
    "until": "到",
    "intent": "其实是",
}
_MAX_LINES: Final = 40
_VARIABLE: Final = re.compile(r"\{\{\s*([^{}|]+?)\s*(?:\|[^{}]*)?\}\}")


@dataclass(frozen=True, slots=True)
class Line:
    """One difference. label: which part; before, after: what it said and says, empty when it was or is not there."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one entry. kind, action: in Chinese; lines: at most 40 differences; more: how many are left out."""

    ref: Ref
    title: str
    kind: str
    action: str
    lines: tuple[Line, ...]
    more: int = 0


def compare(before: Catalogue, after: Catalogue) -> list[Change]:
    """Every entry that is not the same, in the order of the files."""
    refs = {entry.ref: None for entry in after} | {entry.ref: None for entry in before}
    found: list[Change] = []
    for ref in refs:
        old, new = before.data(ref), after.data(ref)
        if old is not new and old != new:
            found.append(describe(ref, old, new))
    return found


def describe(ref: Ref, old: Any, new: Any) -> Change:
    """What became of one entry; None: it was or is not there."""
    action = "新增" if old is None else "删除" if new is None else "修改"
    if ref.kind == "image":
        return Change(ref, ref.id, KIND_NAMES["image"], action, ())
    lines = list(_text_lines(old or "", new or "") if ref.kind == "text" else _lines(old or {}, new or {}))
    title = title_of(ref, new if new is not None else old)
    return Change(
        ref, title, KIND_NAMES[ref.kind], action, tuple(lines[:_MAX_LINES]), max(0, len(lines) - _MAX_LINES)
    )


def _text_lines(old: str, new: str) -> Iterator[Line]:
    for line in unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm=""):
        if line[:3] not in ("---", "+++") and line[:2] != "@@":
            yield Line("", line[1:], "") if line[0] == "-" else Line("", "", line[1:])


def _lines(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Line]:
    for key in dict.fromkeys((*new, *old)):
        if key == "id" or old.get(key) == new.get(key):
            continue
        yield from _difference(LABELS.get(key, key), old.get(key), new.get(key))


def _difference(label: str, old: Any, new: Any) -> Iterator[Line]:
    if isinstance(old, dict) and isinstance(new, dict) or isinstance(old or new, dict):
        for key in dict.fromkeys((*(new or {}), *(old or {}))):
            if (old or {}).get(key) != (new or {}).get(key):
                inner = LABELS.get(key, key)
                yield from _difference(f"{label}·{inner}", (old or {}).get(key), (new or {}).get(key))
    elif isinstance(old, list) or isinstance(new, list):
        yield from _list_difference(label, old or [], new or [])
    else:
        yield Line(label, shown(old), shown(new))


def _list_difference(label: str, old: list[Any], new: list[Any]) -> Iterator[Line]:
    before, after = [shown(item) for item in old], [shown(item) for item in new]
    for kind, a, b, c, d in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        for index in range(max(b - a, d - c)):
            yield Line(
                label,
                before[a + index] if a + index < b else "",
                after[c + index] if c + index < d else "",
            )


def shown(value: Any) -> str:
    """A value as a person would write it down."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "、".join(shown(item) for item in value)
    if isinstance(value, dict):
        text = value.get("text")
        rest = "，".join(
            f"{LABELS.get(key, key)}：{shown(item)}" for key, item in value.items() if key != "text" and item
        )
        return f"{text}（{rest}）" if text and rest else str(text or rest)
    return STAGE_NAMES.get(value, _VARIABLE.sub(r"〔\1〕", str(value)))
