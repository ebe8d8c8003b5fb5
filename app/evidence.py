"""The evidence of a stored conversation: what its words have brought, and what people have ticked by hand."""

from __future__ import annotations

from collections.abc import Mapping

from app.assist import Assistant
from app.errors import NotFound
from app.reply.counsel import Counsel
from app.reply.evidence import PICTURES, Checklist, ticked
from app.reply.goods import Goods
from app.reply.state import ConversationState
from app.store import audit, conversations
from app.store import products as rows
from app.store.database import Database
from app.vocabulary import YES


def of_conversation(
    database: Database,
    assistant: Assistant,
    state: ConversationState,
    goods: Goods | None,
    *,
    conversation_id: str,
    shop: str | None,
    facts: Mapping[str, str | int],
) -> tuple[Counsel, Checklist | None]:
    """What the shop's data say about a conversation, and its checklist with the ticks; None when it needs no evidence.

    facts: known besides what the conversation says. Raises StoreUnavailable.
    """
    found = assistant.counsel(state, shop, goods, facts)
    if found.evidence is None:
        return found, None
    with database.read() as session:
        ticks = rows.ticks(session, conversation_id)
    kit = found.evidence.kit
    own = {item.partition(".")[2]: tick for item, tick in ticks.items() if item.startswith(f"{kit}.")}
    return found, ticked(found.evidence, own)


def tick(
    database: Database, assistant: Assistant, conversation_id: str, item: str, there: bool | None, who: str
) -> None:
    """Note that a piece of evidence (`kit.item`) is there or not; None takes the note back.

    A photo that is there is proof for the rules as well; taking the tick back leaves that to the facts.
    Raises NotFound for an unknown conversation or piece, StoreUnavailable.
    """
    kit, _, name = item.partition(".")
    known = assistant.content.evidence.get(kit)
    piece = next((each for each in known.items if each.id == name), None) if known is not None else None
    if piece is None:
        raise NotFound("证据单里没有这一项")
    with database.write() as session:
        if not conversations.hold(session, conversation_id):
            raise conversations.unknown()
        rows.tick(session, conversation_id, item, there, who)
        if there and piece.photo:
            conversations.lock(session, conversation_id, who=who)
            conversations.give(session, conversation_id, {PICTURES: YES}, {}, who)
        audit.record(session, who, "evidence.ticked", conversation=conversation_id, item=item, there=there)
