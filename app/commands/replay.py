"""`suggest` and `replay`: what an agent would be offered."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

from app.assist import Assistant, SuggestRequest
from app.commands.sources import add_source_options, open_source
from app.commands.understand import read_rows
from app.errors import UsageError
from app.reply.state import ConversationState
from app.types import Assistance, Turn
from app.vocabulary import EMOTION_NAMES, STAGE_NAMES

_LIMIT = 5


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `suggest` and `replay` to the command line."""
    helping = subparsers.add_parser("suggest", help="试一条消息：意图、情绪、阶段和话术")
    helping.add_argument("message", help="顾客说的话")
    helping.add_argument("--tone", choices=("亲切", "正式", "门店"), help="语气；默认是店铺的")
    helping.add_argument("--limit", type=int, default=_LIMIT, help=f"最多几条话术（默认 {_LIMIT}）")
    add_source_options(helping)
    helping.set_defaults(run=run_suggest)
    replaying = subparsers.add_parser(
        "replay", help="从标准输入读对话（每行一个 JSON），写出每句顾客话的阶段和话术"
    )
    add_source_options(replaying)
    replaying.set_defaults(run=run_replay)


def run_suggest(options: argparse.Namespace) -> int:
    """Print the help for one message as a person reads it."""
    assistance = _assistant(options).suggest(
        SuggestRequest(options.message, tone=options.tone, limit=max(1, min(20, options.limit)))
    )
    for line in _readable(assistance):
        print(line)
    return 0


def run_replay(options: argparse.Namespace) -> int:
    """One line out per dialogue in; every customer turn is answered from the turns up to it."""
    assistant = _assistant(options)
    for row in read_rows(sys.stdin, ("id", "turns")):
        turns = list(_replayed(assistant, _turns(row)))
        print(json.dumps({"id": row["id"], "turns": turns}, ensure_ascii=True))
    return 0


def _assistant(options: argparse.Namespace) -> Assistant:
    source = open_source(options)
    return Assistant(source.content, source.engine(), source.number, source.content.packs)


def _turns(row: dict[str, Any]) -> list[Turn]:
    """Raises UsageError for a turn that is none."""
    given = row["turns"]
    if not isinstance(given, list) or not all(isinstance(turn, dict) for turn in given):
        raise UsageError(f"对话 {row['id']} 的 turns 要是一列 {{role, text}}")
    for turn in given:
        if turn.get("role") not in ("customer", "agent") or not isinstance(turn.get("text"), str):
            raise UsageError(f"对话 {row['id']} 的每一句要有 role（customer 或 agent）和 text")
    return [Turn(turn["role"], turn["text"]) for turn in given]


def _replayed(assistant: Assistant, turns: list[Turn]) -> Iterator[dict[str, Any]]:
    state = ConversationState()
    for index, turn in enumerate(turns):
        if turn.role == "agent":
            state = assistant.say(state, turn)
            continue
        state = assistant.listen(state, turn.text)
        yield _row(index, assistant.answer(SuggestRequest(turn.text, limit=_LIMIT), state))


def _row(index: int, assistance: Assistance) -> dict[str, Any]:
    return {
        "index": index,
        "stage": assistance.stage.id if assistance.stage is not None else None,
        "reason": assistance.stage.reason if assistance.stage is not None else None,
        "intents": [{"id": match.id, "score": match.score} for match in assistance.analysis.intents],
        "suggestions": [
            {
                "script_id": suggestion.script_id,
                "intent": suggestion.intent,
                "stage": suggestion.stage,
                "text": suggestion.text,
            }
            for suggestion in assistance.suggestions
        ],
    }


def _readable(assistance: Assistance) -> Iterator[str]:
    analysis, stage = assistance.analysis, assistance.stage
    names = "、".join(f"{match.name} {match.score:.2f}" for match in analysis.intents)
    yield f"意图：{names or '没有认出来'}"
    yield f"情绪：{EMOTION_NAMES[analysis.emotion.level]}"
    for risk in assistance.risks:
        yield f"风险：{risk.name}。{'；'.join(risk.advice)}"
    if stage is not None:
        yield f"阶段：{STAGE_NAMES[stage.id]}（{stage.reason}）"
    for number, suggestion in enumerate(assistance.suggestions, start=1):
        missing = f"，还缺{'、'.join(suggestion.missing)}" if suggestion.missing else ""
        yield f"\n{number}. {suggestion.title}（{suggestion.reason}{missing}）"
        yield from (f"   {bubble}" for bubble in suggestion.bubbles)
