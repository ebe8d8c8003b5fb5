"""The golden dialogues, end to end with the project's own content, as `replay` answers them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from app.__main__ import main
from tests.conftest import ROOT

GOLDEN = Path(__file__).parent / "golden"
SHOWN = {"listen", "confirm", "apologise", "resolve", "follow_up", "answer"}


def replay(
    lines: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> list[dict[str, Any]]:
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    assert main(["replay", "--content", str(ROOT)]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("name", ["dialogues.jsonl", "stages.jsonl"])
def test_stages(name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (GOLDEN / name).read_text(encoding="utf-8")
    gold = [json.loads(line) for line in lines.splitlines()]
    answers = replay(lines, capsys, monkeypatch)
    assert [row["id"] for row in answers] == [row["id"] for row in gold]
    wrong: list[str] = []
    total = 0
    for dialogue, answer in zip(gold, answers, strict=True):
        stages = {turn["index"]: turn["stage"] for turn in answer["turns"]}
        assert set(stages) == {i for i, turn in enumerate(dialogue["turns"]) if turn["role"] == "customer"}
        for index, turn in enumerate(dialogue["turns"]):
            if turn.get("expect") is not None:
                total += 1
                if stages[index] not in turn["expect"]:
                    wrong.append(f"{dialogue['id']} {turn['text']}: {stages[index]} 而不是 {turn['expect']}")
    assert len(wrong) / total <= 0.05, "\n".join(wrong)


def test_replay_sees_only_the_turns_so_far(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = [
        {"role": "customer", "text": "毛衣洗完缩水了"},
        {"role": "agent", "text": "麻烦拍张照片给我看看"},
        {"role": "customer", "text": "[图片]"},
    ]
    whole, part = (json.dumps({"id": "a", "turns": turns[:size]}) for size in (3, 1))
    answers = replay(f"{whole}\n{part}\n", capsys, monkeypatch)
    assert answers[0]["turns"][0] == answers[1]["turns"][0]
    for turn in answers[0]["turns"]:
        assert turn["stage"] in SHOWN
        for suggestion in turn["suggestions"]:
            assert set(suggestion) == {"script_id", "intent", "stage", "text"}


@pytest.mark.parametrize(
    "line", ["{}", '{"id": 1, "turns": 5}', '{"id": 1, "turns": [{"role": "boss", "text": ""}]}', "x"]
)
def test_a_line_that_is_no_dialogue(
    line: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(line + "\n"))
    assert main(["replay", "--content", str(ROOT)]) == 2
    assert capsys.readouterr().err.strip()


def test_suggest_for_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["suggest", "上次买的毛衣都缩水了", "--content", str(ROOT), "--limit", "2"]) == 0
    shown = capsys.readouterr().out
    assert "缩水" in shown
    assert "阶段：确认" in shown
