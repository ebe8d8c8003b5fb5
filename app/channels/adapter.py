"""What an adapter is: how one kind of chat system signs, what its messages say, how something is sent back to it.

An adapter is a folder `app/channels/<kind>/` with `adapter.py` (which has `ADAPTER`, an instance of a subclass of
`Adapter`), `setup.html` (接入说明, shown in the product) and `fixtures/`. Nothing else has to know of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final, Literal

from app.outbound import Outbound
from app.types import Role

MAX_TEXT: Final = 4000
"""Characters of a message that are kept; what a chat system lets people write is far less."""

LAN: Final = "店里内网的主机要先放行：启动话术助手前设环境变量 HUASHU_OUTBOUND_ALLOW=主机名或网段，再重新启动"

Json = dict[str, Any]


class Unverified(Exception):
    """The request does not come from the chat system. The reason is shown to administrators only, never to the sender."""


class Unreadable(Exception):
    """The request is genuine but cannot be understood; the message says what is wrong with it, in Chinese."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something to fill in for a channel. secret: never shown again; default: what an empty one stands for.

    names: what people read in place of a choice.
    """

    name: str
    title: str
    hint: str = ""
    required: bool = False
    secret: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


def reply_option(hint: str) -> Option:
    """Whether agents may send to customers straight from the panel; off unless the shop says otherwise."""
    names = {"off": "关，复制了自己粘贴", "on": "开，可以直接发给顾客"}
    return Option("reply", "面板里的「发送」", hint, default="off", choices=("off", "on"), names=names)


@dataclass(frozen=True, slots=True)
class Channel:
    """A stored channel. secrets: the one in force, then one that was replaced less than 24 hours ago.

    locked: they and the options cannot be read, see `app/store/vault.py`.
    """

    id: int
    kind: str
    name: str
    token: str
    shop: str
    secrets: tuple[str, ...]
    options: Mapping[str, str]
    state: Mapping[str, Any]
    people: tuple[str, ...]
    enabled: bool
    sends: bool
    trouble: str
    refused: Mapping[str, str] | None
    created_at: datetime
    locked: bool = False

    def option(self, name: str, default: str = "") -> str:
        """What was filled in for an option; `default` where it is empty."""
        return self.options.get(name) or default

    def lets_reply(self) -> bool:
        """Whether it is set that agents may send from the panel."""
        return self.option("reply") == "on"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as received. headers by lower-case name; query decoded; body the very bytes that were signed."""

    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """One side's message in a customer's conversation. conversation_id, message_id: the chat system's, ≤ 200 characters.

    label: what the customer is called; agent: who wrote an agent's message; reply_to: what `deliver` needs to write back.
    """

    conversation_id: str
    message_id: str
    role: Role
    text: str
    sent_at: datetime | None = None
    attachments: tuple[dict[str, str], ...] = ()
    label: str = ""
    agent: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str | int] = field(default_factory=dict)
    reply_to: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recall:
    """A message was taken back; it may not have arrived yet."""

    conversation_id: str
    message_id: str
    role: Role = "customer"


@dataclass(frozen=True, slots=True)
class Question:
    """Somebody of the staff asks what to answer a customer. text: the customer's words. Nothing of it becomes a conversation.

    reply_to goes to `deliver` with the answer.
    """

    message_id: str
    text: str
    reply_to: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """Work to do once the request is acknowledged: `Adapter.run` gets it. The same key is done once."""

    key: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Feedback:
    """Somebody of the staff said what became of a script. The same number is counted once."""

    number: str
    script_id: str
    kind: Literal["copied", "rejected"]
    person: str = ""


Item = Message | Recall | Question | Feedback | Task


@dataclass(frozen=True, slots=True)
class Reply:
    """What the sender is answered, when its chat system wants something in particular."""

    body: bytes
    content_type: str = "application/json"
    status: int = 200


@dataclass(frozen=True, slots=True)
class PageSignature:
    """timestamp: Unix seconds. Both signatures are over the same timestamp, nonce and address."""

    corp_id: str
    agent_id: str
    timestamp: int
    nonce: str
    config_signature: str
    agent_config_signature: str


@dataclass(frozen=True, slots=True)
class ChatClient:
    """A chat client that a page of ours lies in, and that sends for it by its own script."""

    corp_id: str
    agent_id: str


@dataclass(frozen=True, slots=True)
class Read:
    """What a request says. delivery: the sender's number for the request, the same when it is sent again; "" if it has none.

    note: why there is nothing to do, when `items` is empty.
    """

    items: tuple[Item, ...] = ()
    delivery: str = ""
    reply: Reply | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something to send. kind: `suggestion.created`, `conversation.alert`, `answer` (to a Question), `test` …

    payload: {"data": …, "reply_to": …}; external_id: the chat system's number of the conversation, "" if none.
    """

    id: int
    key: str
    kind: str
    external_id: str
    payload: Mapping[str, Any]
    attempts: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """How sending went. retry: worth trying again, not before `after` seconds if given; gone: never send there again."""

    result: Literal["done", "retry", "failed", "gone", "dropped"]
    status: int | None = None
    note: str = ""
    after: float | None = None


@dataclass(frozen=True, slots=True)
class Ran:
    """What a task brought: messages to store, and what the adapter remembers from now on (None: as before)."""

    items: tuple[Item, ...] = ()
    state: Json | None = None


class Adapter(ABC):
    """One kind of chat system. Methods may be called from several threads at once.

    token_in_path: the address carries an unguessable part, where the signature alone does not prove enough.
    secret_from: "us" where we make the secret, "platform" where the administrator pastes what the platform shows.
    acknowledges_poison: what cannot be read is answered 200, since the platform would send the same again.
    own_ids: conversations keep the sender's numbers as ids; else they are prefixed with the channel.
    settle: seconds to wait before suggesting to a platform, so that several messages in a row get one answer.
    schedule: seconds before each new attempt at sending; after the last the channel stops sending.
    reply_schedule: the same for `reply.send`, an agent's words to the customer: short, since somebody waits for it.
    reply_within: seconds after the customer's last message in which the platform takes replies; 0 for ever.
    reply_most: replies that it takes after each message of the customer; 0 for any number.
    reply_bytes: the most bytes of UTF-8 in one; 0 for as many as a message may have.
    test_words: what the button says that sends a test.
    poll: seconds between calls of `run` with `Task("poll")`; 0 for never.
    """

    kind: ClassVar[str]
    title: ClassVar[str]
    options: ClassVar[tuple[Option, ...]] = ()
    token_in_path: ClassVar[bool] = True
    secret_from: ClassVar[Literal["us", "platform"]] = "platform"
    acknowledges_poison: ClassVar[bool] = False
    own_ids: ClassVar[bool] = False
    methods: ClassVar[tuple[str, ...]] = ("POST",)
    settle: ClassVar[float] = 0
    schedule: ClassVar[tuple[float, ...]] = ()
    poll: ClassVar[float] = 0
    reply_schedule: ClassVar[tuple[float, ...]] = (2, 5, 15, 30)
    reply_within: ClassVar[float] = 0
    reply_most: ClassVar[int] = 0
    reply_bytes: ClassVar[int] = 0
    test_words: ClassVar[str] = "发一条测试消息"

    @abstractmethod
    def verify(self, incoming: Incoming, channel: Channel, now: datetime) -> bytes:
        """The body, decrypted where it came encrypted. Raises Unverified. Never waits for anything."""

    @abstractmethod
    def read(self, body: bytes, incoming: Incoming, channel: Channel) -> Read:
        """What the body says. Raises Unreadable. Never waits for anything."""

    def check_secret(self, secret: str) -> None:  # noqa: B027
        """Raises ValueError, in Chinese, for a text that cannot be a secret of this kind."""

    def run(self, task: Task, channel: Channel, http: Outbound) -> Ran:  # noqa: ARG002
        """Do what a task asks for. May be called again for the same task; raises anything to be called again later."""
        return Ran()

    def wants(self, kind: str, channel: Channel) -> bool:  # noqa: ARG002
        """Whether deliveries of this kind are to be sent; for `reply.send`, whether agents may send to the customer."""
        return False

    def deliver(self, delivery: Delivery, channel: Channel, http: Outbound, now: datetime) -> Outcome:  # noqa: ARG002
        """Send something. An OutboundError may be let through: it counts as `retry`, or `failed` when the address is refused."""
        return Outcome("dropped", note="这种渠道不往外发")

    def sign_page(self, url: str, channel: Channel, http: Outbound) -> PageSignature | None:  # noqa: ARG002
        """What the platform's script wants before a page of ours may use it; None where there is no such thing.

        url: the page's, one of ours, without `#` and after. An OutboundError may be let through.
        """
        return None

    def client(self, channel: Channel) -> ChatClient | None:  # noqa: ARG002
        """The chat client that may hold the panel; None where there is none, or something is not filled in."""
        return None

    def test(self, channel: Channel) -> str:  # noqa: ARG002
        """Why a test cannot be sent now, "" if it can: a delivery of the kind `test`."""
        return "" if self.wants("test", channel) else "这个渠道还没有设置往外发的地址"
