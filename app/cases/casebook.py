"""The case file: opened from a conversation, changed by several people without losing anything, closed with an outcome.

Whoever opens a case answers for it until it is handed over (首诉负责制, 004.1g).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.accounts import LOCAL_USER, allows
from app.assist import Assistant
from app.cases.fields import NAMES, CaseFields, differences, merged
from app.cases.photos import read_photo
from app.cases.prefill import prefill
from app.errors import Conflict, InvalidRequest, NotAllowed
from app.store import audit, people
from app.store import cases as rows
from app.store import conversations as talks
from app.store.cases import Case, CaseEvent, CaseQuery, Photo
from app.store.conversations import StoredTurn
from app.store.database import Database
from app.store.people import Person
from app.store.tables_cases import SETTLED

MAX_LOGGED: Final = 5_000
MAX_PHOTOS: Final = 40
_PREFILLED_FROM: Final = 200
_ENDED: Final = {"closed": "结案", "withdrawn": "作废"}


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case with everything that belongs to it, each oldest first. turns: what was said in its conversation."""

    case: Case
    events: list[CaseEvent]
    photos: list[Photo]
    turns: list[StoredTurn]


class Casebook:
    """The cases of a database. All methods raise StoreUnavailable when it is away; then nothing is stored."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, assistant: Assistant, conversation_id: str, person: Person) -> tuple[Case, bool]:
        """The open case of a conversation, made and filled in if there is none; and whether it was made.

        One that was withdrawn is made again under its number, so that a slip of the hand leaves no gap.
        Raises NotFound for an unknown conversation.
        """
        now = datetime.now(UTC)
        with self._database.read() as session:
            known = rows.open_case_of(session, conversation_id)
            if known is not None:
                return known, False
            conversation = talks.find(session, conversation_id)
            if conversation is None:
                raise talks.unknown()
            turns = talks.turns(session, conversation_id, limit=_PREFILLED_FROM)
        values = prefill(assistant, conversation, turns, now)
        return self._add(values, conversation_id, person, _year(assistant, conversation.shop, now))

    def open_blank(self, assistant: Assistant, values: Mapping[str, Any], person: Person) -> Case:
        """A case without a conversation, from a call or a visit.

        Raises InvalidRequest for values that don't fit; closing it has rules of its own (`change`).
        """
        if values.get("status") in (*SETTLED, "reopened"):
            raise InvalidRequest("新登记的还没办完：先登记，写上处理结果，再结案", field="status")
        now = datetime.now(UTC)
        shop = str(values.get("shop") or assistant.content.shop.id)
        case, _ = self._add({**values, "shop": shop}, None, person, _year(assistant, shop, now))
        return case

    def get(self, case_id: int) -> Case:
        """Raises NotFound."""
        with self._database.read() as session:
            return rows.get(session, case_id)

    def file(self, case_id: int) -> CaseFile:
        """Raises NotFound."""
        with self._database.read() as session:
            case = rows.get(session, case_id)
            turns = (
                talks.turns(session, case.conversation_id, limit=MAX_LOGGED)
                if case.conversation_id is not None
                else []
            )
            return CaseFile(case, rows.events(session, case_id), rows.photos(session, [case_id]), turns)

    def search(
        self, query: CaseQuery, *, limit: int = 50, offset: int = 0
    ) -> tuple[list[Case], int, dict[str, int]]:
        """Cases, how many there are in all, and how many in each status whatever status is asked for."""
        with self._database.read() as session:
            found = rows.search(session, query, limit=limit, offset=offset)
            everywhere = CaseQuery(
                query.text, (), query.shop, query.owner, since=query.since, before=query.before
            )
            return found, rows.count(session, query), rows.count_by_status(session, everywhere)

    def of_conversation(self, conversation_id: str) -> list[Case]:
        """All cases of a conversation, newest first."""
        with self._database.read() as session:
            return rows.cases_of(session, conversation_id)

    def change(
        self,
        case_id: int,
        version: int,
        changes: Mapping[str, Any],
        person: Person,
        limits: Mapping[str, int] | None = None,
    ) -> Case:
        """Write some fields into a case that is still as it was read; the same changes twice are one.

        limits: the amount in yuan that each role may give by itself, looked at when a case is closed.
        Only who answers for the case and leads may; others take it over first.
        Raises Conflict with what others changed since `version`, InvalidRequest, NotAllowed, NotFound.
        """
        unknown = set(changes) - NAMES.keys()
        if unknown:
            raise InvalidRequest(f"登记表上没有「{sorted(unknown)[0][:40]}」这一项")
        with self._database.write() as session:
            case = rows.get(session, case_id, lock=True)
            _check_answers_for(case, person)
            fields = merged(case.fields, changes)
            after = fields.stored()
            changed = differences(case.fields, after)
            if not changed:
                return case
            if case.version != version:
                raise _conflict(case, rows.events(session, case_id, after=version), version)
            _check_status(case, fields)
            if fields.status == "closed":
                _check_closing(fields, person, limits or {})
            if fields.owner != case.owner:
                _check_known(fields.owner, person, people.by_name(session, fields.owner))
            stored = rows.change(session, case_id, after)
            rows.add_event(session, case_id, stored.version, person.name, _kind(changed), changed)
            audit.record(
                session,
                person.name,
                "case.changed",
                case=case.number,
                fields=[change["field"] for change in changed],
            )
        return stored

    def take_over(self, case_id: int, person: Person) -> Case:
        """The case with `person` answering for it from now on; the timeline and the audit log say from whom.

        Taking over what is one's own changes nothing. Raises NotFound, InvalidRequest for a closed case.
        """
        with self._database.write() as session:
            case = rows.get(session, case_id, lock=True)
            if case.owner == person.name:
                return case
            if case.status in SETTLED:
                raise InvalidRequest(
                    f"这张登记表已经{_ENDED[case.status]}，不用接手；要重新打开请找负责人或主管"
                )
            after = merged(case.fields, {"owner": person.name}).stored()
            stored = rows.change(session, case_id, after)
            changed = differences(case.fields, after)
            rows.add_event(session, case_id, stored.version, person.name, "handed_over", changed)
            audit.record(session, person.name, "case.taken_over", case=case.number, owner=case.owner)
        return stored

    def withdraw(self, case_id: int, person: Person) -> Case:
        """A case registered by mistake, kept under its number as void (作废); doing it twice is fine.

        Only while nothing has been written into it. Raises NotFound, NotAllowed, InvalidRequest.
        """
        with self._database.write() as session:
            case = rows.get(session, case_id, lock=True)
            if case.status == "withdrawn":
                return case
            _check_answers_for(case, person)
            if rows.events(session, case_id)[-1].what != "opened":
                raise InvalidRequest("这张登记表已经有人填过，不能作废。写上处理结果，结案就行")
            stored = rows.change(session, case_id, merged(case.fields, {"status": "withdrawn"}).stored())
            rows.add_event(session, case_id, stored.version, person.name, "withdrawn", [])
            audit.record(session, person.name, "case.withdrawn", case=case.number)
        return stored

    def add_photo(self, case_id: int, data: bytes, name: str, person: Person) -> Photo:
        """Keep a photo with a case; the same one twice is one.

        Raises BodyTooLarge, InvalidRequest for what is no photo or one too many, NotFound.
        """
        new = read_photo(data, name)
        with self._database.write() as session:
            case = rows.get(session, case_id, lock=True)
            if len(rows.photos(session, [case_id])) >= MAX_PHOTOS:
                raise InvalidRequest(f"一张登记表最多 {MAX_PHOTOS} 张照片，请先删掉用不着的")
            photo_id, is_new = rows.add_photo(session, case_id, new, person.name)
            if is_new:
                change = {"field": "photo", "before": None, "after": new.name}
                version = rows.touch(session, case_id).version
                rows.add_event(session, case_id, version, person.name, "photo_added", [change])
                audit.record(session, person.name, "case.photo_added", case=case.number, sha256=new.sha256)
            return rows.photo(session, case_id, photo_id)

    def remove_photo(self, case_id: int, photo_id: int, person: Person) -> None:
        """Raises NotAllowed unless the person added it or is a lead, NotFound."""
        with self._database.write() as session:
            case = rows.get(session, case_id, lock=True)
            photo = rows.photo(session, case_id, photo_id)
            if photo.added_by != person.name and not allows(person, "lead"):
                raise NotAllowed("只能删自己传的照片，别人的请主管来删")
            rows.remove_photo(session, case_id, photo_id)
            change = {"field": "photo", "before": photo.name, "after": None}
            version = rows.touch(session, case_id).version
            rows.add_event(session, case_id, version, person.name, "photo_removed", [change])
            audit.record(session, person.name, "case.photo_removed", case=case.number, sha256=photo.sha256)

    def photo_bytes(self, case_id: int, photo_id: int, *, small: bool) -> tuple[str, bytes]:
        """The media type and the bytes of a photo or of its thumbnail. Raises NotFound."""
        with self._database.read() as session:
            return rows.photo_bytes(session, case_id, photo_id, small=small)

    def find_photos(self, text: str, limit: int = 100) -> list[Photo]:
        """Photos by the customer's id or nickname, order or case number, newest first (000.2.9)."""
        with self._database.read() as session:
            return rows.find_photos(session, text, limit=limit)

    def record(self, person: Person, what: str, **detail: object) -> None:
        """Put an export into the audit log."""
        with self._database.write() as session:
            audit.record(session, person.name, what, **detail)

    def _add(
        self, values: Mapping[str, Any], conversation_id: str | None, person: Person, year: int
    ) -> tuple[Case, bool]:
        fields = merged({"owner": person.name}, values)
        with self._database.write() as session:
            rows.lock_numbers(session, year)  # two people cannot open the same case at once
            known = rows.open_case_of(session, conversation_id) if conversation_id else None
            if known is not None:
                return known, False
            if conversation_id is not None and not talks.hold(session, conversation_id):
                raise talks.unknown()
            void = rows.withdrawn_of(session, conversation_id) if conversation_id else None
            if void is not None:
                case = rows.add_again(session, void.id, fields.stored(), person.name)
            else:
                number = rows.next_number(session, year)
                case = rows.add(session, number, conversation_id, fields.stored(), person.name)
            audit.record(session, person.name, "case.opened", case=case.number)
        return case, True


def answers_for(case: Case, person: Person) -> bool:
    """Whether a person may change a case: who answers for it, leads, and programs that were given the registers."""
    return person.name == case.owner or person.id < 0 or allows(person, "lead")


def sees_originals(case: Case, person: Person) -> bool:
    """Whether a person takes personal data out of a case in the original: who answers for it, and leads."""
    return person.name in (case.owner, case.opened_by) or allows(person, "lead")


def _year(assistant: Assistant, shop: str, now: datetime) -> int:
    zone = assistant.content.shops.get(shop, assistant.content.shop).time_zone
    return now.astimezone(ZoneInfo(zone)).year


def _kind(changed: list[dict[str, Any]]) -> str:
    names = {change["field"]: change["after"] for change in changed}
    if "status" in names:
        return {"closed": "closed", "reopened": "reopened"}.get(names["status"], "changed")
    return "handed_over" if "owner" in names else "changed"


def _conflict(case: Case, events: list[CaseEvent], version: int) -> Conflict:
    changed = [
        {**change, "name": NAMES.get(change["field"], "照片"), "who": event.who, "at": event.at.isoformat()}
        for event in events
        for change in event.changes
    ]
    who = "、".join(dict.fromkeys(event.who for event in events)) or "别人"
    what = "、".join(dict.fromkeys(str(change["name"]) for change in changed)) or "内容"
    detail = f"{who}刚改了{what}。您填的还在，看过他改的再保存一次就行"
    return Conflict(detail, version=case.version, seen=version, changed=changed, fields=case.fields)


def _check_status(case: Case, fields: CaseFields) -> None:
    settled = case.status in SETTLED
    if settled and fields.status == case.status:
        raise InvalidRequest(f"这张登记表已经{_ENDED[case.status]}，要改请先重新打开")
    if settled and fields.status != "reopened":
        raise InvalidRequest(f"已经{_ENDED[case.status]}的登记表只能重新打开")
    if not settled and fields.status == "reopened" and case.status != "reopened":
        raise InvalidRequest("还没结案，不用重新打开")
    if fields.status == "withdrawn":
        raise InvalidRequest("登记错了请点「登记错了」作废；办完的写上处理结果，结案就行")


def _check_closing(fields: CaseFields, person: Person, limits: Mapping[str, int]) -> None:
    if not fields.outcome:
        raise InvalidRequest("结案前请写上处理结果", field="outcome")
    limit = limits.get("agent" if person.role == "trainer" else person.role)
    for remedy in fields.remedies:
        if (
            limit is not None
            and remedy.amount is not None
            and remedy.amount > limit
            and not remedy.approved_by
        ):
            raise InvalidRequest(
                f"「{remedy.kind}」{remedy.amount} 元超出了您能定的 {limit} 元，请先写上批准人",
                field="remedies",
            )


def _check_answers_for(case: Case, person: Person) -> None:
    if not answers_for(case, person):
        raise NotAllowed(
            f"这张登记表由{case.owner}负责，您可以看。要改请先点「我来接手」，或者请他本人、主管来改"
        )


def _check_known(owner: str, person: Person, known: Person | None) -> None:
    if known is None and owner not in (person.name, LOCAL_USER.name):
        raise InvalidRequest(f"没有叫「{owner}」的账号，请写对方的登录名字", field="owner")
