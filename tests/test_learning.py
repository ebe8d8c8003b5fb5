"""The learning queue: what comes into it, how it is grouped, and how it becomes examples of the draft."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete

from app.content.entries import Ref
from app.content.model import Content
from app.errors import AppError, Conflict, InvalidRequest
from app.releases import publish
from app.store import feedback
from app.store import studio as studio_rows
from app.store.database import Database
from app.store.feedback import Feedback
from app.store.tables import ConversationRow
from app.studio.drafts import Drafts
from app.studio.learning import Learning
from tests.learning import answer, hear
from tests.studio import FINE

OLD = datetime.now(UTC) - timedelta(hours=1)


def train(content: Content) -> bytes:
    return b"model"


@pytest.fixture
def learning(database: Database) -> Learning:
    publish(database, FINE, author="甲", trainer=train)
    return Learning(database, Drafts(database))


def texts(learning: Learning) -> list[list[str]]:
    return [[lesson.text for lesson in bunch.lessons] for bunch in learning.waiting()[1]]


def ids(learning: Learning, group: int = 0) -> list[int]:
    return [lesson.id for lesson in learning.waiting()[1][group].lessons]


def examples(database: Database, intent: str) -> list[str]:
    return list(Drafts(database).snapshot().now.data(Ref("intent", intent)).get("examples", []))


def test_only_what_is_unsure_comes_in_masked_and_once(learning: Learning, database: Database) -> None:
    hear(
        database,
        "这毛衣变小了，我电话13812345678",
        answer(("shrinkage", 0.5), candidates=(("pilling", 0.2),)),
    )
    hear(database, "又缩水了", answer(("shrinkage", 0.97)))
    hear(database, "布料怎么全是小疙瘩", answer(candidates=(("pilling", 0.3),)), at=OLD)
    hear(database, "？？", answer())
    for _ in range(3):
        learning.collect()
    assert sorted(texts(learning)) == [["布料怎么全是小疙瘩"], ["这毛衣变小了，我电话138****5678"]]
    total, bunches = learning.waiting()
    assert total == 2
    shrunk = next(bunch for bunch in bunches if "变小" in bunch.text)
    assert [(choice.id, choice.name) for choice in shrunk.choices] == [
        ("shrinkage", "缩水"),
        ("pilling", "起球"),
    ]


def test_what_an_agent_corrected_comes_first_among_the_choices(
    learning: Learning, database: Database
) -> None:
    turn = hear(database, "毛衣上一粒一粒的", answer(("shrinkage", 0.9)))
    learning.collect()
    assert texts(learning) == []
    with database.write() as session:
        feedback.add(session, Feedback("a.b", "rejected", "甲", "c1", turn, right_intent="pilling"))
    learning.collect()
    (bunch,) = learning.waiting()[1]
    assert (bunch.lessons[0].reason, bunch.choices[0].id, bunch.choices[0].said) == (
        "corrected", "pilling", True,
    )  # fmt: skip


def test_messages_alike_are_one_group_and_one_key_teaches_them(
    learning: Learning, database: Database
) -> None:
    for text in ("衣服洗完变小了好多", "衣服洗完变小了好多啊", "裤子洗完变小了好多", "能便宜点吗老板"):
        hear(database, text, answer(("shrinkage", 0.5)))
    learning.collect()
    assert [len(group) for group in texts(learning)] == [3, 1]
    taught = learning.teach(ids(learning), "shrinkage", "乙")
    assert set(taught.examples) <= set(examples(database, "shrinkage"))
    assert len(taught.examples) == 2
    assert texts(learning) == [["能便宜点吗老板"]]
    (edit,) = Drafts(database).edits()
    assert (edit.who, edit.entry, edit.id) == ("乙", "intent:shrinkage", taught.edit)
    Drafts(database).undo(edit.id, "乙")
    assert learning.reopen(taught.settled, "乙") == 3
    assert [len(group) for group in texts(learning)] == [3, 1]


def test_what_contradicts_is_refused_and_nothing_is_written(learning: Learning, database: Database) -> None:
    for text in ("全是球", "又起球", "老是粘毛怎么办"):
        hear(database, text, answer(("shrinkage", 0.5)))
    learning.collect()
    with database.write() as session:
        studio_rows.put_golden(session, "老是粘毛怎么办", ["pilling"], "甲")
    before = examples(database, "shrinkage")
    for text, reason in (("又起球", "考题"), ("全是球", "已经是「起球」的样例")):
        bunch = next(bunch for bunch in learning.waiting()[1] if bunch.text == text)
        with pytest.raises(Conflict, match=reason):
            learning.teach([lesson.id for lesson in bunch.lessons], "shrinkage", "乙")
    golden = next(bunch for bunch in learning.waiting()[1] if "粘毛" in bunch.text)
    with pytest.raises(Conflict, match="店里的考题"):
        learning.teach([golden.lessons[0].id], "pilling", "乙")
    assert (examples(database, "shrinkage"), learning.waiting()[0]) == (before, 3)


def test_no_raw_words_even_when_the_trainer_types_them(learning: Learning, database: Database) -> None:
    hear(database, "打我13812345678说说毛衣的事", answer())
    learning.collect()
    taught = learning.teach(ids(learning), "pilling", "乙", "毛衣全是毛粒，打13812345678")
    assert taught.examples == ["毛衣全是毛粒，打138****5678"]
    hear(database, "是的呢你好", answer())
    learning.collect()
    with pytest.raises(InvalidRequest):
        learning.teach(ids(learning), "pilling", "乙", "13812345678")
    with pytest.raises(InvalidRequest):
        learning.teach(ids(learning), "nothing", "乙")


def test_two_trainers_at_once_settle_a_group_once(learning: Learning, database: Database) -> None:
    hear(database, "洗过以后袖子变短了", answer())
    learning.collect()
    numbers = ids(learning)

    def teach(intent: str) -> str:
        try:
            Learning(database, Drafts(database)).teach(numbers, intent, intent)
        except AppError as error:
            return type(error).__name__
        return "taught"

    with ThreadPoolExecutor(2) as pool:
        ends = sorted(pool.map(teach, ("shrinkage", "pilling")))
    assert ends == ["Conflict", "taught"]
    found = [name for name in ("shrinkage", "pilling") if "洗过以后袖子变短了" in examples(database, name)]
    assert len(found) == 1


def test_many_replicas_collect_each_message_once(learning: Learning, database: Database) -> None:
    for number in range(30):
        hear(database, f"第{number}次来问了衣服的事", answer(), at=OLD)
    others = [Learning(database, Drafts(database)) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda each: each.collect(), others))
    learning.collect()
    assert learning.waiting()[0] == 30


def test_dismissed_stays_dismissed_and_goes_with_its_conversation(
    learning: Learning, database: Database
) -> None:
    hear(database, "今天天气怎么样呀", answer())
    hear(database, "洗过以后袖子变短了", answer(), place="c2")
    learning.collect()
    numbers = [lesson.id for bunch in learning.waiting()[1] for lesson in bunch.lessons]
    assert len(learning.dismiss(numbers[:1], "乙")) == 1
    assert learning.dismiss(numbers[:1], "甲") == []
    learning.collect()
    assert learning.waiting()[0] == 1
    with database.write() as session:
        session.execute(delete(ConversationRow))
    assert learning.waiting()[0] == 0
