"""A stand-in for the API behind the panel: canned answers in the documented shape, and switches for bad days.

The browser tests use it where they need an answer exactly so; contract tests use the real application.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Literal

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.accounts import LOCAL_USER
from app.config import Settings
from app.web import pages, panel
from app.web.deps import current_person
from app.web.guard import Guard

SHRUNK = "上次买的毛衣都缩水了，还起球，那么贵"
THREAT = "说好昨天发货到现在没动静，再不发我打12315"
NASTY = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>缩水 javascript:alert(1)"
NOTHING = "今天天气不错"
INTENTS = {
    "shrinkage": "缩水",
    "pilling": "起球",
    "overpriced": "嫌贵不值",
    "exchange": "换货",
    "dispatch_delay": "未发货催发货",
    "authority_complaint": "12315与法律",
    "other": "其他",
}


def span(text: str, words: str) -> list[dict[str, Any]]:
    start = text.find(words)
    return [{"start": start, "end": start + len(words), "text": words}] if start >= 0 else []


def script(
    slug: str, stage: str, title: str, *bubbles: str, intent: str = "shrinkage", **more: Any
) -> dict[str, Any]:
    """A suggestion; blanks are read off 〔…〕 in the bubbles."""
    blanks = []
    for index, bubble in enumerate(bubbles):
        at = bubble.find("〔")
        while at >= 0:
            end = bubble.index("〕", at) + 1
            blanks.append({"name": bubble[at + 1 : end - 1], "bubble": index, "start": at, "end": end})
            at = bubble.find("〔", end)
    return {
        "script_id": f"{intent}.{stage}.{slug}",
        "intent": intent,
        "stage": stage,
        "title": title,
        "tone": "亲切",
        "bubbles": list(bubbles),
        "text": "\n".join(bubbles),
        "blanks": blanks,
        "missing": list(dict.fromkeys(blank["name"] for blank in blanks)),
        "score": 0.9,
        "reason": "顾客第一次说起缩水，先问清怎么洗的",
        "source": ["000.S1.B"],
    } | more


SCRIPTS = [
    script(
        "photo",
        "confirm",
        "请顾客拍平铺照",
        "亲，新毛衣洗一次就小了，换谁都心疼。",
        "麻烦您把衣服平铺拍一张，旁边放把尺子，再说说是机洗还是手洗，我马上拿给质检看。",
    ),
    script(
        "ask",
        "confirm",
        "先去问质检",
        "看到您说毛衣缩了还起球，我先去问质检，〔时限〕 前给您回话，您不用一直等着。",
    ),
    script(
        "two", "confirm", "问两件事", "您是机洗还是手洗的呢？", "洗之前量过衣长吗？", "我按这个去查这一批。"
    ),
    script("sorry", "apologise", "认错并说做法", "这件是我们没做好，〔时限〕 把 〔金额〕 元运费退到您账上。"),
    script("choice", "resolve", "退或换任选", "您选退还是换都行，来回运费我们出。"),
]
PROMISED = {"due_at": "2026-11-22T18:00:00+08:00", "approximate": False, "outcome": None}
CARDS = {
    "apparel.wool_care": {
        "id": "apparel.wool_care",
        "title": "羊毛衫怎么洗",
        "text": "冷水手洗，用羊毛洗涤剂。\n不拧，平铺晾干。",
        "source": ["000.S1.B"],
        "checked": None,
    }
}
GUARD = [
    ("加微信", "off_platform", "block", "平台不让离开平台联系。", "在这里说"),
    ("最好的", "superlative", "warn", "绝对化用语。", "很好的"),
]
STAGE_NAMES = {
    "listen": "倾听",
    "confirm": "确认",
    "apologise": "道歉",
    "resolve": "解决",
    "follow_up": "跟进",
}


@dataclass
class Day:
    """How the service behaves: what it was asked, whether it fails, which messages wait for their answer, what time it is."""

    requests: list[dict[str, Any]] = field(default_factory=list)
    failing: int = 0
    held: set[str] = field(default_factory=set)
    store_down: bool = False
    conversations: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    marks: dict[str, str | None] = field(default_factory=dict)
    given: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    named: dict[str, dict[str, Any]] = field(default_factory=dict)
    alerts: list[dict[str, Any]] = field(default_factory=list)
    cases: dict[str, str] = field(default_factory=dict)
    now: datetime | None = None
    due: dict[str, str] = field(default_factory=dict)
    promises: list[dict[str, Any]] = field(default_factory=list)
    promises_read: int = 0
    feedback: list[dict[str, Any]] = field(default_factory=list)
    scripts: list[dict[str, Any]] = field(default_factory=lambda: deepcopy(SCRIPTS))


async def let_go(day: Day, words: str) -> None:
    """Returns once these words are no longer held back."""
    while words in day.held:
        await asyncio.sleep(0.02)


def marks(found: dict[str, Any], words: str) -> list[dict[str, Any]]:
    return [
        {"field": field_, "start": each["start"], "end": each["end"]}
        for field_ in ("title", "text")
        for each in span(found[field_], words)
    ]


def answer(request: dict[str, Any], day: Day) -> dict[str, Any]:
    text = request["message"]
    found = [
        {
            "id": intent,
            "name": INTENTS[intent],
            "kind": "complaint",
            "score": score,
            "evidence": span(text, words),
        }
        for intent, words, score in (
            ("dispatch_delay", "发货", 0.96),
            ("shrinkage", "缩水", 0.97),
            ("pilling", "起球", 0.93),
            ("overpriced", "贵", 0.7),
            ("authority_complaint", "12315", 0.99),
        )
        if words in text
    ]
    if "intents" in request:
        known = {intent["id"]: intent for intent in found}
        blank = {"kind": "complaint", "score": 1.0, "evidence": []}
        found = [known.get(id_, {"id": id_, "name": INTENTS[id_], **blank}) for id_ in request["intents"]]
    abstained = not found
    stage = request.get("stage", "confirm")
    question = "怎么洗" in text
    if question:
        stage = "answer"
    goes_on = "照您说的" in text
    if goes_on:
        stage = "resolve"
    suggestions = sorted(day.scripts, key=lambda one: (one["stage"] != stage, one["stage"]))
    if abstained and not goes_on:
        suggestions = [
            script(
                "clarify", "listen", "请顾客多说一句", "亲，您说的是哪件事呢？我好帮您查。", intent="common"
            )
        ]
    risks = []
    if "12315" in text and any(one["id"] == "authority_complaint" for one in found):
        advice = ["先稳住，别争辩，十分钟内告诉店长", "聊天记录和发货单留好", "说清几点前给答复，到点一定回"]
        risks.append(
            {
                "id": "authority_complaint",
                "name": "12315与法律",
                "banner": True,
                "advice": advice,
                "evidence": [],
            }
        )
    if "差评要钱" in text:
        risks.append(
            {
                "id": "malicious_review",
                "name": "差评勒索",
                "banner": True,
                "advice": ["先问清"],
                "evidence": [],
            }
        )
    if "给差评" in text:
        risks.append(
            {"id": "negative_review", "name": "差评表态", "banner": False, "advice": [], "evidence": []}
        )
    washed = request["facts"].get("洗过")
    due = datetime.now(UTC) + timedelta(hours=48)
    return {
        "release": 1,
        "conversation_id": None,
        "turn_id": None,
        "intents": found,
        "candidates": [
            {"id": id_, "name": INTENTS[id_], "kind": "complaint", "score": 0.3, "evidence": []}
            for id_ in ("shrinkage", "exchange")
        ]
        if abstained
        else [],
        "abstained": abstained,
        "reason": "nothing_found" if abstained else None,
        "emotion": {
            "level": 2 if "气死" in text else 1,
            "name": "不满",
            "trend": "rising",
            "evidence": span(text, "那么贵"),
        },
        "risks": risks,
        "facts": {"场所": "线上"} | request["facts"],
        "slots": [{"name": "商品", "value": "毛衣", "start": 4, "end": 6, "origin": "message"}],
        "stage": {
            "id": stage,
            "name": STAGE_NAMES.get(stage, "答复"),
            "reason": "第一次说起缩水，先确认情况",
            "done": [] if question else ["listen"],
        },
        "suggestions": suggestions[: request["limit"]],
        "guidance": {
            "ask": []
            if washed
            else [{"fact": "洗过", "text": "洗过几次、怎么洗的"}, {"fact": "照片", "text": "平铺照和洗标"}],
            "do": ["先问洗涤方式和水温，再谈责任"],
            "dont": ["没有检测前不说「正常现象」"],
            "cards": [
                {"id": "apparel.wool_care", "title": "羊毛衫怎么洗"},
                {"id": "gone", "title": "国标怎么说"},
            ],
            "rules": [
                {
                    "id": "quality_unclear",
                    "title": "质量问题，责任没定",
                    "outcome": ["先送检或护理", "运费待定"],
                    "reason": "没看到照片前不定责。",
                    "source": ["000.2.2"],
                }
            ],
            "deadlines": [{"text": "48 小时内给出处理结果", "due_at": due.isoformat()}],
        },
    }


def add_conversations(app: FastAPI, day: Day) -> None:
    """Stored turns: idempotent, in order, gone when undone. A customer's turn is answered like a message."""

    @app.post("/api/v1/conversations/{conversation_id}/turns")
    async def add_turn(conversation_id: str, request: Request) -> Response:
        body = await request.json()
        if day.store_down or day.failing:
            return JSONResponse({"detail": "数据库连不上", "code": "store_unavailable"}, 503)
        turns = day.conversations.setdefault(conversation_id, [])
        known = [turn for turn in turns if turn["message_id"] == body["message_id"]]
        if not known:
            before = [{"role": turn["role"], "text": turn["text"]} for turn in turns if turn["text"]]
            numbers = [int(turn["turn_id"]) for each in day.conversations.values() for turn in each]
            known = [{"agent": "", **body, "turn_id": str(max(numbers, default=0) + 1)}]
            turns += known
            if body["role"] == "customer" and body["text"]:
                day.requests.append({**body, "message": body["text"], "turns": before})
        stored = {"conversation_id": conversation_id, "turn_id": known[0]["turn_id"]}
        if body["role"] == "agent":
            acts = ["held"] if " 前给您回话" in body["text"] else []
            day.promises += [{"id": "7", "what": "回话", "text": body["text"], **PROMISED} for _ in acts]
            return JSONResponse({"release": 1, "acts": acts, "script_id": body.get("script_id"), **stored})
        await let_go(day, body["text"])
        due = {"alert": None, "reply_due_at": day.due.get(body["text"])}
        return JSONResponse({**answer({"message": body["text"], **body}, day), **stored, **due})

    @app.get("/api/v1/conversations/{conversation_id}")
    async def read(conversation_id: str) -> dict[str, Any]:
        blank = {"attachments": [], "stored_at": "2026-11-22T10:00:00+00:00", "recalled": False}
        blank |= {"script_id": None, "sent_at": None}
        told = {
            kind: {name: {"value": value, "by": "", "at": ""} for name, value in values.items()}
            for kind, values in day.given.get(conversation_id, {"facts": {}, "slots": {}}).items()
        }
        named = {"label": "", "note": "", "id": conversation_id} | day.named.get(conversation_id, {})
        turns = [blank | turn for turn in day.conversations[conversation_id]]
        waits = bool(turns) and turns[-1]["role"] == "customer"
        due = day.due.get(turns[-1]["text"]) if waits else None
        return {"turns": turns, "risks": [], "given": told, "reply_due_at": due, **named}

    @app.put("/api/v1/conversations/{conversation_id}/facts")
    async def give(conversation_id: str, request: Request) -> Response:
        held = day.given.setdefault(conversation_id, {"facts": {}, "slots": {}})
        for kind, values in (await request.json()).items():
            for name, value in values.items():
                held[kind].pop(name, None)
                if value is not None:
                    held[kind][name] = value
        return JSONResponse({"conversation_id": conversation_id, "given": {}, "state": {}})

    @app.patch("/api/v1/conversations/{conversation_id}")
    async def change(conversation_id: str, request: Request) -> Response:
        day.named.setdefault(conversation_id, {}).update(await request.json())
        return JSONResponse({"id": conversation_id})

    @app.get("/api/v1/conversations")
    async def found(q: str = "") -> dict[str, Any]:
        items = [
            {"id": id_, "label": "", "note": "", "closed": False, "updated_at": "2026-11-22T10:00:00+00:00"}
            | {"agents": ["小李"], "last": {"role": turns[-1]["role"], "text": turns[-1]["text"]}}
            | day.named.get(id_, {})
            for id_, turns in day.conversations.items()
            if turns and any(q in turn["text"] for turn in turns)
        ]
        return {"items": items}

    @app.get("/api/v1/promises")
    async def promises() -> dict[str, Any]:
        day.promises_read += 1
        owed = [promise for promise in day.promises if promise["outcome"] is None]
        await let_go(day, "promises")
        return {"items": owed}

    @app.patch("/api/v1/promises/{promise_id}")
    async def change_promise(promise_id: str, request: Request) -> dict[str, Any]:
        outcome = (await request.json())["outcome"]
        for promise in day.promises:
            promise["outcome"] = None if outcome == "undecided" else outcome
        return {"id": promise_id}

    @app.get("/api/v1/alerts")
    async def alerts() -> dict[str, Any]:
        return {"items": day.alerts}

    @app.put("/api/v1/alerts/{alert_id}/seen")
    async def seen(alert_id: str) -> dict[str, Any]:
        day.alerts = [alert for alert in day.alerts if alert["id"] != alert_id]
        return {"id": alert_id}

    @app.delete("/api/v1/conversations/{conversation_id}/turns/{turn_id}")
    async def undo_turn(conversation_id: str, turn_id: str) -> Response:
        turns = day.conversations[conversation_id]
        turns[:] = [turn for turn in turns if turn["turn_id"] != turn_id]
        day.promises.clear()
        return JSONResponse({"conversation_id": conversation_id, "turn_id": turn_id, "state": {}})

    @app.put("/api/v1/conversations/{conversation_id}/risks/{intent}")
    async def mark_risk(conversation_id: str, intent: str, request: Request) -> Response:
        day.marks[intent] = (await request.json())["mark"]
        return JSONResponse({"id": intent, "mark": day.marks[intent]})


def add_cases(app: FastAPI, day: Day) -> None:
    """A register with one case per conversation, number 1: how it stands."""

    @app.post("/api/v1/cases")
    async def open_case(request: Request) -> dict[str, Any]:
        talk = (await request.json())["conversation_id"]
        created = day.cases.get(talk) != "open"
        day.cases[talk] = "open"
        return {"id": 1, "number": "2026-0001", "created": created, "url": "/cases/1"}

    @app.post("/api/v1/cases/1/withdraw")
    async def withdraw() -> dict[str, Any]:
        day.cases = dict.fromkeys(day.cases, "withdrawn")
        return {"id": 1, "number": "2026-0001"}


class Dated:
    """Says what time it is with every answer, as servers do: the day's time, or the real one."""

    def __init__(self, app: ASGIApp, day: Day) -> None:
        self.app, self.day = app, day

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                now = format_datetime((self.day.now or datetime.now(UTC)).astimezone(UTC), usegmt=True)
                message["headers"] = [*message["headers"], (b"date", now.encode())]
            await send(message)

        await self.app(scope, receive, dated)


def make_app(day: Day, folder: Path) -> FastAPI:
    app = FastAPI()
    app.include_router(pages.router)
    app.include_router(panel.router)
    app.dependency_overrides[current_person] = lambda: LOCAL_USER
    app.add_middleware(Guard, settings=Settings(data=folder), has_accounts=lambda: True)

    @app.post("/api/v1/suggest")
    async def suggest(request: Request) -> Response:
        body = await request.json()
        day.requests.append(body)
        if day.failing:
            day.failing -= 1
            return JSONResponse({"detail": "出了意外", "code": "internal"}, 500)
        await let_go(day, body["message"])
        return JSONResponse(answer(body, day))

    add_conversations(app, day)
    add_cases(app, day)
    app.add_middleware(Dated, day=day)

    @app.post("/api/v1/feedback")
    async def feedback(request: Request) -> dict[str, Any]:
        day.feedback.append(await request.json())
        return {"id": "1", "diff": []}

    @app.post("/api/v1/excerpts")
    async def excerpts(request: Request) -> dict[str, Any]:
        body = await request.json()
        await let_go(day, body["text"])
        lines = body["text"].split("\n")
        heads = [line.split(" ") for line in lines[::2]]
        if not all(len(head) == 2 for head in heads):
            return {"is_excerpt": False, "turns": [], "needs_side": []}
        sides = {"小店客服": "agent", "小鱼儿": "customer"} | body["sides"]
        turns = [
            {"role": sides.get(name), "name": name, "text": text, "sent_at": f"2026-11-22T{time}:00+08:00"}
            | {"message_id": f"x-{time}", "known": False}
            for (name, time), text in zip(heads, lines[1::2], strict=True)
        ]
        return {
            "is_excerpt": True,
            "turns": turns,
            "needs_side": list(dict.fromkeys(turn["name"] for turn in turns if turn["role"] is None)),
        }

    @app.post("/api/v1/check-draft")
    async def check_draft(request: Request) -> dict[str, Any]:
        text = (await request.json())["text"]
        findings = [
            {"rule": rule, "title": rule, "level": level, **place, "reason": reason, "source": ["广告法"]}
            | {"rewrite": rewrite, "replace_start": place["start"], "replace_end": place["end"]}
            for words, rule, level, reason, rewrite in GUARD
            for place in span(text, words)
        ]
        blocked = any(finding["level"] == "block" for finding in findings)
        return {"findings": findings, "blanks": [], "promises": [], "blocked": blocked}

    @app.get("/api/v1/scripts")
    async def scripts(q: str = "", *, used: bool = False) -> dict[str, Any]:
        if used:
            ids = [turn.get("script_id") for turns in day.conversations.values() for turn in turns]
            mine = [one for one in day.scripts if one["script_id"] in ids]
            return {"items": [{**one, "intent_name": "缩水", "marks": []} for one in mine]}
        hits = [one for one in day.scripts if q in one["text"] or q in one["title"] or q == "qq"]
        items = [{**one, "intent_name": "缩水", "marks": marks(one, q)} for one in hits]
        return {"items": items}

    @app.get("/api/v1/intents")
    async def intents() -> dict[str, Any]:
        return {"items": [{"id": id_, "name": name, "kind": "complaint"} for id_, name in INTENTS.items()]}

    @app.get("/api/v1/cards/{card_id}")
    async def card(card_id: str) -> Response:
        if card_id in CARDS:
            return JSONResponse(CARDS[card_id])
        return JSONResponse({"detail": "没有这张卡片", "code": "not_found"}, 404)

    return app


@contextmanager
def serving(
    app: FastAPI, lifespan: Literal["auto", "on", "off"] = "auto", *, dated: bool = True
) -> Iterator[str]:
    """The application on a free port of this machine; yields its address. dated: the server says what time it is."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan=lifespan, date_header=dated))
    ready = threading.Event()
    startup = server.startup

    async def started(sockets: list[socket.socket] | None = None) -> None:
        await startup(sockets)
        ready.set()

    server.startup = started  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    if not ready.wait(180):
        raise RuntimeError("the server did not start")
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(60)
        listener.close()
