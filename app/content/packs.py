"""Switching packs on and off: a disabled pack's intents, scripts, cards, rules and evidence kits are not there at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from app.content.model import Content
from app.errors import UsageError


def packs_of(files: Iterable[str]) -> tuple[str, ...]:
    """The packs that content files with these paths belong to."""
    folders = {parts[1] for parts in (file.split("/") for file in files) if len(parts) > 2} - {"guard"}
    return tuple(sorted(folders | {"common"}))


def restrict(content: Content, packs: Iterable[str]) -> Content:
    """The content of the named packs; `common` is always on. Raises UsageError for a pack that does not exist."""
    wanted = {pack.strip() for pack in packs if pack.strip()} | {"common"}
    unknown = wanted - set(content.packs)
    if unknown:
        raise UsageError(f"没有这个内容包：{'、'.join(sorted(unknown))}。现有：{'、'.join(content.packs)}")
    return replace(
        content,
        intents={key: intent for key, intent in content.intents.items() if intent.pack in wanted},
        scripts={key: script for key, script in content.scripts.items() if script.pack in wanted},
        cards={key: card for key, card in content.cards.items() if card.pack in wanted},
        rules={key: rule for key, rule in content.rules.items() if rule.pack in wanted},
        evidence={key: kit for key, kit in content.evidence.items() if kit.pack in wanted},
        packs=tuple(sorted(wanted)),
    )
