"""When an apology is for what was said and has not come about."""

from __future__ import annotations

import pytest

from app.reply.customer_acts import CUSTOMER_ACTS
from app.reply.matters import BROKEN, for_stage, let_down
from app.reply.state import ConversationState, OpenTurn


def chances(**likely: float) -> tuple[float, ...]:
    return tuple(likely.get(act, 0.0) for act in CUSTOMER_ACTS)


@pytest.mark.parametrize(
    ("more", "sounds", "failed"),
    [
        ({"due": True}, "more", True),
        ({"resolution": True}, "overdue", True),
        ({"resolution": True}, "more", False),
        ({}, "overdue", False),
        ({"due": True, "open": OpenTurn(texts=("第三天了",), answered=("照片",))}, "more", False),
    ],
)
def test_let_down(
    monkeypatch: pytest.MonkeyPatch, more: dict[str, object], sounds: str, failed: bool
) -> None:
    monkeypatch.setattr(ConversationState, "latest_acts", chances(**{sounds: 0.6}))
    fields: dict[str, object] = {"open": OpenTurn(texts=("第三天了",)), "agent_turns": 1, **more}
    assert let_down(ConversationState(**fields)) is failed  # type: ignore[arg-type]


def test_the_apology_begins_with_it() -> None:
    assert for_stage(("invoice",), "apologise", let_down=True) == (BROKEN, "invoice")
    assert for_stage(("invoice",), "apologise") == ("invoice",)
    assert for_stage(("invoice",), "resolve", let_down=True) == ("invoice",)
