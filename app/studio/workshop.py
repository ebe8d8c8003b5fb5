"""The studio behind the pages: the draft, its checks, its trials and examinations, publishing and taking back.

What takes long runs beside the requests: the bench in its own process, training in another, an examination in a thread that
writes down how far it is, so that every replica and a restarted one can tell.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

from app.background import Repeating
from app.content.entries import Ref
from app.content.load import Files
from app.content.model import Content
from app.content.template import visible
from app.errors import AppError, Conflict, InvalidRequest, NotFound
from app.masking import mask
from app.models import forget_unused, learnt, model_of
from app.releases import Published, publish, republish
from app.store import audit
from app.store import models as model_rows
from app.store import releases as release_rows
from app.store import studio as rows
from app.store.database import Database, Transaction
from app.store.releases import Release
from app.store.studio import Golden, Run
from app.studio.drafts import Drafts, Snapshot
from app.studio.exchange import Plan, plan, read_tables
from app.studio.outside import Outside
from app.training import Trainer, train_outside
from app.types import Turn

_log = logging.getLogger(__name__)

QUIET: Final = timedelta(seconds=2)
"""How long a draft must have rested before its examples are learnt."""
ALIVE: Final = rows.STALLED.total_seconds() / 6
"""Every so many seconds an examination that goes on says so."""
RECENT: Final = 300
MAX_GOLDEN: Final = 5_000


class BenchLine(Protocol):
    """How a bench is reached (app.studio.outside.Outside)."""

    def use(self, key: object, files: Files) -> dict[str, Any]:
        """Load these files, unless those under `key` are loaded; returns what is known of them."""

    def call(self, key: object, files: Files, *steps: tuple[Any, ...]) -> Any:
        """Load these files like `use`, then do the steps, each (name, arguments …); returns what the last one
        gave.
        """

    def stop(self) -> None:
        """End the process behind it."""


@dataclass(frozen=True, slots=True)
class State:
    """What is known of the draft's content. learning: its examples are being learnt; learnt: they have been."""

    digest: str
    nlu_digest: str
    errors: int
    learning: bool
    learnt: bool


class Workshop:
    """One per application. packs: those that are on; bench: makes the process that does the heavy work."""

    def __init__(
        self,
        database: Database,
        packs: tuple[str, ...],
        *,
        trainer: Trainer = train_outside,
        bench: Callable[[tuple[str, ...]], BenchLine] = Outside,
    ) -> None:
        self.drafts = Drafts(database)
        self._database = database
        self._packs = packs
        self._trainer = trainer
        self._new_bench = bench
        self._bench: BenchLine | None = None
        self._lock = threading.Lock()
        self._unlearnable = ""
        self._live_digest = (0, "")
        self._wanted = False
        self._repeating = Repeating("studio", 1.0, self._learn)
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin learning the draft's examples in the background."""
        self._repeating.start()

    def stop(self) -> None:
        """End that and the process that does the heavy work; waits 5 seconds for each thread."""
        self._repeating.stop()
        for thread in self._threads:
            thread.join(timeout=5)
        with self._lock:
            if self._bench is not None:
                self._bench.stop()

    def warm(self) -> None:
        """Somebody is about to work: get the bench ready, without waiting for it."""
        if self._bench is None:
            self._wanted = True
            self._repeating.wake()

    def state(self, snapshot: Snapshot) -> State:
        """What the draft's content is; begins to learn it when that is needed. Raises NotReady."""
        found = self._line().use(*_key(snapshot))
        learnt = bool(found["nlu_digest"]) and self._is_learnt(found["nlu_digest"])
        if not learnt and found["nlu_digest"]:
            self._wanted = True
        return State(
            found["digest"],
            found["nlu_digest"],
            found["errors"],
            learning=not learnt and bool(found["nlu_digest"]) and found["nlu_digest"] != self._unlearnable,
            learnt=learnt,
        )

    def problems(self, snapshot: Snapshot) -> list[dict[str, Any]]:
        """Of the whole draft, as `huashu check` finds them, each with its entry. Raises NotReady when checking takes
        too long.
        """
        found: list[dict[str, Any]] = self._line().call(*_key(snapshot), ("problems",))
        return found

    def check_entry(
        self, snapshot: Snapshot, ref: Ref, data: Any, *, pack: str, sample: str, agent: str
    ) -> dict[str, Any]:
        """What is wrong with an entry while it is typed, and how a script would look. See `Bench.check_entry`."""
        found: dict[str, Any] = self._line().call(
            *_key(snapshot), ("check_entry", str(ref), data, pack, sample, agent)
        )
        return found

    def plan_import(self, snapshot: Snapshot, data: bytes, name: str) -> Plan:
        """What a table would do to the draft; writes nothing. Raises InvalidRequest."""
        with self._database.read() as session:
            golden = [message.text for message in rows.golden(session)]

        def check(entries: Sequence[tuple[str, Any, str]]) -> list[list[str]]:
            found: list[list[str]] = self._line().call(*_key(snapshot), ("check_entries", list(entries)))
            return found

        return plan(read_tables(data, name), snapshot.now, golden, check)

    def import_table(self, data: bytes, name: str, *, digest: str, skip: bool, who: str) -> Plan:
        """Put a table into the draft as it was seen (digest of the plan), all of it or, with skip, what is without errors.

        Raises Conflict when it would do something else now, InvalidRequest. Nothing is written then.
        """
        snapshot = self.drafts.snapshot()
        made = self.plan_import(snapshot, data, name)
        if made.digest != digest:
            raise Conflict("草稿刚刚又改过了，请重新看一遍再导入")
        if made.errors and not skip:
            raise InvalidRequest("还有几行有错，改好再上传，现在一行都没有导入")

        def told(session: Transaction) -> None:
            audit.record(session, who, "studio.imported", new=len(made.new), changed=len(made.changed))

        if self.drafts.put_all(made.changes, snapshot, who=who, also=told) is None:
            raise Conflict("草稿刚刚又改过了，请重新看一遍再导入")
        return made

    def try_draft(
        self, snapshot: Snapshot, message: str, turns: Sequence[Turn], options: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What the draft makes of a message; `learnt` says whether its own examples already count in full."""
        state = self.state(snapshot)
        model, learnt = self._model(snapshot, state)
        steps = (("hear", model), ("try_message", message, tuple(turns), dict(options)))
        return {**self._line().call(*_key(snapshot), *steps), "learnt": learnt}

    def hits(self, snapshot: Snapshot, script_id: str) -> list[dict[str, Any]]:
        """Which known messages would bring this script: golden ones, held-out sentences, recent ones with masks."""
        model, _ = self._model(snapshot, self.state(snapshot))
        with self._database.read() as session:
            golden = [(message.text, "golden") for message in rows.golden(session)]
            recent = [(mask(text), "recent") for text in rows.recent_messages(session, RECENT)]
        line, key = self._line(), _key(snapshot)
        held_out: list[str] = line.call(*key, ("held_out",))
        messages = list(dict.fromkeys((*golden, *recent, *((text, "held_out") for text in held_out))))
        found: list[dict[str, Any]] = line.call(*key, ("hear", model), ("hits", script_id, messages))
        return found

    def golden(self) -> list[Golden]:
        """The shop's own examination. Raises StoreUnavailable."""
        with self._database.read() as session:
            return rows.golden(session)

    def add_golden(self, text: str, intents: Sequence[str], who: str) -> Golden:
        """Add a message to the shop's own examination, masked. Raises InvalidRequest."""
        text = visible(mask(text))
        if not text:
            raise InvalidRequest("先写一句顾客的话")
        snapshot = self.drafts.snapshot()
        unknown = [name for name in intents if snapshot.now.find(Ref("intent", name)) is None]
        if unknown:
            raise InvalidRequest(f"没有「{'、'.join(unknown)}」这个意图")
        with self._database.write() as session:
            if len(rows.golden(session)) >= MAX_GOLDEN:
                raise InvalidRequest(f"考题最多 {MAX_GOLDEN} 条，先删掉一些")
            added = rows.put_golden(session, text, list(dict.fromkeys(intents)), who)
            audit.record(session, who, "studio.golden_added", id=added.id, intents=added.intents)
        return added

    def remove_golden(self, number: int, who: str) -> None:
        """Raises NotFound."""
        with self._database.write() as session:
            if not rows.remove_golden(session, number):
                raise NotFound("这一条已经删掉了")
            audit.record(session, who, "studio.golden_removed", id=number)

    def latest_run(self) -> Run | None:
        """The newest examination, None before the first. Raises StoreUnavailable."""
        with self._database.read() as session:
            return rows.latest_run(session)

    def releases(self, limit: int = 100) -> list[tuple[Release, Run | None, bool]]:
        """The newest releases with the examination each went out with, and whether its model is still there."""
        with self._database.read() as session:
            runs = rows.runs_of_releases(session)
            releases = release_rows.latest(session, limit)
            learnt = model_rows.known(session, {release.nlu_digest for release in releases})
        return [(one, runs.get(one.number), one.nlu_digest in learnt) for one in releases]

    def release_files(self, number: int) -> Files:
        """Raises NotFound."""
        with self._database.read() as session:
            if release_rows.find(session, number) is None:
                raise NotFound(f"没有第 {number} 版")
            return release_rows.files(session, number)

    def take_back(self, number: int, who: str) -> Published:
        """Publish what release `number` said as the newest release; takes a while when it must be learnt again. Raises
        NotFound.
        """
        return republish(self._database, number, author=who, trainer=self._trainer)

    def examine(self, who: str, *, publishing: bool, version: int, note: str = "", reason: str = "") -> int:
        """Begin to examine the draft, and to publish it if asked and passed; returns the number of the run.

        version: the draft that was seen. reason: an administrator's, to publish it although it is refused.
        Raises Conflict when the draft is another one now or is being examined, InvalidRequest.
        """
        snapshot = self.drafts.snapshot()
        self._check_publishable(snapshot, version, publishing=publishing)
        with self._database.write() as session:
            draft = rows.lock_draft(session, snapshot.draft.base)
            if draft.version != snapshot.draft.version:
                raise Conflict("草稿刚刚又改过了，请看过再发布")
            number = rows.begin_run(session, draft, publishing=publishing, note=note, reason=reason, who=who)
        thread = threading.Thread(
            target=self._run, args=(number, snapshot, who, publishing, note, reason), name="huashu-examine", daemon=True
        )  # fmt: skip
        self._threads = [known for known in self._threads if known.is_alive()] + [thread]
        thread.start()
        return number

    def _check_publishable(self, snapshot: Snapshot, version: int, *, publishing: bool) -> None:
        if snapshot.draft.version != version:
            raise Conflict("草稿刚刚又改过了，请看过再发布")
        if not publishing:
            return
        if not snapshot.changed:
            raise InvalidRequest("草稿里没有改动，不用发布")
        if self.drafts.clashes():
            raise Conflict("有几条内容和刚发布的一版冲突，请先选好用哪个")
        if self.drafts.needs_review() and snapshot.draft.review != "approved":
            raise InvalidRequest("要先请另一位同事看过、点了同意，才能发布")

    def _run(
        self, number: int, snapshot: Snapshot, who: str, publishing: bool, note: str, reason: str
    ) -> None:
        alive = Repeating("examination", ALIVE, lambda: self._tell(number))
        alive.start()
        try:
            self._examine(number, snapshot, who, publishing=publishing, note=note, reason=reason)
        except AppError as error:
            self._tell(number, state="failed", step=error.detail)
        except Exception as error:
            _log.error("an examination failed: %s", type(error).__name__)
            self._tell(number, state="failed", step="检查时出了意外，已经记下来了，请再试一次")
        finally:
            alive.stop()

    def _examine(
        self, number: int, snapshot: Snapshot, who: str, *, publishing: bool, note: str, reason: str
    ) -> None:
        bench = self._new_bench(self._packs)
        try:
            result = self._result(bench, number, snapshot)
        finally:
            bench.stop()
        refused = bool(result["refusals"])
        if refused and not (publishing and reason):
            self._tell(number, state="refused", step="没有通过，先看看变差的消息", result=result)
            return
        if not publishing:
            self._tell(number, state="passed", step="都通过了", result=result)
            return
        if refused:
            with self._database.write() as session:
                audit.record(session, who, "studio.gate_overridden", run=number, reason=reason)
        self._tell(number, step="正在发布", result=result)
        base = snapshot.draft.base
        published = publish(
            self._database, snapshot.now.files, author=who, note=note, trainer=self._trainer, upon=base
        )
        self._tell(
            number,
            state="published",
            release=published.number,
            step=f"已发布，现在是第 {published.number} 版",
        )
        self.drafts.snapshot()

    def _result(self, bench: BenchLine, number: int, snapshot: Snapshot) -> dict[str, Any]:
        key, files = _key(snapshot)
        state = bench.use(key, files)
        if state["errors"]:
            raise InvalidRequest(f"草稿里有 {state['errors']} 处错误，改好以后再来")
        errors = [one for one in bench.call(key, files, ("problems",)) if one["level"] == "error"]
        if errors:
            raise InvalidRequest(f"草稿里有 {len(errors)} 处错误，改好以后再来")
        self._tell(number, digest=state["digest"], step="正在学习新样例，一般要十几秒")
        model = model_of(self._database, state["nlu_digest"])
        if model is None:
            model = self._train(bench.call(key, files, ("content",)))
        self._tell(number, step="正在考试：每条考题新旧两版各答一遍")
        with self._database.read() as session:
            golden = [(message.text, message.intents) for message in rows.golden(session)]
        live_model = self._live_model(bench, snapshot) or model
        steps = (("examine", model, snapshot.base.files, live_model, golden),)
        result: dict[str, Any] = bench.call(key, files, *steps)
        return result

    def _tell(self, number: int, **values: Any) -> None:
        with self._database.write() as session:
            rows.update_run(session, number, **values)

    def _model(self, snapshot: Snapshot, state: State) -> tuple[bytes, bool]:
        """The draft's model and True, or while it is being learnt the live release's and False. Raises InvalidRequest."""
        if not state.nlu_digest:
            raise InvalidRequest(f"草稿里有 {state.errors} 处错误，先在「问题」里改好")
        own = model_of(self._database, state.nlu_digest)
        if own is not None:
            return own, True
        model = self._live_model(self._line(), snapshot)
        if model is None:
            raise InvalidRequest("正在学习，请稍等几秒")
        return model, False

    def _live_model(self, bench: BenchLine, snapshot: Snapshot) -> bytes | None:
        """The model that the draft's release is served with."""
        if self._live_digest[0] != snapshot.draft.base:
            digest = bench.call(*_key(snapshot), ("digest_of", snapshot.base.files))
            self._live_digest = (snapshot.draft.base, digest)
        return model_of(self._database, self._live_digest[1])

    def _is_learnt(self, nlu_digest: str) -> bool:
        with self._database.read() as session:
            return bool(model_rows.known(session, {nlu_digest}))

    def _learn(self) -> None:
        """Learn the draft's examples once nobody has touched it for a moment."""
        if not self._wanted:
            return
        snapshot = self.drafts.snapshot()
        if abs(datetime.now(UTC) - snapshot.draft.changed_at) < QUIET:
            return
        state = self.state(snapshot)
        if state.learnt or not state.nlu_digest or state.nlu_digest == self._unlearnable:
            self._wanted = False
            return
        try:
            self._train(self._line().call(*_key(snapshot), ("content",)))
        except Exception:
            self._unlearnable = state.nlu_digest
            raise

    def _train(self, content: Content) -> bytes:
        model = learnt(self._database, content, self._trainer)
        forget_unused(self._database, content.nlu_digest)
        return model

    def _line(self) -> BenchLine:
        with self._lock:
            if self._bench is None:
                self._bench = self._new_bench(self._packs)
            return self._bench


def _key(snapshot: Snapshot) -> tuple[object, Files]:
    return (snapshot.draft.base, snapshot.draft.version), snapshot.now.files
