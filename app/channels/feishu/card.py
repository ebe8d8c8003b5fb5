"""The card a question is answered with: what was heard, the best scripts, and buttons for used or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.channels.staff import SCRIPTS, advice, heard, risks

_MAX_SCRIPT: Final = 1500
_ESCAPES: Final = str.maketrans({char: f"&#{ord(char)};" for char in "<>*~`[]_\\"})


def card_of(answer: Mapping[str, Any]) -> dict[str, Any] | None:
    """None when there is nothing to show. What customers and scripts say is text, never markup."""
    scripts, known = answer.get("suggestions", ())[:SCRIPTS], advice(answer)
    if not scripts and not known:
        return None
    elements: list[dict[str, Any]] = [_words(f"**注意** {plain(words)}") for words in risks(answer)]
    elements += [_words(plain(line)) for line in known]
    for script in scripts:
        missing = f"（先填：{'、'.join(script['missing'])}）" if script["missing"] else ""
        text = "\n".join(plain(bubble) for bubble in script["bubbles"])[:_MAX_SCRIPT]
        elements.append(_words(f"**{plain(script['title'])}**{missing}\n{text}"))
        elements.append({"tag": "action", "actions": [_button(script, "yes"), _button(script, "no")]})
    return {
        "config": {"wide_screen_mode": True},
        "header": {"title": {"tag": "plain_text", "content": heard(answer)}, "template": "blue"},
        "elements": elements,
    }


def plain(text: str) -> str:
    """Text in which nothing is read as markup of a card."""
    return text.translate(_ESCAPES)


def _words(markdown: str) -> dict[str, Any]:
    return {"tag": "div", "text": {"tag": "lark_md", "content": markdown}}


def _button(script: Mapping[str, Any], used: str) -> dict[str, Any]:
    return {
        "tag": "button",
        "type": "primary" if used == "yes" else "default",
        "text": {"tag": "plain_text", "content": "用了这条" if used == "yes" else "不合适"},
        "value": {"script_id": script["script_id"], "used": used},
    }
