"""The guard rules applied to scripts: what agents may not send, no script may say."""

from __future__ import annotations

from collections.abc import Iterator

from app.content.integrity import Finding as Place
from app.content.integrity import locate
from app.content.load import Loaded, Problem
from app.content.model import Content, Script
from app.content.template import compile_template
from app.nlu.text import normalise
from app.reply.guard import DraftGuard


def check_wording(loaded: Loaded) -> list[Problem]:
    """What the guard rules of the content find in its own scripts; [] when the content has errors anyway."""
    if loaded.content is None:
        return []

    def line(file: str, path: tuple[str | int, ...]) -> int:
        return loaded.parsed[file].line(path) if file in loaded.parsed else 0

    problems: list[Problem] = []
    for (place, text), level in _findings(loaded.content):
        file, number = locate(loaded.parsed, line, place)
        problems.append(Problem(file, number, text, "error" if level == "block" else "warning"))
    return problems


def _findings(content: Content) -> Iterator[tuple[Place, str]]:
    guard = DraftGuard(content)
    for script in content.scripts.values():
        yield from wording_findings(content, guard, script)


def wording_findings(content: Content, guard: DraftGuard, script: Script) -> Iterator[tuple[Place, str]]:
    """What the guard finds in one script, with the rule's level (block or warn)."""
    platform = _platform(script, content.shop.platform)
    for index, bubble in enumerate(script.bubbles):
        message = normalise(compile_template(bubble).render({}, {}).text)
        for found in guard.wording(message, platform):
            text = f"话术「{script.id}」的「{found.text}」：{found.title}。{found.reason}"
            yield ((f"script:{script.id}", ("bubbles", index)), text), found.level


def _platform(script: Script, ours: str) -> str:
    """Where a script is sent: what its conditions say, outside the platforms when it is spoken in a shop."""
    condition = script.when.get("平台")
    if condition is not None and condition.values:
        return condition.values[0]
    return "其他" if script.tone == "门店" else ours
