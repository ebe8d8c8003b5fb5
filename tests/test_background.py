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


def test_an_error_that_stays_is_logged_once_and_when_it_is_over(caplog) -> None:
    errors = [OSError(), OSError(), OSError(), ValueError(), None, OSError()]
    done = threading.Event()

    def work() -> None:
        if not errors:
            done.set()
            return
        error = errors.pop(0)
        repeating.wake()
        if error is not None:
            raise error

    caplog.set_level("INFO")
    repeating = Repeating("counting", 3600, work)
    repeating.start()
    repeating.wake()
    assert done.wait(60)
    repeating.stop()
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "counting failed: OSError",
        "counting failed: ValueError",
        "counting works again",
        "counting failed: OSError",
        "counting works again",
    ]
