"""The studio's draft, its edits and clashes, golden messages and examinations."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.store.tables import TurnRow
from app.store.tables_studio import ClashRow, DraftFileRow, DraftRow, EditRow, GoldenRow, RunRow
from app.store.upsert import unless_there

_Value = TypeVar("_Value")
_ONE: Final = 1
STALLED: Final = timedelta(minutes=1)
"""An examination that has said nothing for so long died with its process; one that lives says so much more often."""

_BROKEN_OFF: Final = "检查中断了，请再来一次"


@dataclass(frozen=True, slots=True)
class Draft:
    """The one draft. base: the release it changes; version grows with every change; reviewed: the version that the
    review is of.
    """

    base: int
    version: int
    review: str
    reviewed: int
    review_by: str
    review_note: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of an entry, kept for ever. before, after: what it said, None when it was not there. place: for
    putting it back.
    """

    id: int
    at: datetime
    who: str
    entry: str
    title: str
    action: str
    before: Any
    after: Any
    place: dict[str, Any]
    open: bool
    undone: bool


@dataclass(frozen=True, slots=True)
class Clash:
    """An entry that a publish and the draft changed differently; the draft keeps `mine` until somebody chooses."""

    entry: str
    title: str
    mine: Any
    theirs: Any
    release: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Golden:
    """A message, masked, with the intents it has by the shop's own judgement; none: it is nothing to answer."""

    id: int
    text: str
    intents: list[str]
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """An examination of the draft at `version`, and its publication when `publishing`. release: what it became."""

    id: int
    version: int
    base: int
    digest: str
    publishing: bool
    state: str
    step: str
    note: str
    reason: str
    result: dict[str, Any] | None
    release: int | None
    who: str
    started_at: datetime
    updated_at: datetime


def find_draft(session: Session) -> Draft | None:
    """The one draft that all trainers share, None before anything was edited."""
    row = session.get(DraftRow, _ONE)
    return None if row is None else _as(Draft, row)


def lock_draft(session: Session, base: int) -> Draft:
    """The draft, locked until the transaction ends; made now, upon release `base`, when there is none."""
    wanted = select(DraftRow).where(DraftRow.id == _ONE).with_for_update()
    row = session.scalar(wanted)
    if row is None:
        fresh = {
            "id": _ONE,
            "base": base,
            "version": 1,
            "review": "",
            "reviewed": 0,
            "review_by": "",
            "review_note": "",
        }
        session.execute(unless_there(session, DraftRow).values(**fresh, changed_at=datetime.now(UTC)))
        row = session.scalars(wanted).one()
    return _as(Draft, row)


def change_draft(session: Session, **values: Any) -> None:
    """values: columns by name; the version is not raised by itself."""
    session.execute(update(DraftRow).where(DraftRow.id == _ONE).values(**values))


def draft_files(session: Session) -> dict[str, str]:
    """The files that differ from the base release; an empty text takes a file away."""
    return {row.path: row.text for row in session.scalars(select(DraftFileRow))}


def replace_files(session: Session, files: dict[str, str]) -> None:
    """The draft says these files from now on, and no others."""
    session.execute(delete(DraftFileRow))
    session.add_all([DraftFileRow(path=path, text=text) for path, text in files.items()])


def add_edit(
    session: Session,
    *,
    who: str,
    entry: str,
    title: str,
    action: str,
    before: Any,
    after: Any,
    place: dict[str, Any],
) -> Edit:
    """Note a change of an entry. place: the file and the rank it had."""
    row = EditRow(
        at=datetime.now(UTC), who=who, entry=entry, title=title[:200], action=action,
        before=before, after=after, place=place, open=True, undone=False,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return _as(Edit, row)


def edits(session: Session, *, only_open: bool = False, entry: str = "", limit: int = 500) -> list[Edit]:
    """The newest edits, newest first."""
    query = select(EditRow).order_by(EditRow.id.desc()).limit(limit)
    if only_open:
        query = query.where(EditRow.open)
    if entry:
        query = query.where(EditRow.entry == entry)
    return [_as(Edit, row) for row in session.scalars(query)]


def added_since(session: Session, moment: datetime) -> set[str]:
    """The entries that were added in the browser since a moment."""
    query = select(EditRow.entry).where(EditRow.at >= moment, EditRow.action == "added")
    return set(session.scalars(query))


def find_edit(session: Session, number: int) -> Edit | None:
    """The edit with this number, None when there is none."""
    row = session.get(EditRow, number)
    return None if row is None else _as(Edit, row)


def mark_undone(session: Session, number: int) -> None:
    """Note that an edit was taken back; the edit stays in the history."""
    session.execute(update(EditRow).where(EditRow.id == number).values(undone=True))


def close_edits(session: Session, keep: set[str]) -> None:
    """Edits of entries that the draft no longer changes are history; `keep`: the entries it still does."""
    query = update(EditRow).where(EditRow.open)
    if keep:
        query = query.where(EditRow.entry.not_in(keep))
    session.execute(query.values(open=False))


def clashes(session: Session) -> list[Clash]:
    """What the draft and a newer release both changed, by entry."""
    return [_as(Clash, row) for row in session.scalars(select(ClashRow).order_by(ClashRow.entry))]


def put_clash(session: Session, entry: str, title: str, mine: Any, theirs: Any, release: int) -> None:
    """Note that release `release` says `theirs` where the draft says `mine`; another one for the same entry is replaced."""
    session.merge(
        ClashRow(
            entry=entry, title=title[:200], mine=mine, theirs=theirs, release=release, at=datetime.now(UTC)
        )
    )


def remove_clash(session: Session, entry: str) -> None:
    """Forget a clash that was settled; nothing when it is gone."""
    session.execute(delete(ClashRow).where(ClashRow.entry == entry))


def golden(session: Session) -> list[Golden]:
    """In the order they were added."""
    return [_as(Golden, row) for row in session.scalars(select(GoldenRow).order_by(GoldenRow.id))]


def put_golden(session: Session, text: str, intents: list[str], who: str) -> Golden:
    """Add a message; one that is there gets the new intents."""
    digest = hashlib.sha256(text.encode("utf-8", errors="replace")).hexdigest()
    row = session.scalar(select(GoldenRow).where(GoldenRow.digest == digest).with_for_update())
    if row is None:
        row = GoldenRow(digest=digest, text=text, intents=intents, who=who, at=datetime.now(UTC))
        session.add(row)
    else:
        row.intents, row.who, row.at = intents, who, datetime.now(UTC)
    _flush(session)
    return _as(Golden, row)


def remove_golden(session: Session, number: int) -> bool:
    """Whether there was one."""
    return bool(session.execute(delete(GoldenRow).where(GoldenRow.id == number)).rowcount)  # type: ignore[attr-defined]


def begin_run(session: Session, draft: Draft, *, publishing: bool, note: str, reason: str, who: str) -> int:
    """Start an examination under the draft's lock. Raises Conflict while another one runs."""
    now = datetime.now(UTC)
    running = session.scalars(select(RunRow).where(RunRow.state == "running")).all()
    for row in running:
        if not _is_stalled(row):
            raise Conflict(f"{row.who}正在检查这份草稿，请等它做完")
        row.state, row.step = "failed", _BROKEN_OFF
    run = RunRow(
        version=draft.version, base=draft.base, digest="", publishing=publishing, state="running",
        step="正在准备", note=note, reason=reason, result=None, release=None, who=who,
        started_at=now, updated_at=now,
    )  # fmt: skip
    session.add(run)
    session.flush()
    return run.id


def update_run(session: Session, number: int, **values: Any) -> None:
    """values: columns by name; also says that it is still alive."""
    session.execute(update(RunRow).where(RunRow.id == number).values(updated_at=datetime.now(UTC), **values))


def latest_run(session: Session) -> Run | None:
    """The newest examination, running or not; one whose process died has failed."""
    row = session.scalar(select(RunRow).order_by(RunRow.id.desc()).limit(1))
    if row is None:
        return None
    found = _as(Run, row)
    return replace(found, state="failed", step=_BROKEN_OFF) if _is_stalled(row) else found


def _is_stalled(row: RunRow) -> bool:
    """Whether its process is gone; a moment far ahead was noted by a clock that had jumped."""
    return row.state == "running" and abs(datetime.now(UTC) - row.updated_at) > STALLED


def runs_of_releases(session: Session) -> dict[int, Run]:
    """The examination each release went out with."""
    rows = session.scalars(select(RunRow).where(RunRow.release.is_not(None)).order_by(RunRow.id))
    return {row.release: _as(Run, row) for row in rows if row.release is not None}


def recent_messages(session: Session, limit: int) -> list[str]:
    """What customers wrote last, newest first, as they wrote it: mask before use."""
    query = (
        select(TurnRow.text)
        .where(TurnRow.role == "customer", TurnRow.undone_at.is_(None), func.length(TurnRow.text) > 1)
        .order_by(TurnRow.id.desc())
        .limit(limit)
    )
    return list(session.scalars(query))


def _flush(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict("别人刚刚也在改，请再试一次") from error


def _as(kind: type[_Value], row: Any) -> _Value:
    """A row as the immutable value of the same fields."""
    return kind(**{name: getattr(row, name) for name in kind.__dataclass_fields__})  # type: ignore[attr-defined]
