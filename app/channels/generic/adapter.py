"""The generic webhook: any shop's own system, by the Standard Webhooks specification, in and out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from app.channels import standard
from app.channels.adapter import (
    LAN,
    Adapter,
    Channel,
    Delivery,
    Incoming,
    Message,
    Option,
    Outcome,
    Read,
    Recall,
    Unreadable,
    reply_option,
)
from app.outbound import Outbound, Reply
from app.store.deliveries import REPLY
from app.vocabulary import FACTS, NO, NUMBER_FACTS, YES

SECONDS: Final = 15.0
_MAX_ATTACHMENTS: Final = 20
_YEARS: Final = range(2000, 2100)
_PASSING: Final = frozenset({408, 425, 429})

Id = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)


class _Attachment(_Part):
    type: Annotated[str, Field(max_length=200)]
    name: Annotated[str, Field(max_length=200)] | None = None
    url: Annotated[str, Field(max_length=2000)] | None = None


class _Customer(_Part):
    id: str | None = None
    name: str | None = None


class _Data(_Part):
    conversation_id: Id
    message_id: Id
    role: Literal["customer", "agent"] | None = None
    text: str | None = None
    attachments: tuple[_Attachment, ...] | None = None
    sent_at: AwareDatetime | None = None
    customer: _Customer | None = None
    agent: _Customer | str | None = None
    slots: dict[str, Any] | None = None
    facts: dict[str, Any] | None = None


class _Body(_Part):
    type: str
    data: dict[str, Any]


class Generic(Adapter):
    """Any system that speaks this project's own format, signed as Standard Webhooks are."""

    kind = "generic"
    title = "通用接口（自有系统）"
    options = (
        Option(
            "url",
            "往外发的网址",
            f"有了建议就用同一个密钥签名发到这里；空着就不发。{LAN}",
        ),
        reply_option("客服在面板里点「发送」，话以 reply.send 发到上面的网址，由您的系统发给顾客"),
    )
    token_in_path = False
    secret_from = "us"  # noqa: S105
    own_ids = True
    schedule = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)

    def check_secret(self, secret: str) -> None:
        standard.key_of(secret)

    def verify(self, incoming: Incoming, channel: Channel, now: datetime) -> bytes:
        standard.verify(channel.secrets, incoming.headers, incoming.body, now)
        return incoming.body

    def read(self, body: bytes, incoming: Incoming, channel: Channel) -> Read:  # noqa: ARG002
        delivery = incoming.headers["webhook-id"]
        try:
            parsed = _Body.model_validate(json.loads(body))
            if parsed.type not in ("message.created", "message.recalled"):
                return Read(delivery=delivery, note=f"不处理 {parsed.type[:50]} 这种消息")
            data = _Data.model_validate(parsed.data)
        except ValidationError as error:
            raise Unreadable(_explain(error)) from error
        except (ValueError, RecursionError) as error:
            raise Unreadable("内容不是 UTF-8 编码的 JSON") from error
        if parsed.type == "message.recalled":
            return Read((Recall(data.conversation_id, data.message_id, data.role or "customer"),), delivery)
        if data.role is None:
            raise Unreadable("data.role 要写 customer 或 agent")
        message = _message(data)
        if not message.text.strip() and not message.attachments:
            return Read(delivery=delivery, note="没有文字也没有附件")
        return Read((message,), delivery)

    def wants(self, kind: str, channel: Channel) -> bool:
        return bool(channel.option("url")) and (kind != REPLY or channel.lets_reply())

    def deliver(self, delivery: Delivery, channel: Channel, http: Outbound, now: datetime) -> Outcome:
        data = delivery.payload.get("data", {})
        if delivery.external_id:
            data = {**data, "conversation_id": delivery.external_id}
        told = {"type": delivery.kind, "timestamp": delivery.created_at.isoformat(), "data": data}
        body = json.dumps(told, ensure_ascii=False).encode("utf-8", errors="replace")
        headers = standard.signed(channel.secrets, delivery.key, now, body)
        answer = http.post(channel.option("url"), body, headers, seconds=SECONDS)
        if 200 <= answer.status < 300:
            return Outcome("done", answer.status)
        if answer.status == 410:
            return Outcome("gone", answer.status, "对方回答 410：不要再发")
        if delivery.kind == REPLY and 400 <= answer.status < 500 and answer.status not in _PASSING:
            return Outcome("failed", answer.status, _reason(answer))
        after = answer.headers.get("retry-after", "")
        wait = float(after) if after.isdecimal() and len(after) < 7 else None
        return Outcome("retry", answer.status, f"对方回答 {answer.status}", wait)


def _reason(answer: Reply) -> str:
    """Why a shop's own system did not take a reply: its `detail`, if it tells one."""
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        told = None
    detail = told.get("detail") if isinstance(told, dict) else None
    return detail[:150] if isinstance(detail, str) and detail.strip() else f"对方的系统回答 {answer.status}"


def _message(data: _Data) -> Message:
    customer = data.customer or _Customer()
    agent = data.agent if isinstance(data.agent, str) else (data.agent.name if data.agent else "")
    sent_at = data.sent_at.astimezone(UTC) if data.sent_at and data.sent_at.year in _YEARS else None
    attachments = (data.attachments or ())[:_MAX_ATTACHMENTS]
    return Message(
        conversation_id=data.conversation_id,
        message_id=data.message_id,
        role=data.role or "customer",
        text=data.text or "",
        sent_at=sent_at,
        attachments=tuple(part.model_dump(exclude_none=True) for part in attachments),
        label=(customer.name or customer.id or "")[:200],
        agent=(agent or "")[:80],
        slots=_slots(data.slots or {}),
        facts=usable_facts(data.facts or {}),
    )


def _slots(given: Mapping[str, Any]) -> dict[str, str]:
    """Texts and numbers by name; anything else is left out."""
    usable = {
        name: str(value)[:200]
        for name, value in given.items()
        if isinstance(value, str | int | float)
        and not isinstance(value, bool)
        and str(value)
        and len(name) <= 20
    }
    return dict(list(usable.items())[:50])


def usable_facts(given: Mapping[str, Any]) -> dict[str, str | int]:
    """The facts that are in the vocabulary; a message is not refused for the others."""
    found: dict[str, str | int] = {}
    for fact, value in given.items():
        if isinstance(value, bool):
            value = YES if value else NO
        if fact in NUMBER_FACTS:
            text = str(value)
            if text.isascii() and text.isdigit() and len(text) <= 4:
                found[fact] = int(text)
        elif (
            fact in FACTS
            and isinstance(value, str)
            and len(value) <= 200
            and value in (FACTS[fact] or (value,))
        ):
            found[fact] = value
    return found


def _explain(error: ValidationError) -> str:
    """Which fields are wrong, never what they say."""
    names = [".".join(map(str, found["loc"])) or "内容" for found in error.errors()[:10]]
    hint = "；sent_at 要带时区，例如 2026-11-22T10:03:15+08:00" if "sent_at" in names else ""
    return f"这些字段缺少或写得不对：{'、'.join(names)}{hint}"


ADAPTER = Generic()
