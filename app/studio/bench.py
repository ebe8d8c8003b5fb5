"""The draft at work: checked, tried on messages, examined. Lives in a process of its own (`app.studio.outside`).

Every method takes and gives plain values, so that they pass between processes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any, Final

from app.assist import Assistant, SuggestRequest
from app.content.check import check
from app.content.entries import Ref, is_text, owner_of
from app.content.load import Files, Loaded, Problem, load
from app.content.model import Content
from app.content.packs import restrict
from app.errors import InvalidRequest
from app.nlu.engine import Engine
from app.reply.guard import DraftGuard
from app.reply.script_check import check_wording
from app.studio.entry_check import check_entry, in_words
from app.studio.examination import Case, cases, examine
from app.studio.files import path_of, text_of
from app.studio.preview import preview
from app.studio.survey import survey
from app.studio.tried import tried
from app.types import Turn

MAX_HITS: Final = 50
_ID: Final = re.compile(r"「([a-z][a-z0-9_.]+)」")


class Bench:
    """One version of the draft. packs: those that are on."""

    def __init__(self, packs: tuple[str, ...]) -> None:
        self._packs = packs
        self._files: Files = {}
        self._loaded: Loaded | None = None
        self._content: Content | None = None
        self._guard: DraftGuard | None = None
        self._engine: tuple[tuple[object, ...], Engine] | None = None
        self._assistant: Assistant | None = None
        self._problems: list[dict[str, Any]] | None = None

    def use(self, files: Files) -> dict[str, Any]:
        """Turn to these files. → {"digest", "nlu_digest", "errors"}; the digests are empty while there are errors."""
        known = (self._files, self._loaded) if self._loaded is not None else None
        self._loaded = load(files, known)
        self._files = files
        self._assistant = self._problems = None
        content = self._loaded.content
        if content is not None:
            self._content, self._guard = content, DraftGuard(content)
        return {
            "digest": content.digest if content is not None else "",
            "nlu_digest": content.nlu_digest if content is not None else "",
            "errors": len(self._loaded.errors),
        }

    def content(self) -> Content:
        """The content of the draft. Raises InvalidRequest while it has errors."""
        if self._loaded is None or self._loaded.content is None:
            raise InvalidRequest("草稿里有错误，改好以后再试")
        return self._loaded.content

    def problems(self) -> list[dict[str, Any]]:
        """Everything `huashu check` says, each with its entry and the path inside it."""
        if self._problems is None and self._loaded is not None:
            found = sorted({*check(self._loaded, _today()), *check_wording(self._loaded)})
            self._problems = [self._placed(problem) for problem in found]
        return self._problems or []

    def check_entry(
        self, ref: str, data: Any, pack: str = "", sample: str = "new", agent: str = ""
    ) -> dict[str, Any]:
        """What is wrong with an entry that would say `data`, and how a script would look."""
        named = Ref.parse(ref)
        if named.kind == "text":
            return {"problems": self._text_problems(named.id, data), "bubbles": []}
        content, guard = self._content, self._guard
        if content is None or guard is None:
            raise InvalidRequest("草稿里有错误，先在「问题」里改好")
        if not isinstance(data, dict) or named.kind == "image":
            raise InvalidRequest("内容的样子不对")
        problems = check_entry(content, guard, named, data, pack, _today())
        bubbles = data.get("bubbles") if named.kind == "script" else None
        shown = preview(bubbles, content.shop, sample, agent) if isinstance(bubbles, list) else []
        itself = f"话术「{named.id}」"
        told = [
            {**asdict(one), "text": self._in_words(one.text.replace(itself, "这条话术"))} for one in problems
        ]
        return {"problems": told, "bubbles": shown}

    def check_entries(self, entries: Sequence[tuple[str, Any, str]]) -> list[list[str]]:
        """The errors of entries (name, data, pack) that would be in the content, a list of sentences each."""
        content, guard, today = self._content, self._guard, _today()
        if content is None or guard is None:
            raise InvalidRequest("草稿里有错误，先在「问题」里改好")
        return [
            [
                self._in_words(problem.text)
                for problem in check_entry(content, guard, Ref.parse(ref), data, pack, today)
                if problem.level == "error"
            ]
            for ref, data, pack in entries
        ]

    def hear(self, model: bytes) -> None:
        """Take the model; where the draft needs another one, what its patterns and examples say counts until it is there."""
        content = restrict(self.content(), self._on(self.content()))
        heard = (model, content.lexicon, content.intents, content.groups, content.words, content.emotions)
        if self._engine is None or self._engine[0] != heard:
            self._engine = (heard, Engine(content, model))
            self._assistant = None
        if self._assistant is None:
            self._assistant = Assistant(content, self._engine[1], 0, content.packs)

    def try_message(self, message: str, turns: Sequence[Turn], options: Mapping[str, Any]) -> dict[str, Any]:
        """What the draft makes of a message. `hear` must have come before."""
        assert self._assistant is not None, "the bench has heard a model"
        return tried(self._assistant, message, turns, options)

    def hits(self, script_id: str, messages: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        """Which messages (text, origin) would bring the script among the first five of its stage."""
        assert self._assistant is not None, "the bench has heard a model"
        script = self._assistant.content.scripts.get(script_id)
        if script is None:
            raise InvalidRequest("草稿里没有这条话术，或者它的内容包没有启用")
        found: list[dict[str, Any]] = []
        for text, origin in messages:
            request = SuggestRequest(text, stage=script.stage, tone=script.tone, limit=5)
            answer = self._assistant.suggest(request)
            ranks = [
                suggestion.script_id for suggestion in answer.suggestions if suggestion.stage == script.stage
            ]
            if script_id in ranks[:5]:
                names = [intent.name for intent in answer.analysis.intents]
                found.append(
                    {"text": text, "origin": origin, "rank": ranks.index(script_id) + 1, "intents": names}
                )
            if len(found) >= MAX_HITS:
                break
        return found

    def held_out(self) -> list[str]:
        """The held-out sentences of the packs that are on."""
        content = restrict(self.content(), self._on(self.content()))
        return [sentence.text for intent in content.intents.values() for sentence in intent.held_out]

    def digest_of(self, files: Files) -> str:
        """Of which model a release with these files needs, as this version of the program learns; empty with errors."""
        loaded = load(files, (self._files, self._loaded) if self._loaded else None)
        return loaded.content.nlu_digest if loaded.content is not None else ""

    def examine(
        self, model: bytes, live_files: Files, live_model: bytes, golden: Sequence[tuple[str, Sequence[str]]]
    ) -> dict[str, Any]:
        """The draft against the live release. See `app.studio.examination`."""
        draft = restrict(self.content(), self._on(self.content()))
        loaded = load(live_files, (self._files, self._loaded) if self._loaded else None)
        if loaded.content is None:
            raise InvalidRequest("正在用的这一版读不出来")
        live = restrict(loaded.content, self._on(loaded.content))
        asked: list[Case] = cases(live, draft, golden)
        after = Engine(draft, model)
        same = model == live_model and _understood(live) == _understood(draft)
        before = after if same else Engine(live, live_model)
        return examine(live, before, draft, after, asked).as_json()

    def survey(self, today: str) -> dict[str, Any]:
        """How the scripts of the packs that are on are. today: ISO 8601. See `app.studio.survey`."""
        content = restrict(self.content(), self._on(self.content()))
        return survey(content, date.fromisoformat(today))

    def _on(self, content: Content) -> list[str]:
        return [pack for pack in self._packs if pack in content.packs]

    def _placed(self, problem: Problem) -> dict[str, Any]:
        assert self._loaded is not None
        ref, path = owner_of(self._loaded.parsed, problem.file, problem.line)
        return {
            "entry": str(ref) if ref is not None else "",
            "path": list(path),
            "file": problem.file,
            "line": problem.line,
            "text": self._in_words(problem.text),
            "level": problem.level,
        }

    def _in_words(self, text: str) -> str:
        """A sentence that names scripts and intents by id, with the names people know."""
        content = self._content
        if content is None:
            return text

        def named(found: re.Match[str]) -> str:
            script, intent = content.scripts.get(found[1]), content.intents.get(found[1])
            return f"「{script.title if script else intent.name if intent else found[1]}」"

        return _ID.sub(named, text)

    def _text_problems(self, file: str, data: Any) -> list[dict[str, Any]]:
        """What would be wrong in the whole content if the file said so. data: its text, or what its form says.

        The path is the line of a text, the field of a form. What goes wrong in other files is told last, without a path.
        """
        if not is_text(file):
            raise InvalidRequest("没有这个文件")
        text = data if isinstance(data, str) else text_of(file, self._files.get(file, ""), data)
        loaded = load({**self._files, file: text}, (self._files, self._loaded) if self._loaded else None)
        found: list[dict[str, Any]] = []
        for problem in loaded.problems:
            if problem.file == file:
                place: list[str | int] = [problem.line]
                told = problem.text
                if not isinstance(data, str) and file in loaded.parsed:
                    place = list(path_of(file, loaded.parsed[file].path_at(problem.line), data))
                    told = in_words(told)
                found.append({"path": place, "text": told, "level": problem.level})
        before = (
            {(problem.file, problem.text) for problem in self._loaded.problems} if self._loaded else set()
        )
        others = [
            problem for problem in loaded.errors
            if problem.file != file and (problem.file, problem.text) not in before
        ]  # fmt: skip
        if others:
            told = f"这样改，别处会有 {len(others)} 处错误：{self._in_words(others[0].text)}"
            found.append({"path": [], "text": told, "level": "error"})
        return found


def _understood(content: Content) -> tuple[object, ...]:
    return content.lexicon, content.intents, content.groups, content.words, content.emotions


def _today() -> date:
    return datetime.now(UTC).date()
