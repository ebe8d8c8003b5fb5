"""The draft all trainers share: a release with some entries said differently.

An edit names what it was made from. When the entry has changed since, nothing is written and both versions come back; edits
of different entries never meet. When a release is published underneath, the draft moves on top of it, entry by entry.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from app.content.entries import Catalogue, Entry, Ref, apply, etag, text_title
from app.content.load import Files
from app.errors import Conflict, InvalidRequest, NotFound, NotReady
from app.store import audit, releases, settings
from app.store import studio as rows
from app.store.database import Database, Transaction
from app.store.studio import Clash, Draft, Edit

REVIEW: Final = "studio.review"
"""The stored setting: whether a second person must agree before a draft is published."""
MAX_ENTRY: Final = 200_000
"""How many characters an entry may have."""


class EditClash(Conflict):
    """Somebody changed the entry meanwhile. extra: mine, theirs, etag, who, at."""

    code = "edit_clash"


@dataclass(frozen=True)
class Snapshot:
    """The draft at one version. base: the release it is made upon; now: what it says."""

    draft: Draft
    base: Catalogue
    now: Catalogue

    @property
    def changed(self) -> list[Ref]:
        """Entries that the draft says differently from its release, those it adds or takes away included."""
        refs = {entry.ref: None for entry in self.now} | {entry.ref: None for entry in self.base}
        return [ref for ref in refs if _differs(self.base.find(ref), self.now.find(ref))]


@dataclass(frozen=True, slots=True)
class Change:
    """An entry that is to say `data` (None: be taken away). pack: where a new one goes."""

    ref: Ref
    data: Any
    pack: str = ""


class Drafts:
    """The one draft of this database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._base: tuple[int, Catalogue] | None = None
        self._now: tuple[tuple[int, int], Catalogue] | None = None

    def snapshot(self) -> Snapshot:
        """The draft as it stands, upon the newest release. Raises NotReady, StoreUnavailable."""
        with self._database.read() as session:
            draft = rows.find_draft(session)
            newest = _newest(session)
            if draft is not None and draft.base == newest:
                return self._snapshot(session, draft, keep=True)
        with self._database.write() as session:
            return self._locked(session)

    def put(
        self, ref: Ref, data: Any, *, base: str, who: str, pack: str = "", at: int | None = None
    ) -> tuple[Snapshot, Edit | None]:
        """Make the entry say `data` (None: take it away); returns the draft then, and the edit unless nothing changed.

        base: the etag of what the editor saw. Raises EditClash, InvalidRequest, NotFound.
        """
        _check_size(data)
        with self._database.write() as session:
            return self._put(session, self._locked(session), ref, data, base=base, who=who, pack=pack, at=at)

    def put_all(
        self,
        changes: Sequence[Change],
        seen: Snapshot,
        *,
        who: str,
        also: Callable[[Transaction], None] = lambda _session: None,
    ) -> tuple[Snapshot, list[Edit]] | None:
        """Make many changes of the draft as it was seen, all or none; None when it is another one now.

        also: done in the same transaction. Raises InvalidRequest, NotFound, and what `also` raises.
        """
        for change in changes:
            _check_size(change.data)
        files = seen.now.put_all((change.ref, change.data, change.pack) for change in changes)
        after = Catalogue(apply(seen.now.files, files), seen.now)
        made = [
            change for change in changes if etag(after.data(change.ref)) != etag(seen.now.data(change.ref))
        ]
        with self._database.write() as session:
            now = self._locked(session)
            if (now.draft.base, now.draft.version) != (seen.draft.base, seen.draft.version):
                return None
            also(session)
            edits = [
                _add_edit(session, who, change, seen.now.find(change.ref), after.data(change.ref))
                for change in made
            ]
            if not edits:
                return now, []
            return self._moved(session, now.draft, _difference(seen.base.files, after.files)), edits

    def undo(self, number: int, who: str) -> tuple[Snapshot, Edit | None]:
        """Take one edit back. Raises NotFound, EditClash when the entry was changed since."""
        with self._database.write() as session:
            snapshot = self._locked(session)
            edit = rows.find_edit(session, number)
            if edit is None or not edit.open or edit.undone:
                raise NotFound("这一步已经撤销了，或者已经发布出去了")
            rows.mark_undone(session, number)
            place = edit.place
            return self._put(
                session, snapshot, Ref.parse(edit.entry), edit.before, base=etag(edit.after), who=who,
                pack=place.get("pack", ""), at=place.get("at"), action="undone",
            )  # fmt: skip

    def choose(self, ref: Ref, side: Literal["mine", "theirs"], who: str) -> Snapshot:
        """Settle a clash. Raises NotFound."""
        with self._database.write() as session:
            snapshot = self._locked(session)
            clash = next((clash for clash in rows.clashes(session) if clash.entry == str(ref)), None)
            if clash is None:
                raise NotFound("这个冲突已经处理过了")
            rows.remove_clash(session, str(ref))
            audit.record(session, who, "studio.clash_settled", entry=str(ref), side=side)
            data = snapshot.now.data(ref) if side == "mine" else clash.theirs
            known = etag(snapshot.now.data(ref))
            return self._put(session, snapshot, ref, data, base=known, who=who, action="settled")[0]

    def discard(self, who: str) -> Snapshot:
        """Throw all changes away; the list of edits keeps what they said."""
        with self._database.write() as session:
            snapshot = self._locked(session)
            rows.replace_files(session, {})
            rows.close_edits(session, set())
            for clash in rows.clashes(session):
                rows.remove_clash(session, clash.entry)
            audit.record(session, who, "studio.discarded", changes=len(snapshot.changed))
            return self._moved(session, snapshot.draft, {})

    def ask_review(self, who: str) -> Snapshot:
        """Ask a second person to look at the draft as it is."""
        with self._database.write() as session:
            snapshot = self._locked(session)
            if not snapshot.changed:
                raise InvalidRequest("草稿里还没有改动")
            rows.change_draft(
                session, review="asked", reviewed=snapshot.draft.version, review_by=who, review_note=""
            )
            audit.record(session, who, "studio.review_asked", version=snapshot.draft.version)
            return self._snapshot(session, rows.lock_draft(session, snapshot.draft.base))

    def decide_review(self, who: str, *, approve: bool, note: str, version: int) -> Snapshot:
        """A second person's word on the version they saw. Raises Conflict when it changed, InvalidRequest."""
        with self._database.write() as session:
            snapshot = self._locked(session)
            draft = snapshot.draft
            if draft.review != "asked" or draft.version != version:
                raise Conflict("草稿又改过了，请重新看一遍再决定")
            if draft.review_by == who:
                raise InvalidRequest("要请另一位同事来看，不能自己同意自己的")
            rows.change_draft(
                session,
                review="approved" if approve else "returned",
                reviewed=version,
                review_by=who,
                review_note=note,
            )
            audit.record(session, who, "studio.reviewed", approve=approve, version=version, note=note)
            return self._snapshot(session, rows.lock_draft(session, draft.base))

    def edits(self, *, only_open: bool = False, entry: str = "", limit: int = 200) -> list[Edit]:
        """The newest first. only_open: neither published nor given up; entry: of this one only."""
        with self._database.read() as session:
            return rows.edits(session, only_open=only_open, entry=entry, limit=limit)

    def clashes(self) -> list[Clash]:
        """What is to be settled before a publish. Raises StoreUnavailable."""
        with self._database.read() as session:
            return rows.clashes(session)

    def needs_review(self) -> bool:
        """Whether a second person must agree before a publish."""
        with self._database.read() as session:
            return bool(settings.get(session, REVIEW))

    def set_review(self, needed: bool, who: str) -> None:
        """Whether a second person must agree before a publish; audited. Raises StoreUnavailable."""
        with self._database.write() as session:
            settings.put(session, REVIEW, needed)
            audit.record(session, who, "studio.review_setting", needed=needed)

    def _put(
        self, session: Transaction, snapshot: Snapshot, ref: Ref, data: Any, *, base: str, who: str,
        pack: str = "", at: int | None = None, action: str = "",
    ) -> tuple[Snapshot, Edit | None]:  # fmt: skip
        entry = snapshot.now.find(ref)
        before = None if entry is None else entry.data
        if etag(before) != base:
            raise _clash(session, ref, data, before)
        if ref.kind == "intent" and data is None:
            _check_unused(snapshot, ref)
        changes = snapshot.now.put(ref, data, pack, at)
        after = Catalogue(apply(snapshot.now.files, changes), snapshot.now)
        if etag(after.data(ref)) == base and action != "settled":
            return snapshot, None
        edit = rows.add_edit(
            session,
            who=who,
            entry=str(ref),
            title=title_of(ref, data if data is not None else before),
            action=action or ("added" if before is None else "removed" if data is None else "changed"),
            before=before,
            after=after.data(ref),
            place=_place(entry),
        )
        return self._moved(session, snapshot.draft, _difference(snapshot.base.files, after.files)), edit

    def _moved(self, session: Transaction, draft: Draft, files: Files, base: int | None = None) -> Snapshot:
        """Store the draft's files as its next version; a review of the version before counts no more."""
        rows.replace_files(session, files)
        rows.change_draft(
            session,
            base=draft.base if base is None else base,
            version=draft.version + 1,
            review="",
            changed_at=datetime.now(UTC),
        )
        moved = self._snapshot(session, rows.lock_draft(session, draft.base))
        rows.close_edits(session, {str(ref) for ref in moved.changed})
        return moved

    def _locked(self, session: Transaction) -> Snapshot:
        """The draft, locked, upon the newest release."""
        draft = rows.lock_draft(session, _newest(session))
        newest = _newest(session)  # it may have been published while this waited for the lock
        snapshot = self._snapshot(session, draft)
        return snapshot if draft.base == newest else self._rebased(session, snapshot, newest)

    def _rebased(self, session: Transaction, ours: Snapshot, newest: int) -> Snapshot:
        theirs = Catalogue(releases.files(session, newest), ours.now)
        result = theirs
        open_clashes = {clash.entry for clash in rows.clashes(session)}
        for ref in ours.changed:
            mine, was, now = ours.now.find(ref), ours.base.data(ref), theirs.data(ref)
            data = None if mine is None else mine.data
            if etag(now) == etag(data):
                rows.remove_clash(session, str(ref))
                continue
            if etag(now) != etag(was) or str(ref) in open_clashes:
                rows.put_clash(session, str(ref), title_of(ref, data or now), data, now, newest)
            place = _place(mine)
            changes = result.put(ref, data, place.get("pack", ""), place.get("at"))
            result = Catalogue(apply(result.files, changes), result)
        self._base = (newest, theirs)
        return self._moved(session, ours.draft, _difference(theirs.files, result.files), newest)

    def _snapshot(self, session: Transaction, draft: Draft, *, keep: bool = False) -> Snapshot:
        """keep: remember it for the next time; only what is committed may be remembered."""
        base = self._base
        if base is None or base[0] != draft.base:
            base = (draft.base, Catalogue(releases.files(session, draft.base), base[1] if base else None))
            self._base = base
        now = self._now
        if now is None or now[0] != (draft.base, draft.version):
            files = apply(base[1].files, rows.draft_files(session))
            now = ((draft.base, draft.version), Catalogue(files, now[1] if now else base[1]))
            if keep:
                self._now = now
        return Snapshot(draft, base[1], now[1])


def _add_edit(session: Transaction, who: str, change: Change, entry: Entry | None, after: Any) -> Edit:
    before = None if entry is None else entry.data
    return rows.add_edit(
        session,
        who=who,
        entry=str(change.ref),
        title=title_of(change.ref, after if after is not None else before),
        action="added" if before is None else "removed" if after is None else "changed",
        before=before,
        after=after,
        place=_place(entry),
    )


def title_of(ref: Ref, data: Any) -> str:
    """What people call the entry."""
    if ref.kind == "text":
        return text_title(ref.id)
    if ref.kind == "image":
        return f"图片 {ref.id}"
    named = data if isinstance(data, dict) else {}
    if ref.kind == "guide":
        return f"{ref.id} 的提醒"
    return str(named.get("title") or named.get("name") or ref.id)


def _newest(session: Transaction) -> int:
    number = releases.newest_number(session)
    if number is None:
        raise NotReady("还没有发布过内容")
    return number


def _clash(session: Transaction, ref: Ref, mine: Any, theirs: Any) -> EditClash:
    last = next(iter(rows.edits(session, entry=str(ref), limit=1)), None)
    who = last.who if last is not None else "别人"
    return EditClash(
        f"{who}刚刚改过这一条，两边的内容都在，请选一个",
        mine=mine,
        theirs=theirs,
        etag=etag(theirs),
        who=who,
        at=last.at.isoformat() if last is not None else "",
    )


def _place(entry: Entry | None) -> dict[str, Any]:
    if entry is None:
        return {}
    rank = entry.path[-1] if entry.path and isinstance(entry.path[-1], int) else None
    return {"pack": entry.pack, "at": rank}


def _check_unused(snapshot: Snapshot, intent: Ref) -> None:
    """An intent with scripts of its own stays."""
    scripts = sum(
        entry.ref.kind == "script" and entry.file.endswith(f"/{intent.id}.yaml") for entry in snapshot.now
    )
    if scripts:
        raise InvalidRequest(f"这个意图还有 {scripts} 条话术，请先删掉它们")


def _differs(one: Entry | None, other: Entry | None) -> bool:
    if one is other:
        return False
    return one is None or other is None or (one.data is not other.data and one.data != other.data)


def _difference(base: Files, now: Files) -> Files:
    """The files of `now` that are not so in `base`; those gone are empty."""
    changed = {path: text for path, text in now.items() if base.get(path) != text}
    return changed | {path: "" for path in base if path not in now}


def _check_size(data: Any) -> None:
    if _length(data) > MAX_ENTRY:
        raise InvalidRequest(f"这一条太长，最多 {MAX_ENTRY} 个字")


def _length(data: Any) -> int:
    if isinstance(data, dict):
        return sum(len(str(key)) + _length(value) for key, value in data.items())
    if isinstance(data, list):
        return sum(_length(value) for value in data)
    return len(str(data))
