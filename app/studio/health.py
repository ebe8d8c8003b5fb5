"""How the library is: what a look over its scripts finds, and how agents use them.

The look takes seconds with many scripts, so it is made in a process of its own, beside the requests, once for each version
of the draft that somebody asks about; until it is done the last one is shown. How scripts are used is counted by the database.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.background import Repeating
from app.content.entries import Entry, Ref
from app.errors import AppError, Conflict, InvalidRequest
from app.store import feedback, learning, usage
from app.store import studio as studio_rows
from app.store.database import Database
from app.store.learning import Lesson
from app.store.studio import Edit
from app.store.usage import Use
from app.studio.drafts import Snapshot
from app.studio.figures import ENOUGH
from app.studio.likeness import marked
from app.studio.tree import owner
from app.studio.usual_edits import Usual, usual
from app.studio.workshop import BenchLine, Workshop
from app.vocabulary import STAGE_NAMES

PERIODS: Final = (7, 30, 90)
"""Days that figures may be asked for."""
OFTEN_SHOWN: Final = 30
"""Shown so often and never used: nobody wants it."""
LITTLE: Final = 200
"""With fewer scripts shown altogether, one that was not says nothing."""
MOST: Final = 200
LISTED: Final = 20
_TEXTS: Final = 300
_LESSONS: Final = 3000
_GUESS: Final = 0.2
_KEPT: Final = 60.0
_ZONE: Final = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Looked:
    """found: what `survey` says, None before the first look. version: of the draft it is of; fresh: of the draft as it is now."""

    found: dict[str, Any] | None
    version: int
    fresh: bool
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class _Look:
    key: tuple[object, ...]
    version: int
    found: dict[str, Any] | None
    trouble: str = ""


class Health:
    """One per application. bench: makes the process that looks."""

    def __init__(
        self,
        database: Database,
        workshop: Workshop,
        packs: tuple[str, ...],
        bench: Callable[[tuple[str, ...]], BenchLine],
    ) -> None:
        self._database = database
        self._workshop = workshop
        self._packs = packs
        self._new_bench = bench
        self._look: _Look | None = None
        self._wanted: Snapshot | None = None
        self._lock = threading.Lock()
        self._used: dict[int, tuple[float, dict[str, Any]]] = {}
        self._repeating = Repeating("library-health", 60.0, self.look)

    def start(self) -> None:
        """Begin looking at the draft in the background."""
        self._repeating.start()

    def stop(self) -> None:
        """End that, after the round that is running."""
        self._repeating.stop()

    def library(self) -> Looked:
        """What the last look found; a draft that was changed since is looked over in the background. Raises NotReady."""
        snapshot = self._workshop.drafts.snapshot()
        last = self._look
        fresh = last is not None and last.key == _key(snapshot)
        if not fresh:
            self._wanted = snapshot
            self._repeating.wake()
        if last is None:
            return Looked(None, 0, fresh=False)
        return Looked(last.found, last.version, fresh, last.trouble)

    def look(self) -> None:
        """Look over the draft somebody asked about, if it was not looked over yet."""
        with self._lock:
            snapshot, self._wanted = self._wanted, None
            if snapshot is None or (self._look is not None and self._look.key == _key(snapshot)):
                return
            key, draft = _key(snapshot), snapshot.draft
            bench = self._new_bench(self._packs)
            try:
                found = bench.call(key, snapshot.now.files, ("survey", today().isoformat()))
                self._look = _Look(key, draft.version, found)
            except AppError as error:
                before = self._look.found if self._look is not None else None
                self._look = _Look(key, draft.version, before, error.detail)
            finally:
                bench.stop()

    def used(self, days: int) -> dict[str, Any]:
        """How the scripts were used in the last `days` days, today included. See `_Report`. Raises NotReady, StoreUnavailable."""
        kept = self._used.get(days)
        if kept is not None and time.monotonic() - kept[0] < _KEPT:
            return kept[1]
        report = self._report(days).as_json()
        self._used[days] = (time.monotonic(), report)
        return report

    def _report(self, days: int) -> _Report:
        first = first_day(days)
        since = datetime.combine(first, datetime.min.time(), UTC)
        snapshot = self._workshop.drafts.snapshot()
        with self._database.read() as session:
            by_script = usage.usage(session, first, "script")
            report = _Report(
                snapshot, days, first, by_script,
                usage.usage(session, first, "agent"),
                usage.usage(session, first, "day"),
                feedback.rejections(session, since),
                studio_rows.added_since(session, since),
                self._packs,
            )  # fmt: skip
            edited = sorted(by_script.items(), key=lambda item: -item[1].edited)[:LISTED]
            report.edits = [
                (script, use, feedback.edited_texts(session, script, since, _TEXTS))
                for script, use in edited
                if use.edited
            ]
            week = datetime.now(UTC) - timedelta(days=7)
            report.lessons = learning.since(session, week, _LESSONS)
        return report

    def adopt(self, script: str, proposal: str, days: int, who: str) -> tuple[int, Edit | None]:
        """Put the usual edit of a script into the draft, as it was shown (its `proposal` name); → the draft's version, the edit.

        Raises Conflict when another edit is the usual one by now, or somebody changed the script; InvalidRequest when the
        wording would not pass the checks. Nothing is written then.
        """
        self._used.pop(days, None)
        offered = next((one for one in self.used(days)["edited"] if one["id"] == script), None)
        snapshot = self._workshop.drafts.snapshot()
        ref = Ref("script", script)
        entry = snapshot.now.find(ref)
        if entry is None or offered is None or offered.get("proposal") != proposal:
            raise Conflict("这条话术或者大家的改法刚刚又变了，请看过再用")
        data = {**entry.data, "bubbles": list(offered["bubbles"])}
        checked = self._workshop.check_entry(snapshot, ref, data, pack=entry.pack, sample="new", agent=who)
        wrong = [problem["text"] for problem in checked["problems"] if problem["level"] == "error"]
        if wrong:
            raise InvalidRequest(f"这个说法过不了检查：{wrong[0]}")
        moved, edit = self._workshop.drafts.put(ref, data, base=entry.etag, who=who)
        self._used.clear()
        return moved.draft.version, edit


class _Report:
    """The figures of a period over the scripts of the draft."""

    def __init__(
        self, snapshot: Snapshot, days: int, first: date, by_script: Mapping[str, Use], by_agent: Mapping[str, Use],
        by_day: Mapping[str, Use], rejections: Mapping[str, Mapping[str, int]], added: Iterable[str], packs: Iterable[str],
    ) -> None:  # fmt: skip
        self._now = snapshot.now
        self._base = snapshot.base
        self._days = days
        self._first = first
        self._scripts = by_script
        self._agents = by_agent
        self._by_day = by_day
        self._rejections = rejections
        self._added = set(added)
        self._packs = {"common", *packs}
        self._intents = {
            entry.ref.id: str(entry.data.get("name", entry.ref.id))
            for entry in snapshot.now
            if entry.ref.kind == "intent" and isinstance(entry.data, dict)
        }
        self.edits: list[tuple[str, Use, list[str]]] = []
        self.lessons: list[Lesson] = []

    def as_json(self) -> dict[str, Any]:
        total = usage.total(self._scripts.values())
        busiest = sorted(self._scripts.items(), key=lambda item: (-item[1].shown, item[0]))
        return {
            "days": self._days,
            "first": self._first.isoformat(),
            "total": figures(total),
            "by_day": self._every_day(),
            "by_script": [{**self._named(script), **figures(use)} for script, use in busiest[:MOST]],
            "by_intent": self._by_intent(),
            "by_agent": [
                {"name": agent or "没有登录", **figures(use)}
                for agent, use in sorted(self._agents.items(), key=lambda item: -item[1].shown)
            ],
            "unused": [
                {**self._named(script), "shown": use.shown}
                for script, use in busiest
                if use.shown >= OFTEN_SHOWN and use.copied + use.edited == 0 and self._is_here(script)
            ][:MOST],
            "unseen": self._unseen(),
            "little": total.shown < LITTLE,
            "edited": [one for edit in self.edits if (one := self._edited(*edit)) is not None],
            "rejected": self._rejected(),
            "gaps": self._gaps(),
        }

    def _every_day(self) -> list[dict[str, Any]]:
        days = [self._first + timedelta(days=number) for number in range(self._days)]
        return [{"day": day.isoformat(), **figures(self._by_day.get(day.isoformat(), Use()))} for day in days]

    def _by_intent(self) -> list[dict[str, Any]]:
        sums: dict[str, list[Use]] = defaultdict(list)
        for script, use in self._scripts.items():
            sums[self._intent_of(script)].append(use)
        found: list[dict[str, Any]] = [
            {"id": intent, "name": self._intents.get(intent, "通用"), **figures(usage.total(uses))}
            for intent, uses in sums.items()
        ]
        return sorted(found, key=lambda one: (-one["shown"], one["id"]))

    def _unseen(self) -> dict[str, Any]:
        """Published scripts that nobody was shown; those added in the period are not among them."""
        here = [entry for entry in self._base if entry.ref.kind == "script" and entry.pack in self._packs]
        missing = [
            entry
            for entry in here
            if entry.ref.id not in self._scripts
            and str(entry.ref) not in self._added
            and self._is_here(entry.ref.id)
        ]
        return {
            "count": len(missing),
            "of": len(here),
            "items": [self._named(entry.ref.id) for entry in missing[:MOST]],
        }

    def _edited(self, script: str, use: Use, texts: list[str]) -> dict[str, Any] | None:
        """A script often edited, with the usual edit when there is one that is not in the draft yet."""
        entry = self._now.find(Ref("script", script))
        if entry is None or use.edited < 2:
            return None
        bubbles = [str(bubble) for bubble in entry.data.get("bubbles") or ()]
        found = usual(bubbles, texts) if bubbles else None
        told = {**self._named(script), "edited": use.edited, "used": use.edited + use.copied}
        if found is None:
            return {**told, "proposal": None, "bubbles": [], "before": [], "after": [], "times": 0, "read": 0}
        before, after = marked("\n".join(bubbles), "\n".join(found.bubbles))
        return {
            **told,
            "proposal": proposal_name(entry, found),
            "bubbles": list(found.bubbles),
            "before": before,
            "after": after,
            "times": found.times,
            "read": found.edits,
        }

    def _rejected(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for script, said in self._rejections.items():
            count, use = sum(said.values()), self._scripts.get(script, Use())
            if count < 2 or not self._is_here(script):
                continue
            right = sorted(((name, times) for name, times in said.items() if name), key=lambda one: -one[1])
            found.append(
                {
                    **self._named(script),
                    "rejected": count,
                    "shown": use.shown,
                    "should_be": [
                        {"id": name, "name": self._intents.get(name, name), "times": times}
                        for name, times in right[:5]
                    ],
                    "silent": said.get("", 0),
                }
            )
        return sorted(found, key=lambda one: -one["rejected"])[:LISTED]

    def _gaps(self) -> list[dict[str, Any]]:
        """Last week's messages that were not understood or were corrected, by what they seem to be about."""
        groups: dict[str, list[Lesson]] = defaultdict(list)
        for lesson in self.lessons:
            best = lesson.guesses[0] if lesson.guesses else ("", 0.0)
            about = lesson.intent or (best[0] if best[1] >= _GUESS else "")
            groups[about if about in self._intents else ""].append(lesson)
        found: list[dict[str, Any]] = []
        for intent, lessons in groups.items():
            reasons = Counter(lesson.reason for lesson in lessons)
            found.append(
                {
                    "id": intent,
                    "name": self._intents.get(intent, "看不出是什么事"),
                    "count": len(lessons),
                    **{reason: reasons[reason] for reason in ("unsure", "refused", "corrected")},
                    "examples": list(dict.fromkeys(lesson.text for lesson in lessons))[:3],
                }
            )
        return sorted(found, key=lambda one: -one["count"])[:LISTED]

    def _is_here(self, script: str) -> bool:
        return self._now.find(Ref("script", script)) is not None

    def _intent_of(self, script: str) -> str:
        entry = self._now.find(Ref("script", script))
        return owner(entry) if entry is not None else script.split(".")[0]

    def _named(self, script: str) -> dict[str, Any]:
        entry = self._now.find(Ref("script", script))
        intent = self._intent_of(script)
        name = self._intents.get(intent, "通用")
        if entry is None:
            return {"id": script, "title": "已经删掉的话术", "intent": intent, "intent_name": name, "stage": "", "tone": "", "gone": True}  # fmt: skip
        data = entry.data
        return {
            "id": script,
            "title": str(data.get("title", script)),
            "intent": intent,
            "intent_name": name,
            "stage": STAGE_NAMES.get(str(data.get("stage", "")), ""),
            "tone": str(data.get("tone", "")),
            "gone": False,
        }


def figures(use: Use) -> dict[str, Any]:
    """Counts with the share of what was shown that was sent, edited or not, and whether that says anything yet."""
    used = use.copied + use.edited
    share = used / use.shown if use.shown else 0.0
    return {**asdict(use), "share": round(share, 4), "enough": use.shown >= ENOUGH}


def proposal_name(entry: Entry, found: Usual) -> str:
    """Names a proposal for a script as it is now, so that nobody accepts another one than they saw."""
    said = "\x00".join((entry.etag, *found.bubbles))
    return hashlib.sha256(said.encode("utf-8", errors="replace")).hexdigest()[:16]


def first_day(days: int) -> date:
    """The first of the last `days` UTC days, today included."""
    return datetime.now(UTC).date() - timedelta(days=days - 1)


def today() -> date:
    """The day in Beijing, where the library's people are."""
    return datetime.now(_ZONE).date()


def _key(snapshot: Snapshot) -> tuple[object, ...]:
    return snapshot.draft.base, snapshot.draft.version, today()
