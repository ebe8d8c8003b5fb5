"""Scripts of an agent's own and of the team, beside the company's, which they never change.

They are checked like a draft before sending when they are saved and again when they are found, since the rules may be newer.
A trainer makes one a script of the company: it goes into the draft, and from there the usual way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, cast

from app.accounts import allows
from app.assist import Assistant
from app.content.entries import Ref
from app.content.template import compile_template
from app.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from app.pinyin import syllable
from app.reply.promise_check import Authority
from app.reply.render import shop_values, values_for
from app.reply.search import Found
from app.store import audit
from app.store import own_scripts as rows
from app.store.database import Database, Transaction
from app.store.own_scripts import OwnScript
from app.store.people import Person
from app.studio.drafts import Change, Drafts
from app.types import Blank, Suggestion
from app.vocabulary import STAGE_NAMES, Stage

MAX_OWN: Final = 300
MAX_BUBBLES: Final = 6
MAX_BUBBLE: Final = 1000
MAX_TITLE: Final = 40
MAX_FOUND: Final = 5
PREFIX: Final = "own."
"""What the id of an own script begins with where a script's id is asked for: own.12."""


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody wants to keep. intent: empty for none."""

    title: str
    bubbles: tuple[str, ...]
    intent: str
    stage: str
    team: bool


@dataclass(frozen=True, slots=True)
class OwnScripts:
    """Agents' own scripts and the team's: seen, added, changed by their authors, moved into the draft by a trainer."""

    database: Database
    drafts: Drafts

    def listing(self, person: Person) -> list[OwnScript]:
        """The person's own and the team's, the newest first."""
        with self.database.read() as session:
            return rows.visible(session, person.id)

    def add(self, assistant: Assistant, person: Person, words: Words) -> OwnScript:
        """Raises InvalidRequest for what may not be sent or is not whole."""
        values = _values(assistant, person, words)
        with self.database.write() as session:
            if rows.count(session, person.id) >= MAX_OWN:
                raise InvalidRequest(f"自己的话术最多 {MAX_OWN} 条，先删掉用不着的")
            added = rows.add(session, person.id, person.name, values)
            audit.record(session, person.name, "own_script.added", id=added.id, team=added.team)
        return added

    def change(
        self, assistant: Assistant, person: Person, number: int, version: int, words: Words
    ) -> OwnScript:
        """Raises NotFound, NotAllowed for somebody else's, Conflict when it was changed since, InvalidRequest."""
        values = _values(assistant, person, words)
        with self.database.write() as session:
            self._mine(rows.find(session, number), person)
            if not rows.change(session, number, version, values):
                raise Conflict("这条话术刚刚在别处改过，请刷新看过再改")
            audit.record(session, person.name, "own_script.changed", id=number)
            found = rows.find(session, number)
        assert found is not None, "it was changed just now"
        return found

    def remove(self, person: Person, number: int) -> None:
        """Raises NotFound, NotAllowed for somebody else's unless a lead does it."""
        with self.database.write() as session:
            self._mine(rows.find(session, number), person, lead=True)
            rows.remove(session, number)
            audit.record(session, person.name, "own_script.removed", id=number)

    def move(self, person: Person, number: int, intent: str, tone: str) -> str:
        """Put one into the draft as a script of the company's; returns the entry's name. It stays where it was, marked.

        Raises NotFound, NotAllowed for who is no trainer, InvalidRequest without an intent, Conflict when it was moved before.
        """
        if not allows(person, "trainer"):
            raise NotAllowed("放进公司话术要话术师来做")
        with self.database.read() as session:
            script = rows.find(session, number)
        if script is None or not (script.team or script.owner_id == person.id):
            raise NotFound("没有这条话术，可能刚被删掉")
        if script.entry:
            raise Conflict("这条已经放进公司话术的草稿了")
        snapshot = self.drafts.snapshot()
        owner = snapshot.now.find(Ref("intent", intent or script.intent))
        if owner is None:
            raise InvalidRequest("先选这条话术是回答哪个意图的")
        ref = Ref("script", f"{owner.ref.id}.{script.stage}.own_{number}")
        data = {
            "title": script.title, "stage": script.stage, "tone": tone, "bubbles": script.bubbles,
            "source": ["practice"],
        }  # fmt: skip

        def mark(session: Transaction) -> None:
            if not rows.change(session, number, script.version, {"entry": str(ref)}):
                raise Conflict("这条话术刚刚在别处改过，请刷新看过再挪")
            audit.record(session, person.name, "own_script.moved", id=number, entry=str(ref))

        change = Change(ref, data, owner.pack)
        if self.drafts.put_all([change], snapshot, who=person.name, also=mark) is None:
            raise Conflict("草稿刚刚又改过了，请再点一次")
        return str(ref)

    def find(self, assistant: Assistant, person: Person, words: str, shop: str | None = None) -> list[Found]:
        """Those that have all the words in title or text, as they stand, in pinyin or initials; at most MAX_FOUND.

        What must not be sent any more by the rules of today is left out.
        """
        wanted = words.lower().split()
        found: list[Found] = []
        for script in self.listing(person) if wanted else ():
            if all(_has(script, word) for word in wanted) and not blocked(
                assistant, script.bubbles, person, shop
            ):
                intent = assistant.content.intents.get(script.intent)
                found.append(
                    Found(_suggestion(assistant, script, person, shop), intent.name if intent else "", ())
                )
                if len(found) == MAX_FOUND:
                    break
        return found

    def _mine(self, script: OwnScript | None, person: Person, *, lead: bool = False) -> None:
        if script is None or not (script.team or script.owner_id == person.id):
            raise NotFound("没有这条话术，可能刚被删掉")
        if script.owner_id != person.id and not (lead and allows(person, "lead")):
            raise NotAllowed(f"这条是{script.owner}的，只有本人能改")


def blocked(assistant: Assistant, bubbles: Iterable[str], person: Person, shop: str | None = None) -> str:
    """Why the bubbles must not be sent, in one sentence; empty when they may."""
    role: Authority = "admin" if allows(person, "admin") else "lead" if allows(person, "lead") else "agent"
    for number, bubble in enumerate(bubbles, 1):
        try:
            text = compile_template(bubble).render(_shop_words(assistant, person, shop), {}).text
        except ValueError as error:
            return f"第 {number} 句：{error}"
        for finding in assistant.check_draft(text, shop, role, {}).findings:
            if finding.level == "block":
                return f"第 {number} 句「{finding.text}」：{finding.reason}"
    return ""


def _values(assistant: Assistant, person: Person, words: Words) -> dict[str, Any]:
    title = " ".join(words.title.split())
    bubbles = [bubble.strip() for bubble in words.bubbles if bubble.strip()]
    if not title or len(title) > MAX_TITLE:
        raise InvalidRequest(f"写一个标题，最多 {MAX_TITLE} 个字")
    if not bubbles:
        raise InvalidRequest("写上要发的话，一行一句")
    if len(bubbles) > MAX_BUBBLES or any(len(bubble) > MAX_BUBBLE for bubble in bubbles):
        raise InvalidRequest(f"最多 {MAX_BUBBLES} 句，每句最多 {MAX_BUBBLE} 个字")
    if words.intent and words.intent not in assistant.content.intents:
        raise InvalidRequest("没有这个意图，重新选一个")
    if words.stage not in STAGE_NAMES:
        raise InvalidRequest("没有这个阶段，重新选一个")
    why = blocked(assistant, bubbles, person)
    if why:
        raise InvalidRequest(f"{why}。改好再存")
    return {
        "title": title, "bubbles": bubbles, "intent": words.intent, "stage": words.stage, "team": words.team,
    }  # fmt: skip


def _has(script: OwnScript, word: str) -> bool:
    said = "\n".join([script.title, *script.bubbles]).lower()
    if word in said:
        return True
    sounds = [syllable(letter) or letter for letter in said]
    return word.isascii() and (word in "".join(sounds) or word in "".join(sound[0] for sound in sounds))


def _shop_words(assistant: Assistant, person: Person, shop: str | None) -> dict[str, str]:
    return values_for(shop_values(assistant.shop(shop)), (), person.name)


def _suggestion(assistant: Assistant, script: OwnScript, person: Person, shop: str | None) -> Suggestion:
    values = _shop_words(assistant, person, shop)
    shown = [compile_template(bubble).render(values, {}) for bubble in script.bubbles]
    return Suggestion(
        script_id=f"{PREFIX}{script.id}",
        intent=script.intent,
        stage=cast(Stage, script.stage),
        title=script.title,
        tone=assistant.shop(shop).tone,
        bubbles=tuple(one.text for one in shown),
        blanks=tuple(
            Blank(name, at, start, end) for at, one in enumerate(shown) for name, start, end in one.blanks
        ),
        score=1.0,
        reason="我的话术" if script.owner_id == person.id else f"团队话术 · {script.owner}",
        source=(),
    )
