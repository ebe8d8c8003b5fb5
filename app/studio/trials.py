"""Trials: two published scripts for the same moment, one of them first by turns, until one does better or time is up.

Which conversation gets which first is drawn from its number and the trial's salt, so every replica and every restart says the
same. A conversation comes in when an answer is stored in which both might have been sent and the drawn one stands before the
other; two hours later it is settled by what the agent did with it, and from then on nothing says which conversation it was.
All that is found in what is stored anyway, so a killed process loses nothing. A trial of scripts that were changed ends.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import log
from typing import Any, Final

from app.assist import Assistant
from app.background import Repeating
from app.content.entries import Ref
from app.content.model import Content, Script
from app.errors import Conflict, InvalidRequest, NotFound, NotReady, StoreUnavailable
from app.store import audit, learning
from app.store import trials as rows
from app.store.database import Database, Transaction
from app.store.trials import Kind, Measure, Outcome, Side, Trial
from app.studio.betting import BAR, Verdict, judge
from app.studio.drafts import Change, Drafts
from app.studio.figures import interval
from app.types import Ahead
from app.vocabulary import STAGE_NAMES

WINDOW: Final = timedelta(hours=2)
"""How long after it came in a conversation is settled."""
SETTLED: Final = timedelta(minutes=2)
"""Turns younger than this are looked at again: transactions may end in another order than their numbers."""
MOST: Final = 20
LISTED: Final = 50
PAIRS: Final = (10, 1000)
DAYS: Final = (1, 90)
_BATCH: Final = 200
_EVERY: Final = 5.0
_WORTH: Final[Mapping[Measure, Mapping[str, int]]] = {
    "copied": {"copied": 100},
    "half": {"copied": 100, "edited": 50},
}
_RANK: Final[tuple[Kind, ...]] = ("copied", "edited", "rejected")


@dataclass(frozen=True, slots=True)
class Standing:
    """A trial as it stands: what agents did on each side, how the evidence is."""

    trial: Trial
    sides: dict[Side, dict[str, Any]]
    verdict: Verdict
    waiting: int


class Trials:
    """One per application. live: the release in use, None before it is loaded."""

    def __init__(self, database: Database, drafts: Drafts, live: Callable[[], Assistant | None]) -> None:
        self._database = database
        self._drafts = drafts
        self._live = live
        self._running: tuple[int, tuple[Trial, ...]] = (0, ())
        self._judged: set[int] = set()
        self._repeating = Repeating("trials", _EVERY, self.refresh)

    def start(self) -> None:
        """Begin settling what trials have shown, in the background."""
        self._repeating.start()

    def stop(self) -> None:
        """End that, after the round that is running."""
        self._repeating.stop()

    def of(self, conversation_id: str | None) -> tuple[Ahead, ...]:
        """Which scripts this conversation gets before which."""
        release, trials = self._running
        if not trials or not conversation_id:
            return ()
        live = self._live()
        if live is None or live.release != release:
            return ()
        now = datetime.now(UTC)
        return tuple(_ahead(trial, conversation_id) for trial in trials if now < trial.ends_at)

    def begin(self, a: str, b: str, *, measure: Measure, least: int, days: int, who: str) -> Trial:
        """Start a trial. least: pairs of conversations before a verdict; days: how long at most.

        Raises InvalidRequest when the scripts are not for the same moment or concern a risk, Conflict when one is being tried.
        """
        live = self._live()
        if live is None:
            raise NotReady("话术助手正在启动，请稍等几秒")
        one, other = _fitting(live.content, a, b)
        now = datetime.now(UTC)
        with self._database.write() as session:
            if len(rows.running(session)) >= MOST:
                raise InvalidRequest(f"同时最多 {MOST} 个试验，先结束几个")
            trial = rows.start(
                session, script_a=a, script_b=b, etag_a=_etag(one), etag_b=_etag(other), title_a=one.title,
                title_b=other.title, measure=measure, least=least, salt=secrets.token_hex(16), started_by=who,
                ends_at=now + timedelta(days=days),
            )  # fmt: skip
            audit.record(session, who, "studio.trial_started", trial=trial.id, scripts=[a, b])
        self._repeating.wake()
        return trial

    def end(self, number: int, who: str) -> None:
        """End a running trial by hand. Raises NotFound, Conflict when it has ended already."""
        with self._database.write() as session:
            trial = rows.find(session, number)
            if trial is None:
                raise NotFound("没有这个试验")
            result = _result(session, trial)
            if not rows.end(
                session, number, outcome="stopped", reason=f"{who}结束的", result=result, who=who
            ):
                raise Conflict("这个试验已经结束了")
            audit.record(session, who, "studio.trial_ended", trial=number)
        self._repeating.wake()

    def use(self, number: int, side: Side, who: str) -> tuple[int, int | None]:
        """Put one of the two before the other in the draft; → the draft's version and the edit that undoes it.

        Raises NotFound, Conflict while it runs, when one of the scripts is gone or the draft is being changed.
        """
        with self._database.read() as session:
            trial = rows.find(session, number)
        if trial is None:
            raise NotFound("没有这个试验")
        if trial.state == "running":
            raise Conflict("试验还没有结束")
        first, second = (trial.script_a, trial.script_b) if side == "a" else (trial.script_b, trial.script_a)
        snapshot = self._drafts.snapshot()
        entries = [snapshot.now.find(Ref("script", name)) for name in (first, second)]
        winner, loser = entries
        if winner is None or loser is None:
            raise Conflict("草稿里已经没有其中一条了，不用再排先后")
        before = [name for name in winner.data.get("ahead_of") or () if name != second]
        changes = [Change(winner.ref, {**winner.data, "ahead_of": [*before, second]})]
        left = [name for name in loser.data.get("ahead_of") or () if name != first]
        if len(left) < len(loser.data.get("ahead_of") or ()):
            data = {key: value for key, value in loser.data.items() if key != "ahead_of"}
            changes.append(Change(loser.ref, {**data, "ahead_of": left} if left else data))
        made = self._drafts.put_all(changes, snapshot, who=who)
        if made is None:
            raise Conflict("草稿刚刚又改过了，请再点一次")
        moved, edits = made
        return moved.draft.version, edits[0].id if edits else None

    def choices(self, intent: str) -> list[dict[str, str]]:
        """The published scripts of an intent that may be tried: with another one of the same stage and tone."""
        live = self._live()
        if live is None:
            raise NotReady("话术助手正在启动，请稍等几秒")
        found = [
            script
            for script in live.content.scripts.values()
            if script.intent == intent and not _risky(live.content, script)
        ]
        return [
            {
                "id": script.id,
                "title": script.title,
                "text": "\n".join(script.bubbles),
                "place": f"{STAGE_NAMES[script.stage]} · {script.tone}",
            }
            for script in found
            if sum((other.stage, other.tone) == (script.stage, script.tone) for other in found) > 1
        ]

    def listing(self) -> list[Standing]:
        """The newest trials, those that run first."""
        with self._database.read() as session:
            trials = rows.latest(session, LISTED)
            counts = rows.counts(session, [trial.id for trial in trials])
            return [_standing(session, trial, counts.get(trial.id, {})) for trial in trials]

    def refresh(self) -> None:
        """Look through what was stored, settle, end what is decided or altered; while the database is away it waits."""
        live = self._live()
        if live is None:
            return
        try:
            with self._database.read() as session:
                trials = rows.running(session)
            going = [trial for trial in trials if self._goes_on(trial, live)]
            self._running = (live.release, tuple(going))
            for trial in going:
                while self._collect(trial, live.release) == _BATCH:
                    pass
                settled = count = self._settle(trial)
                while count == _BATCH:
                    count = self._settle(trial)
                if settled or trial.id not in self._judged or datetime.now(UTC) >= trial.ends_at + WINDOW:
                    self._judge(trial)
                    self._judged.add(trial.id)
        except StoreUnavailable:
            return

    def _goes_on(self, trial: Trial, live: Assistant) -> bool:
        """Whether the live release still says what is being tried; else the trial ends here."""
        scripts = live.content.scripts
        for side, name, etag, title in (
            ("A", trial.script_a, trial.etag_a, trial.title_a),
            ("B", trial.script_b, trial.etag_b, trial.title_b),
        ):
            script = scripts.get(name)
            if script is not None and _etag(script) == etag:
                continue
            what = "删掉" if script is None else "改过"
            with self._database.write() as session:
                if rows.lock(session, trial.id, wait=True) is not None:
                    reason = f"{side}「{title}」在第 {live.release} 版里{what}了"
                    result = _result(session, trial)
                    rows.end(session, trial.id, outcome="stopped", reason=reason, result=result, who="")
            return False
        return True

    def _collect(self, trial: Trial, release: int) -> int:
        """Take in the conversations of stored answers; how many turns are behind us for good."""
        settled = datetime.now(UTC) - SETTLED
        with self._database.write() as session:
            now = rows.lock(session, trial.id, wait=False)
            if now is None:
                return 0
            found = learning.turns_after(session, now.position, _BATCH)
            position, passed = now.position, 0
            for index, (number, at, turn) in enumerate(found):
                if turn is not None and int(turn.answer.get("release") or 0) <= release:
                    side = _side_shown(trial, turn.answer)
                    if side is not None:
                        digest = place(trial, turn.conversation_id)
                        rows.add_place(session, trial.id, digest, turn.conversation_id, side, at)
                if at <= settled and passed == index:
                    position, passed = number, passed + 1
            if passed:
                rows.move(session, trial.id, position)
            return passed

    def _settle(self, trial: Trial) -> int:
        """Settle what is old enough; returns how many conversations, at most _BATCH."""
        with self._database.write() as session:
            if rows.lock(session, trial.id, wait=False) is None:
                return 0
            due = rows.unsettled(session, trial.id, datetime.now(UTC) - WINDOW, _BATCH)
            for side, script in (("a", trial.script_a), ("b", trial.script_b)):
                mine = [one for one in due if one.side == side]
                said = rows.told(session, script, [one.conversation_id for one in mine]) if mine else []
                for one in mine:
                    kinds = {
                        kind for where, kind, at in said if where == one.conversation_id and at >= one.at
                    }
                    kind: Kind = next((each for each in _RANK if each in kinds), "none")
                    rows.settle(session, one.id, kind, _WORTH[trial.measure].get(kind, 0))
            return len(due)

    def _judge(self, trial: Trial) -> None:
        """End the trial when it is decided or over."""
        over = datetime.now(UTC) >= trial.ends_at + WINDOW
        with self._database.write() as session:
            if rows.lock(session, trial.id, wait=True) is None:
                return
            verdict = _verdict(session, trial)
            if not verdict.outcome and not over:
                return
            outcome: Outcome = verdict.outcome or "same"
            reason = "够分出高下了" if verdict.outcome else "到期了，还看不出差别"
            result = _result(session, trial)
            rows.end(session, trial.id, outcome=outcome, reason=reason, result=result, who="")


def place(trial: Trial, conversation_id: str) -> str:
    """What a conversation is called in a trial: nobody without the salt can tell which one it is."""
    said = f"{trial.salt}\x00{conversation_id}".encode("utf-8", errors="replace")
    return hashlib.sha256(said).hexdigest()[:32]


def side_of(trial: Trial, conversation_id: str) -> Side:
    """The side a conversation is on, drawn as by a coin."""
    return "b" if int(place(trial, conversation_id)[:8], 16) % 2 else "a"


def _ahead(trial: Trial, conversation_id: str) -> Ahead:
    first, second = trial.script_a, trial.script_b
    if side_of(trial, conversation_id) == "b":
        first, second = second, first
    return Ahead(first, second, trial.id)


def _side_shown(trial: Trial, answer: Mapping[str, Any]) -> Side | None:
    """The side that a stored answer shows; None when the trial had no part in it."""
    for suggestion in answer.get("suggestions") or ():
        if suggestion.get("trial") == trial.id:
            script = suggestion.get("script_id")
            return "a" if script == trial.script_a else "b" if script == trial.script_b else None
    return None


def _fitting(content: Content, a: str, b: str) -> tuple[Script, Script]:
    one, other = content.scripts.get(a), content.scripts.get(b)
    if one is None or other is None:
        raise InvalidRequest("要选两条已经发布的话术")
    if a == b:
        raise InvalidRequest("A 和 B 要选两条不同的话术")
    if (one.intent, one.stage, one.tone) != (other.intent, other.stage, other.tone):
        raise InvalidRequest("两条要同一个意图、同一个阶段、同一种语气，才比得出来")
    if _risky(content, one) or _risky(content, other):
        raise InvalidRequest("风险的话术不做试验，一律照最稳的来")
    return one, other


def _risky(content: Content, script: Script) -> bool:
    intents = (content.intents.get(name) for name in (script.intent, *script.also_for))
    return any(intent is not None and intent.kind == "risk" for intent in intents)


def _etag(script: Script) -> str:
    return hashlib.sha256(script.model_dump_json().encode("utf-8", errors="replace")).hexdigest()[:16]


def _verdict(session: Transaction, trial: Trial) -> Verdict:
    values = rows.values(session, trial.id)
    return judge([one / 100 for one in values["a"]], [one / 100 for one in values["b"]], trial.least)


def _standing(session: Transaction, trial: Trial, counts: Mapping[tuple[Side, str], int]) -> Standing:
    """As it is now, or as it was when it ended."""
    if trial.result is not None:
        verdict = Verdict(**trial.result["verdict"])
        return Standing(trial, trial.result["sides"], verdict, 0)
    waiting = sum(count for (_, kind), count in counts.items() if not kind)
    return Standing(trial, _sides(trial, counts), _verdict(session, trial), waiting)


def _result(session: Transaction, trial: Trial) -> dict[str, Any]:
    """What is kept of a trial that ends."""
    verdict = _verdict(session, trial)
    counts = rows.counts(session, [trial.id]).get(trial.id, {})
    kept = {name: getattr(verdict, name) for name in Verdict.__slots__}
    return {"sides": _sides(trial, counts), "verdict": kept}


def _sides(trial: Trial, counts: Mapping[tuple[Side, str], int]) -> dict[Side, dict[str, Any]]:
    return {side: _figures(trial, side, counts) for side in _both()}


def _both() -> Iterable[Side]:
    return ("a", "b")


def _figures(trial: Trial, side: Side, counts: Mapping[tuple[Side, str], int]) -> dict[str, Any]:
    done: dict[str, int] = {kind: counts.get((side, kind), 0) for kind in (*_RANK, "none")}
    total = sum(done.values())
    worth = sum(_WORTH[trial.measure].get(kind, 0) * count for kind, count in done.items()) / 100
    share = worth / total if total else 0.0
    low, high = interval(share, total)
    return {**done, "count": total, "share": round(share, 4), "low": round(low, 4), "high": round(high, 4)}


def strength(evidence: float) -> float:
    """How far the evidence has come, 0 to 1, on the way to the bar: equal steps multiply it alike."""
    return min(1.0, log(max(evidence, 1.0)) / log(BAR))
