"""One customer's data: everything of them, nothing of others; an open case holds it; old conversations go."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import update

from app import privacy
from app.cases.fields import CaseFields
from app.errors import Conflict, InvalidRequest, NotFound
from app.store import audit
from app.store import cases as case_rows
from app.store import conversations as turns
from app.store import feedback as feedback_rows
from app.store.conversations import NewTurn
from app.store.database import Database
from app.store.feedback import Feedback
from app.store.schema import tables
from app.store.tables import ConversationRow


def test_a_name_of_many_is_not_one_customer(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privacy, "_LIMIT", 1)
    talk(database, "c-1", "访客")
    assert privacy.look_up(database, "访客").conversations == ("c-1",)
    talk(database, "c-2", "访客")
    before = everything(database)
    for refused in (privacy.look_up, *(partial(one, by="甲") for one in (privacy.export, privacy.erase))):
        with pytest.raises(InvalidRequest, match="不像同一位顾客"):
            refused(database, "访客")
    assert everything(database) == before


def talk(database: Database, conversation: str, label: str, words: str = "毛衣缩水了") -> None:
    with database.write() as session:
        turns.lock(session, conversation, shop="甲店", channel="panel", label=label)
        turns.add_turn(session, conversation, NewTurn("customer", words, "m-1"))
        feedback_rows.add(
            session,
            Feedback(
                script_id="shrinkage.confirm.photo",
                kind="edited",
                agent="小鱼",
                conversation_id=conversation,
                sent_text=f"{label}，{words}",
            ),
        )


def open_case(database: Database, conversation: str, customer: str, status: str) -> str:
    with database.write() as session:
        case_rows.lock_numbers(session, 2026)
        number = case_rows.next_number(session, 2026)
        fields = CaseFields(status=status, customer=customer, owner="小鱼").model_dump(mode="json")
        case_rows.add(session, number, conversation, fields, "小鱼")
    return number


def everything(database: Database) -> str:
    """All rows of all tables as text."""
    with database.read() as session:
        return "\n".join(
            str(session.execute(table.select()).all())
            for name, table in tables.Base.metadata.tables.items()
            if name != "audit"
        )


def test_a_customer_gets_all_and_only_their_own(database: Database) -> None:
    talk(database, "c-1", "阿May")
    talk(database, "c-2", "阿May", "扣子掉了")
    talk(database, "c-3", "别人", "别人的话")
    open_case(database, "c-1", "阿May", "closed")
    packed = privacy.export(database, " 阿May ", by="店长")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        data = json.loads(archive.read("data.json"))
    assert {row["text"] for row in data["turns"]} == {"毛衣缩水了", "扣子掉了"}
    assert len(data["cases"]) == len(data["case_events"]) == 1
    assert "别人" not in json.dumps(data, ensure_ascii=False)
    found = privacy.look_up(database, "阿May")
    assert found.conversations == ("c-1", "c-2")
    assert found.rows == {table: len(rows) for table, rows in data.items()}
    with database.read() as session:
        assert [(entry.what, entry.who) for entry in audit.latest(session)] == [("customer.exported", "店长")]


def test_erasing_leaves_no_word_of_theirs(database: Database) -> None:
    talk(database, "c-1", "阿May")
    talk(database, "c-3", "别人", "别人的话")
    open_case(database, "c-1", "阿May", "closed")
    gone = privacy.erase(database, "阿May", by="店长")
    assert gone["conversations"] == gone["cases"] == 1
    left = everything(database)
    assert "阿May" not in left
    assert "毛衣缩水了" not in left
    assert "别人的话" in left
    with database.read() as session:
        assert feedback_rows.counts(session)["shrinkage.confirm.photo"]["edited"] == 2
    with pytest.raises(NotFound):
        privacy.erase(database, "阿May", by="店长")
    with pytest.raises(NotFound):
        privacy.export(database, "阿May", by="店长")


def test_an_open_case_holds_everything(database: Database) -> None:
    talk(database, "c-1", "阿May")
    number = open_case(database, "c-1", "阿May", "open")
    before = everything(database)
    with pytest.raises(Conflict) as held:
        privacy.erase(database, "阿May", by="店长")
    assert held.value.extra["held"] == [number]
    assert everything(database) == before


def test_a_void_case_holds_nothing(database: Database) -> None:
    talk(database, "c-1", "阿May")
    open_case(database, "c-1", "阿May", "withdrawn")
    assert privacy.look_up(database, "阿May").held == ()
    assert privacy.erase(database, "阿May", by="店长")["cases"] == 1


@pytest.mark.parametrize("name", ["", "  ", "长" * 201])
def test_a_customer_must_be_named(database: Database, name: str) -> None:
    with pytest.raises(InvalidRequest):
        privacy.look_up(database, name)


def test_old_conversations_go_but_not_those_with_an_open_case(database: Database) -> None:
    for conversation in ("old", "held", "new"):
        talk(database, conversation, f"顾客{conversation}")
    open_case(database, "held", "顾客held", "open")
    long_ago = datetime.now(UTC) - timedelta(days=100)
    with database.write() as session:
        session.execute(
            update(ConversationRow).where(ConversationRow.id.in_(["old", "held"])).values(updated_at=long_ago)
        )
    retention = privacy.Retention(database, 90)
    assert retention.forget() == 1
    assert retention.forget() == 0
    left = everything(database)
    assert "顾客old" not in left
    assert "顾客held" in left
    assert "顾客new" in left


def test_a_clock_that_jumps_ahead_forgets_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk(database, "c-1", "阿May")

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) + timedelta(days=4000)

    monkeypatch.setattr(privacy, "datetime", Later)
    assert privacy.Retention(database, 90).forget() == 0
