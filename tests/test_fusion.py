"""How kinds of evidence become one score: what makes an intent more or less likely, and that the numbers fit the code."""

from __future__ import annotations

import numpy as np
import pytest

from app.nlu.fusion import SIGNALS, network

# an intent that leads a message of one clause, plainly
PLAIN = {
    "model": 3.0, "whole": 3.0, "best clause": 3.0, "first of all": 1.0, "margin": 5.0, "leads a clause": 1.0, "as leader": 3.0,
    "as leader, margin": 5.0, "length of that clause": 0.8, "clauses": 1.0, "best of all": 3.0, "length": 0.4, "known": 1.0,
    "other in all": -5.0, "other in its clause": -5.0, "above other": 8.0, "complaint": 1.0,
}  # fmt: skip


def chance(**changed: float) -> float:
    signals = {**PLAIN, **{name.replace("_", " "): value for name, value in changed.items()}}
    row = np.array([[signals.get(name, 0.0) for name in SIGNALS]], dtype=np.float32)
    return float(network().chances(row)[0])


def test_the_stored_numbers_are_of_this_program() -> None:
    stored = network()
    assert stored.inner.shape == (len(SIGNALS), len(stored.outer))
    assert len(stored.inner_bias) == len(stored.outer)
    assert (
        len(stored.middle) == len(stored.scale) == len(stored.lowest) == len(stored.highest) == len(SIGNALS)
    )
    assert (stored.scale > 0).all()
    assert (stored.lowest <= stored.highest).all()


def test_what_leads_plainly_is_believed_and_doubts_count() -> None:
    assert chance() > 0.7
    assert chance(doubted=1.0) < chance() - 0.1
    assert chance(other_in_all=4.0, other_in_its_clause=4.0, above_other=-1.0) < chance()


@pytest.mark.parametrize("value", [1e9, -1e9])
def test_no_message_breaks_it(value: float) -> None:
    row = np.full((1, len(SIGNALS)), value, dtype=np.float32)
    assert 0 <= float(network().chances(row)[0]) <= 1
