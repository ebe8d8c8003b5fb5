"""Memory is the same after it was moved."""

from __future__ import annotations

from app.heap import on_big_pages


def test_what_is_in_memory_stays() -> None:
    words = {f"词{number}": number for number in range(50_000)}
    on_big_pages()
    assert words == {f"词{number}": number for number in range(50_000)}
