"""WeCom 微信客服: its callback tells that there is something new; the messages are pulled with `sync_msg`.

Callback and encryption: see crypto.py. Messages: developer.work.weixin.qq.com, document 94670: three days back, up to 1000 at a
time, `origin` 3 is the customer, 5 a colleague in the WeCom client, 4 an event. What a colleague handles cannot be answered
through the interface (95018): suggestions are shown in the panel. A callback unanswered for 5 s comes three times more.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from app.channels.adapter import (
    Adapter,
    Channel,
    ChatClient,
    Delivery,
    Incoming,
    Item,
    Message,
    Option,
    Outcome,
    PageSignature,
    Ran,
    Read,
    Recall,
    Reply,
    Task,
    Unreadable,
    Unverified,
    reply_option,
)
from app.channels.wecom.crypto import decrypt, is_signed, key_of, page_signature
from app.errors import InvalidRequest
from app.outbound import Outbound, OutboundError
from app.store.deliveries import REPLY

TOLERANCE: Final = 3600
SECONDS: Final = 10.0
_HOME: Final = "https://qyapi.weixin.qq.com"
_COMPANY_TICKET: Final = "get_jsapi_ticket"
_APP_TICKET: Final = "ticket/get?type=agent_config"
_LIMIT: Final = 1000
_MOST_PAGES: Final = 20
_EARLY: Final = 300
_NO_TOKEN: Final = (40014, 42001)
_BUSY: Final = (-1, 45009, 45033)
_SENT_BEFORE: Final = 95033
"""A message of this number was sent already. Not in the published list of codes; seen by others."""
_CUSTOMER, _COLLEAGUE = 3, 5
_ENCRYPT: Final = re.compile(rb"<Encrypt>\s*(?:<!\[CDATA\[)?([A-Za-z0-9+/=]+)(?:\]\]>)?\s*</Encrypt>")
_FIELD: Final = r"<{0}>\s*(?:<!\[CDATA\[(.*?)\]\]>|([^<]*))\s*</{0}>"
_REFUSALS: Final = {
    40001: "微信客服的 Secret 不对",
    40013: "企业 ID 不对",
    48002: "这个应用没有调用微信客服接口的权限",
    95001: "这位顾客上次说话以后已经发满 5 条，等他再说一句才能发",
    95002: "顾客 48 小时没有说话，微信不让再发",
    95013: "这个会话已经结束，等顾客再说一句才能发",
    95018: "会话已经转给同事接待，企业微信不让接口往里发：复制了到企业微信里发",
    60020: "这台电脑的公网 IP 不在应用的「企业可信 IP」里",
}
"""Source: developer.work.weixin.qq.com, document 90313."""
_ATTACHMENTS: Final = {
    "image": "image",
    "voice": "voice",
    "video": "video",
    "file": "file",
    "location": "location",
    "link": "link",
    "business_card": "card",
    "miniprogram": "card",
    "channels_shop_product": "card",
    "channels_shop_order": "card",
}


class Refused(OutboundError):
    """WeCom does not accept what was filled in. The words say what, in Chinese."""

    def __init__(self, words: str) -> None:
        super().__init__("bad_answer")
        self.words = words


class WeCom(Adapter):
    """WeChat customer service by WeCom: callbacks say that something came, the messages are fetched."""

    kind = "wecom"
    title = "微信客服（企业微信）"
    options = (
        Option("corp_id", "企业 ID", "企业微信管理后台「我的企业」最下面", required=True),
        Option("token", "Token", "微信客服「接收事件服务器」里生成的", required=True, secret=True),
        Option(
            "corp_secret",
            "微信客服的 Secret",
            "能调用微信客服接口的应用的 Secret",
            required=True,
            secret=True,
        ),
        Option(
            "agent_id",
            "应用的 AgentId",
            "这个 Secret 的应用的；在聊天工具栏里用面板才要填",
        ),
        reply_option(
            "只发得进还没有转给同事的会话（在「微信客服」里由 API 接待），顾客说话后 48 小时内、最多 5 条"
        ),
        Option("url", "企业微信接口的网址", "一般不用改", default=_HOME),
    )
    methods = ("GET", "POST")
    acknowledges_poison = True
    settle = 2
    poll = 60
    reply_within = 48 * 3600
    reply_most = 5
    reply_bytes = 2048
    test_words = "检查连接"

    def __init__(self) -> None:
        self._tokens: dict[tuple[str, ...], tuple[str, float]] = {}
        self._tickets: dict[tuple[str, ...], tuple[str, float]] = {}
        self._lock = threading.Lock()
        self._asking = threading.Lock()

    def check_secret(self, secret: str) -> None:
        key_of(secret)

    def verify(self, incoming: Incoming, channel: Channel, now: datetime) -> bytes:
        query = incoming.query
        encrypted = query.get("echostr", "") if incoming.method == "GET" else _encrypted(incoming.body)
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            raise Unverified("没有 timestamp，不是企业微信发来的")
        if abs(now.timestamp() - int(timestamp)) > TOLERANCE:
            raise Unverified("timestamp 和这台电脑的时间差了 1 小时以上")
        if not channel.secrets:
            raise Unverified("还没有填 EncodingAESKey")
        given = query.get("msg_signature", "")
        if not encrypted or not is_signed(given, channel.option("token"), timestamp, nonce, encrypted):
            raise Unverified("签名、EncodingAESKey 或企业 ID 对不上")
        for secret in channel.secrets:
            try:
                return decrypt(key_of(secret), encrypted, channel.option("corp_id"))
            except ValueError:
                continue
        raise Unverified("签名、EncodingAESKey 或企业 ID 对不上")

    def read(self, body: bytes, incoming: Incoming, channel: Channel) -> Read:  # noqa: ARG002
        if incoming.method == "GET":
            return Read(reply=Reply(body, "text/plain"), note="地址检查")
        try:
            told = body.decode()
        except UnicodeDecodeError as error:
            raise Unreadable("内容不是 UTF-8") from error
        done = Reply(b"", "text/plain")
        if _field(told, "Event") != "kf_msg_or_event":
            return Read(reply=done, note="只看微信客服的消息")
        account, token = _field(told, "OpenKfId"), _field(told, "Token")
        if not account:
            raise Unreadable("没有 OpenKfId")
        key = f"{account} {_field(told, 'CreateTime')} {token}"
        return Read((Task(key[:400], {"account": account, "token": token}),), reply=done)

    def run(self, task: Task, channel: Channel, http: Outbound) -> Ran:
        """Pull what is new: of the account a callback named, or of all accounts known so far."""
        cursors = dict(channel.state.get("cursors", {}))
        named = str(task.data.get("account") or "")
        items: list[Item] = []
        for account in [named] if named else sorted(cursors):
            token = str(task.data.get("token") or "") if named else ""
            pulled, cursors[account] = self._pull(channel, account, cursors.get(account, ""), token, http)
            items += pulled
        return Ran(tuple(items), {**channel.state, "cursors": cursors})

    def wants(self, kind: str, channel: Channel) -> bool:
        return kind == "test" or (kind == REPLY and channel.lets_reply())

    def deliver(self, delivery: Delivery, channel: Channel, http: Outbound, now: datetime) -> Outcome:  # noqa: ARG002
        """A reply to the customer; or a test, whether the secret is right and lets the service accounts be read.

        Source: developer.work.weixin.qq.com, document 94677. A reply has a number of its own, so that WeCom takes it once.
        """
        path, asked = "kf/account/list", {"offset": 0, "limit": 1}
        if delivery.kind == REPLY:
            path, asked = "kf/send_msg", _letter(delivery)
        try:
            code = self._told(channel, path, asked, http).get("errcode", 0)
        except Refused as error:
            return Outcome("failed", note=error.words)
        if code == 0 or (code == _SENT_BEFORE and delivery.attempts > 1):
            return Outcome("done")
        return Outcome("retry" if code in _BUSY else "failed", note=_refusal(code))

    def client(self, channel: Channel) -> ChatClient | None:
        """What the chat client's page needs to sign with; None while no AgentId is filled in."""
        agent_id = channel.option("agent_id")
        return ChatClient(channel.option("corp_id"), agent_id) if agent_id else None

    def sign_page(self, url: str, channel: Channel, http: Outbound) -> PageSignature:
        """Raises InvalidRequest when the app's number is not filled in. Source: documents 90506 and 96914."""
        agent_id = channel.option("agent_id")
        if not agent_id:
            raise InvalidRequest("请管理员在「接入」页面给这个渠道填上应用的 AgentId")
        nonce, timestamp = secrets.token_hex(8), int(time.time())
        company, app = (self._ticket(channel, path, http) for path in (_COMPANY_TICKET, _APP_TICKET))
        return PageSignature(
            corp_id=channel.option("corp_id"),
            agent_id=agent_id,
            timestamp=timestamp,
            nonce=nonce,
            config_signature=page_signature(company, nonce, timestamp, url),
            agent_config_signature=page_signature(app, nonce, timestamp, url),
        )

    def _ticket(self, channel: Channel, path: str, http: Outbound) -> str:
        """A ticket, asked for once until shortly before it expires: WeCom gives an app 100 of them an hour."""
        key = (*_account(channel), path)
        with self._asking:
            known = self._tickets.get(key)
            if known is not None and known[1] > time.monotonic():
                return known[0]
            told = self._call(channel, path, None, http)
            ticket, seconds = told.get("ticket"), told.get("expires_in")
            if not isinstance(ticket, str) or not ticket or not isinstance(seconds, int):
                raise OutboundError("bad_answer")
            self._tickets[key] = (ticket, time.monotonic() + max(0, seconds - _EARLY))
            return ticket

    def _pull(
        self, channel: Channel, account: str, cursor: str, token: str, http: Outbound
    ) -> tuple[list[Item], str]:
        """Messages after the cursor, and the next cursor; what is left after so many pages comes with the next round."""
        items: list[Item] = []
        for _ in range(_MOST_PAGES):
            asked = {"cursor": cursor, "token": token, "limit": _LIMIT, "open_kfid": account}
            told = self._call(
                channel, "kf/sync_msg", {name: value for name, value in asked.items() if value}, http
            )
            listed = told.get("msg_list")
            items += [
                item
                for part in (listed if isinstance(listed, list) else ())
                if (item := _item(part)) is not None
            ]
            cursor = str(told.get("next_cursor") or cursor)
            if not told.get("has_more"):
                break
        return items, cursor

    def _call(
        self, channel: Channel, path: str, asked: Mapping[str, Any] | None, http: Outbound
    ) -> dict[str, Any]:
        """Ask WeCom; with nothing to tell by GET. Raises OutboundError, also when WeCom refuses."""
        told = self._told(channel, path, asked, http)
        if told.get("errcode", 0) != 0:
            raise OutboundError("bad_answer")
        return told

    def _told(
        self, channel: Channel, path: str, asked: Mapping[str, Any] | None, http: Outbound
    ) -> dict[str, Any]:
        """What WeCom answers, its refusals too (`errcode`). Raises OutboundError."""
        joined = "&" if "?" in path else "?"
        method, body = ("GET", None) if asked is None else ("POST", json.dumps(asked).encode())
        headers = {"Content-Type": "application/json"} if body else {}
        for attempt in range(2):
            token = self._token(channel, http)
            address = f"{_base(channel)}/cgi-bin/{path}{joined}access_token={token}"
            answer = http.send(method, address, body, headers, seconds=SECONDS)
            told = _object(answer.body)
            if told.get("errcode", 0) in _NO_TOKEN and attempt == 0:
                self._forget(channel)
                continue
            if answer.status != 200:
                raise OutboundError("bad_answer", sent=True)
            return told
        raise OutboundError("bad_answer")

    def _token(self, channel: Channel, http: Outbound) -> str:
        """The access token, shared by all who ask with the same secret until shortly before it expires."""
        key = _account(channel)
        with self._lock:
            known = self._tokens.get(key)
        if known is not None and known[1] > time.monotonic():
            return known[0]
        address = f"{_base(channel)}/cgi-bin/gettoken?corpid={key[1]}&corpsecret={key[2]}"
        told = _object(http.send("GET", address, None, {}, seconds=SECONDS).body)
        token, seconds = told.get("access_token"), told.get("expires_in")
        if told.get("errcode", 0) in tuple(_REFUSALS):
            raise Refused(_refusal(told["errcode"]))
        if not isinstance(token, str) or not isinstance(seconds, int):
            raise OutboundError("bad_answer")
        with self._lock:
            self._tokens[key] = (token, time.monotonic() + max(0, seconds - _EARLY))
        return token

    def _forget(self, channel: Channel) -> None:
        with self._lock:
            self._tokens.pop(_account(channel), None)


def _letter(delivery: Delivery) -> dict[str, Any]:
    reply_to, data = delivery.payload.get("reply_to", {}), delivery.payload.get("data", {})
    return {
        "touser": reply_to.get("customer", ""),
        "open_kfid": reply_to.get("account", ""),
        "msgid": delivery.key[-32:],
        "msgtype": "text",
        "text": {"content": data.get("text", "")},
    }


def _refusal(code: object) -> str:
    return _REFUSALS.get(code, f"企业微信说错误 {code}") if isinstance(code, int) else "企业微信的回答看不懂"


def _account(channel: Channel) -> tuple[str, ...]:
    return (_base(channel), channel.option("corp_id"), channel.option("corp_secret"))


def _base(channel: Channel) -> str:
    return channel.option("url", _HOME).rstrip("/")


def _encrypted(body: bytes) -> str:
    """The cipher text of a callback, read without an XML parser: it comes before anything is proven."""
    found = _ENCRYPT.search(body)
    return found[1].decode() if found else ""


def _field(told: str, name: str) -> str:
    """A field of the flat XML inside."""
    found = re.search(_FIELD.format(name), told, re.DOTALL)
    return (found[1] if found[1] is not None else found[2]).strip() if found else ""


def _item(part: object) -> Item | None:
    """A message of either side, a recall, or None for what is neither."""
    if not isinstance(part, dict) or not isinstance(part.get("msgid"), str):
        return None
    account, customer = str(part.get("open_kfid") or ""), str(part.get("external_userid") or "")
    if part.get("msgtype") == "event":
        return _recall(part)
    origin = part.get("origin")
    if origin not in (_CUSTOMER, _COLLEAGUE) or not customer:
        return None
    kind = str(part.get("msgtype") or "")
    text = part.get("text")
    words = str(text.get("content") or "") if kind == "text" and isinstance(text, dict) else ""
    attachments = ({"type": _ATTACHMENTS.get(kind, "file")},) if kind != "text" else ()
    if not words.strip() and not attachments:
        return None
    return Message(
        conversation_id=f"{account}:{customer}"[:200],
        message_id=part["msgid"][:200],
        role="customer" if origin == _CUSTOMER else "agent",
        text=words,
        sent_at=_moment(part.get("send_time")),
        attachments=attachments,
        agent=str(part.get("servicer_userid") or "") if origin == _COLLEAGUE else "",
        reply_to={"account": account, "customer": customer},
    )


def _recall(part: Mapping[str, Any]) -> Recall | None:
    event = part.get("event")
    if not isinstance(event, dict) or event.get("event_type") != "user_recall_msg":
        return None
    customer, recalled = str(event.get("external_userid") or ""), str(event.get("recall_msgid") or "")
    if not customer or not recalled:
        return None
    return Recall(f"{event.get('open_kfid') or ''}:{customer}"[:200], recalled[:200])


def _moment(seconds: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None
    except (ValueError, OverflowError, OSError):
        return None


def _object(body: bytes) -> dict[str, Any]:
    """Raises OutboundError for what is no JSON object."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise OutboundError("bad_answer") from error
    if not isinstance(told, dict):
        raise OutboundError("bad_answer")
    return told


ADAPTER = WeCom()
