"""What agents did with the scripts: kept per script and agent, and turned into a small liking that ranks them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from difflib import SequenceMatcher
from typing import Final

from app.background import Repeating
from app.content.model import Content
from app.errors import StoreUnavailable
from app.store import conversations
from app.store import feedback as rows
from app.store.database import Database
from app.store.feedback import Feedback, Kind

MOST: Final = 0.05
_EVERY: Final = 30.0
_DOUBT: Final = 10
_WEIGHTS: Final[dict[Kind, float]] = {"copied": 1.0, "edited": 0.4, "rejected": -2.0}
_MAX_DIFF: Final = 200
_LATELY: Final = timedelta(days=30)
_COMPARABLE: Final = 1500


def record(database: Database, feedback: Feedback) -> int:
    """Store feedback; returns its number. Of a conversation there is not, or not any more, no words are kept.

    Raises StoreUnavailable.
    """
    with database.write() as session:
        talk = feedback.conversation_id
        if talk is not None and not conversations.hold(session, talk):
            feedback = replace(feedback, conversation_id=None, turn_id=None, sent_text=None, diff=())
        return rows.add(session, feedback)


def often(database: Database, agent: str, limit: int) -> list[str]:
    """The scripts a person used in the last 30 days, the most used first. Raises StoreUnavailable."""
    with database.read() as session:
        return rows.often(session, agent, datetime.now(UTC) - _LATELY, limit)


def difference(script: str, sent: str) -> tuple[tuple[str, str], ...]:
    """What was taken out of a script and what was put in its place, in order; () when it was sent as it is."""
    if max(len(script), len(sent)) > _COMPARABLE:
        return ((script, sent),) if script != sent else ()
    matcher = SequenceMatcher(None, script, sent, autojunk=False)
    pairs = [
        (script[start:end], sent[first:last])
        for kind, start, end, first, last in matcher.get_opcodes()
        if kind != "equal"
    ]
    return tuple(pairs[:_MAX_DIFF])


def liking(counts: Mapping[Kind, int]) -> float:
    """-MOST to MOST from how often a script was copied, edited and rejected; few reports move little."""
    total = sum(counts.values())
    weight = sum(_WEIGHTS[kind] * count for kind, count in counts.items())
    return round(max(-1.0, min(1.0, weight / (total + _DOUBT))) * MOST, 4)


class Ratings:
    """The liking of every script, in memory; a thread reads it anew every 30 seconds.

    content: the content being served, None before there is any. The scripts of risks are never rated.
    """

    def __init__(self, database: Database, content: Callable[[], Content | None]) -> None:
        self._database = database
        self._content = content
        self.current: Mapping[str, float] = {}
        self._repeating = Repeating("ratings", _EVERY, self.refresh)

    def start(self) -> None:
        """Read the ratings, then again and again in the background."""
        self.refresh()
        self._repeating.start()

    def stop(self) -> None:
        """End that, after the round that is running."""
        self._repeating.stop()

    def refresh(self) -> None:
        """Read the counts; while the database is away the last ones stay."""
        content = self._content()
        if content is None:
            return
        try:
            with self._database.read() as session:
                counts = rows.counts(session)
        except StoreUnavailable:
            return
        self.current = {
            script: liking(found) for script, found in counts.items() if _may_be_rated(content, script)
        }


def _may_be_rated(content: Content, script_id: str) -> bool:
    script = content.scripts.get(script_id)
    if script is None:
        return False
    intent = content.intents.get(script.intent)
    return intent is None or intent.kind != "risk"
