"""Work done again and again: it survives errors, can be woken, and ends."""

from __future__ import annotations

import threading

from app.background import Repeating


def test_a_failing_round_is_followed_by_the_next_and_it_stops(caplog) -> None:
    rounds: list[int] = []
    done = threading.Event()

    def work() -> None:
        rounds.append(1)
        if len(rounds) == 1:
            repeating.wake()
            raise ValueError("客户的话")
        done.set()

    repeating = Repeating("counting", 3600, work)
    repeating.start()
    repeating.wake()
    assert done.wait(60)
    repeating.stop()
    repeating.wake()
    assert len(rounds) == 2
    assert "counting failed: ValueError" in caplog.text
    assert "客户的话" not in caplog.text
