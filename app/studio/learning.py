"""The learning queue: messages the system was not sure of, masked, in groups, taught with one key.

What is stored anyway, the answers and the agents' feedback, is looked through in the background by whichever replica comes
first. A message whose best intent scores below `SURE` counts as unsure; one without an intent as refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from rapidfuzz import fuzz, process

from app import regex as re
from app.background import Repeating
from app.content.entries import Catalogue, Ref
from app.errors import Conflict, InvalidRequest, StoreUnavailable
from app.masking import mask
from app.store import audit
from app.store import learning as rows
from app.store import studio as studio_rows
from app.store.database import Database, Transaction
from app.store.learning import Heard, Lesson, Reason
from app.studio.drafts import Change, Drafts

SURE: Final = 0.6
"""Below this score of its best intent a message is worth a trainer's look."""
SETTLED: Final = timedelta(minutes=2)
"""Turns younger than this are looked at again: transactions may end in another order than their numbers."""
BATCH: Final = 200
SHOWN: Final = 600
"""How many waiting messages are grouped at once, the newest."""
ALIKE: Final = 70.0
TOO_ALIKE: Final = 90.0
"""Of messages more alike than this in one group one example is enough."""
MAX_LENGTH: Final = 200
CHOICES: Final = 6
_EVERY: Final = 10.0
_SAYS_SOMETHING: Final = re.compile(r"[a-z\u3400-\u9fff]{2}", re.IGNORECASE)
_COVERED: Final = re.compile(r"〔[^〕]*〕|\*{4}")


@dataclass(frozen=True, slots=True)
class Choice:
    """An intent a group may be taught as. score: how near the system thought it, 0 to 1; said: agents said so."""

    id: str
    name: str
    score: float
    said: bool


@dataclass(frozen=True, slots=True)
class Bunch:
    """Messages alike; `lessons` newest first, `text` what stands for them."""

    text: str
    lessons: list[Lesson]
    choices: list[Choice]


@dataclass(frozen=True, slots=True)
class Taught:
    """edit: the draft's edit, None when every message was an example already."""

    version: int
    edit: int | None
    examples: list[str]
    settled: list[int]


class Learning:
    """One per application."""

    def __init__(self, database: Database, drafts: Drafts) -> None:
        self._database = database
        self._drafts = drafts
        self._repeating = Repeating("learning", _EVERY, self.collect)

    def start(self) -> None:
        """Begin collecting messages in the background."""
        self._repeating.start()

    def stop(self) -> None:
        """End that, after the round that is running."""
        self._repeating.stop()

    def collect(self) -> None:
        """Look through what was stored since the last time; while the database is away it waits."""
        try:
            while self._collect_turns() == BATCH:
                pass
            while self._collect_corrections() == BATCH:
                pass
        except StoreUnavailable:
            return

    def _collect_turns(self) -> int:
        """How many turns are behind us for good."""
        settled = datetime.now(UTC) - SETTLED
        with self._database.write() as session:
            position = rows.lock_mark(session, "turns")
            if position is None:
                return 0
            found = rows.turns_after(session, position, BATCH)
            for _, _, turn in found:
                if turn is not None:
                    _queue(session, turn)
            passed = _passed([(number, at) for number, at, _ in found], settled)
            if passed:
                rows.set_mark(session, "turns", passed[-1])
            return len(passed)

    def _collect_corrections(self) -> int:
        settled = datetime.now(UTC) - SETTLED
        with self._database.write() as session:
            position = rows.lock_mark(session, "feedback")
            if position is None:
                return 0
            found = rows.corrections_after(session, position, BATCH)
            for told in found:
                best = _guesses(told.turn.answer)
                if not best or best[0][0] != told.intent or _reason(told.turn.answer) is not None:
                    _add(session, told.turn, "corrected", told.intent)
            passed = _passed([(told.id, told.at) for told in found], settled)
            if passed:
                rows.set_mark(session, "feedback", passed[-1])
            return len(passed)

    def waiting(self) -> tuple[int, list[Bunch]]:
        """How many messages wait, and the newest of them in groups, the largest group first."""
        names = _intents(self._drafts.snapshot().now)
        with self._database.read() as session:
            total, lessons = rows.count_waiting(session), rows.waiting(session, SHOWN)
        return total, [_bunch(group, names) for group in grouped(lessons)]

    def intents(self) -> list[dict[str, str]]:
        """The intents of the draft a message can be taught as."""
        names = _intents(self._drafts.snapshot().now)
        return [{"id": name, "name": title} for name, title in names.items() if name != "other"]

    def teach(self, numbers: Sequence[int], intent: str, who: str, text: str = "") -> Taught:
        """Make messages examples of an intent in the draft. text: said by the trainer instead of the messages' own words.

        Raises Conflict when somebody settled them meanwhile, or a message is an example of another intent or an examination's
        question, InvalidRequest for an intent that is not there or a text nobody would learn from. Nothing is written then.
        """
        for _ in range(3):
            try:
                return self._teach(numbers, intent, who, text)
            except _Moved:
                continue
        raise Conflict("草稿一直有人在改，请再按一次")

    def _teach(self, numbers: Sequence[int], intent: str, who: str, text: str) -> Taught:
        snapshot = self._drafts.snapshot()
        ref = Ref("intent", intent)
        entry = snapshot.now.find(ref)
        if entry is None:
            raise InvalidRequest("草稿里没有这个意图，可能刚被删掉")
        with self._database.read() as session:
            lessons = rows.still_waiting(session, numbers)
            golden = {message.text for message in studio_rows.golden(session)}
        if not lessons:
            raise Conflict("这几句已经有人处理过了")
        known = {said for said, _ in _said(entry.data.get("examples"))}
        chosen = _chosen([text] if text.strip() else [lesson.text for lesson in lessons], known)
        _check_taught(Known(snapshot.now, golden), chosen, intent)
        settled: list[int] = []

        def settle(session: Transaction) -> None:
            done = rows.decide(session, numbers, state="taught", intent=intent, who=who)
            if not done:
                raise Conflict("这几句已经有人处理过了")
            settled.extend(lesson.id for lesson in done)
            audit.record(session, who, "studio.taught", intent=intent, lessons=[lesson.id for lesson in done])

        examples = [*(entry.data.get("examples") or []), *chosen]
        change = Change(ref, {**entry.data, "examples": examples} if chosen else entry.data)
        result = self._drafts.put_all([change], snapshot, who=who, also=settle)
        if result is None:
            raise _Moved
        moved, edits = result
        return Taught(moved.draft.version, edits[0].id if edits else None, chosen, settled)

    def dismiss(self, numbers: Sequence[int], who: str) -> list[int]:
        """Settle messages without learning from them; those that somebody settled meanwhile are passed over."""
        with self._database.write() as session:
            done = rows.decide(session, numbers, state="dismissed", intent="", who=who)
            audit.record(session, who, "studio.not_taught", lessons=[lesson.id for lesson in done])
        return [lesson.id for lesson in done]

    def reopen(self, numbers: Sequence[int], who: str) -> int:
        """Put settled messages back into the queue; the draft stays as it is."""
        with self._database.write() as session:
            audit.record(session, who, "studio.teaching_undone", lessons=list(numbers))
            return rows.reopen(session, numbers)


class _Moved(Exception):
    """The draft was changed between reading and writing."""


def grouped(lessons: Iterable[Lesson]) -> list[list[Lesson]]:
    """Messages alike together, the largest group first."""
    heads: list[str] = []
    groups: list[list[Lesson]] = []
    for lesson in lessons:
        text = _plain(lesson.text)
        found = process.extractOne(text, heads, scorer=fuzz.ratio, score_cutoff=ALIKE)
        if found is None:
            heads.append(text)
            groups.append([lesson])
        else:
            groups[found[2]].append(lesson)
    return sorted(groups, key=len, reverse=True)


def _bunch(lessons: list[Lesson], names: Mapping[str, str]) -> Bunch:
    scores: dict[str, float] = {}
    said = {lesson.intent for lesson in lessons if lesson.intent}
    for lesson in lessons:
        for name, score in lesson.guesses:
            scores[name] = max(scores.get(name, 0.0), score)
    known = [name for name in {**dict.fromkeys(sorted(said)), **scores} if name in names]
    known.sort(key=lambda name: (name not in said, -scores.get(name, 0.0)))
    choices = [Choice(name, names[name], scores.get(name, 0.0), name in said) for name in known[:CHOICES]]
    return Bunch(lessons[0].text, lessons, choices)


def _queue(session: Transaction, turn: Heard) -> None:
    reason = _reason(turn.answer)
    if reason is not None:
        _add(session, turn, reason)


def _add(session: Transaction, turn: Heard, reason: Reason, intent: str = "") -> None:
    text = masked(turn.text)
    if _SAYS_SOMETHING.search(_COVERED.sub("", text)) is not None:
        guesses = [list(guess) for guess in _guesses(turn.answer)]
        rows.add(session, turn, text=text, reason=reason, guesses=guesses, intent=intent)


def masked(text: str) -> str:
    """A customer's words as they may be kept for learning: covered, on one line, no longer than an example."""
    return " ".join(mask(text).replace("\x00", "").split())[:MAX_LENGTH]


def _reason(answer: Mapping[str, Any]) -> Reason | None:
    intents = answer.get("intents") or []
    if not intents:
        return "refused" if answer.get("abstained") else None
    best = max(float(intent.get("score", 1.0)) for intent in intents)
    return "unsure" if best < SURE else None


def _guesses(answer: Mapping[str, Any]) -> list[tuple[str, float]]:
    """What the system thought of, best first, each intent once."""
    found: dict[str, float] = {}
    for match in [*(answer.get("intents") or []), *(answer.get("candidates") or [])]:
        name, score = str(match.get("id", "")), float(match.get("score", 0.0))
        found[name] = max(score, found.get(name, 0.0))
    return sorted(found.items(), key=lambda item: -item[1])[:CHOICES]


def _passed(found: Sequence[tuple[int, datetime]], settled: datetime) -> list[int]:
    """The numbers up to the first one that is too young to be left behind."""
    passed: list[int] = []
    for number, at in found:
        if at > settled:
            break
        passed.append(number)
    return passed


def _chosen(texts: Sequence[str], known: Iterable[str]) -> list[str]:
    """The texts worth an example each: none there already, none almost the same as another one."""
    chosen: list[str] = []
    have = set(known)
    usable = 0
    for text in map(masked, texts):
        if _SAYS_SOMETHING.search(_COVERED.sub("", text)) is None:
            continue
        usable += 1
        if text not in have and not process.extractOne(
            text, chosen, scorer=fuzz.ratio, score_cutoff=TOO_ALIKE
        ):
            chosen.append(text)
    if not usable:
        raise InvalidRequest("遮住个人信息以后没有剩下能学的话，请改写成一句，或者点「不学」")
    return chosen


class Known:
    """What the examples and examinations of a draft say already, for asking of many sentences."""

    def __init__(self, now: Catalogue, golden: Iterable[str] = ()) -> None:
        self._golden = set(golden)
        self._taught: dict[str, list[tuple[str, str, frozenset[str]]]] = {}
        self._asked: dict[str, str] = {}
        self._near: set[tuple[str, str]] = set()
        for entry in now:
            if entry.ref.kind == "intent" and isinstance(entry.data, dict):
                name = str(entry.data.get("name", entry.ref.id))
                for text, also in _said(entry.data.get("examples")):
                    self._taught.setdefault(text, []).append((entry.ref.id, name, also))
                self._asked |= {text: name for text, _ in _said(entry.data.get("held_out"))}
                self._near |= {(text, entry.ref.id) for text, _ in _said(entry.data.get("not_examples"))}

    def has(self, text: str, intent: str) -> bool:
        """Whether it is an example of the intent."""
        return any(taught == intent for taught, _, _ in self._taught.get(text, ()))

    def why_not(self, text: str, intent: str) -> str:
        """Why it cannot be an example of the intent: taught otherwise, or asked in an examination. Empty when it can."""
        for taught, name, also in self._taught.get(text, ()):
            if taught != intent and intent not in also:
                return f"「{text[:30]}」已经是「{name}」的样例"
        if text in self._asked:
            return f"「{text[:30]}」是「{self._asked[text]}」的考题，学了就考不出来了"
        if (text, intent) in self._near:
            return f"「{text[:30]}」写在这个意图的反例里"
        return f"「{text[:30]}」是店里的考题，学了就考不出来了" if text in self._golden else ""


def _check_taught(known: Known, texts: Sequence[str], intent: str) -> None:
    for text in texts:
        reason = known.why_not(text, intent)
        if reason:
            raise Conflict(f"{reason}，先去改好，或者换一个意图")


def _said(examples: Any) -> list[tuple[str, frozenset[str]]]:
    """What examples say, each with the intents it expresses as well."""
    return [
        (str(example.get("text", "")), frozenset(map(str, example.get("also") or ())))
        if isinstance(example, dict)
        else (str(example), frozenset())
        for example in (examples if isinstance(examples, list) else ())
    ]


def _intents(now: Catalogue) -> dict[str, str]:
    return {
        entry.ref.id: str(entry.data.get("name", entry.ref.id))
        for entry in now
        if entry.ref.kind == "intent" and isinstance(entry.data, dict)
    }


def _plain(text: str) -> str:
    return _COVERED.sub("", text).lower()
