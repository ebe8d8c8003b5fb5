"""The sheet of two versions' first scripts hides which is which, and the count finds them again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.blind_scripts import counted, sheet

SAID = ["毛衣起球了", "[图片]", "换吧", "谢谢"]


def files(folder: Path, old: list[str], new: list[str]) -> tuple[Path, Path, Path]:
    """A dialogue of customer turns, and each version's first scripts from the second turn on."""
    turns = [{"role": "customer", "text": text, "expect": ["resolve"]} for text in SAID]
    (folder / "said.jsonl").write_text(json.dumps({"id": "a", "turns": turns}), encoding="utf-8")
    for name, texts in (("old", old), ("new", new)):
        answers = [
            {
                "index": index,
                "stage": "resolve" if text else "listen",
                "suggestions": [{"text": text}] if text else [],
            }
            for index, text in enumerate(["在的", *texts])
        ]
        (folder / f"{name}.jsonl").write_text(json.dumps({"id": "a", "turns": answers}), encoding="utf-8")
    return folder / "said.jsonl", folder / "old.jsonl", folder / "new.jsonl"


def test_sheet_and_count(tmp_path: Path) -> None:
    paths = files(tmp_path, ["甲", "乙", ""], ["甲", "丙\n丁", "戊"])
    text, key = sheet(*paths, every=1, offset=0)
    assert "old" not in text
    assert "new" not in text
    assert "丙 / 丁" in text
    assert text.count("甲") == 1
    assert "在的" not in text
    assert sorted(map(sorted, key.values())) == [["new"], ["new"], ["new", "old"], ["old"]]
    grades = "A " + " ".join(name for name, versions in key.items() if "new" in versions)
    grades += "\nC " + " ".join(name for name, versions in key.items() if versions == ["old"])
    found = counted(grades, key)
    assert found["new"] == {"A": 3}
    assert found["old"] == {"A": 1, "C": 1}


def test_grades_of_another_sheet_are_refused(tmp_path: Path) -> None:
    _, key = sheet(*files(tmp_path, ["甲", "乙", "丙"], ["甲", "乙", "丙"]), every=1, offset=0)
    with pytest.raises(ValueError, match="9P"):
        counted(f"A 9P {' '.join(key)}", key)
