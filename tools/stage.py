"""Fits the weights of app/reply/customer_acts.py and app/reply/stage_weights.py on labelled dialogues and writes them.

Usage: python tools/stage.py DIALOGUES.jsonl … [--tuned DIALOGUES.jsonl …]     (without --write only figures are printed)
Labelled: {"id", "turns": [{"role", "text", "expect": [stages, best first] or null, "does": [acts]}]}; "does" may be missing.
The rules of app/reply/stage.py are right on dialogues they were made with, so those teach less how far rules can be trusted:
they go behind --tuned. A change of the rules or of what a state holds is a reason to fit again.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

sys.path.insert(0, str(Path(__file__).parent.parent))
from app.assist import Assistant
from app.commands.sources import add_source_options, open_source
from app.nlu.logistic import learn
from app.reply.customer_acts import CUSTOMER_ACTS, Chances, higher, reply_signs, words_signs
from app.reply.facts import Facts
from app.reply.known import gather
from app.reply.spoken import ACTS
from app.reply.spoken import STAGES as OF_STAGES
from app.reply.stage import decide
from app.reply.stage_weights import choose, signs
from app.reply.state import ConversationState
from app.reply.weights import Weights
from app.types import StageDecision, Turn
from app.values import replace
from app.vocabulary import STAGES

FOLDS = 4
RARE = 4
"""Signs of fewer turns than these are left out."""
ACTS_LESSON, STAGE_LESSON = 3.0, 2.0
"""What a turn's loss counts against the size of the weights."""
TUNED = 0.4
"""What a turn counts that the rules were made with."""


@dataclass
class Case:
    """One customer message. does: its labels, None where it has none; expected: empty where no stage is expected.

    chances, last, before: what it, the message before it and all before it do, as models say that did not learn from this dialogue.
    """

    dialogue: str
    shown: dict[str, float]
    does: list[str] | None
    expected: list[str]
    weight: float
    state: ConversationState
    facts: Facts
    ruled: StageDecision
    chances: Chances = ()
    last: Chances = ()
    before: Chances = ()

    @property
    def weighed(self) -> bool:
        """Whether the weights have a say."""
        return bool(self.expected and self.state.open.texts)

    def signs(self) -> dict[str, float]:
        return signs(self.remembering, self.facts, self.ruled, self.chances)

    @property
    def remembering(self) -> ConversationState:
        return replace(self.state, last_acts=self.last, earlier_acts=self.before)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dialogues", nargs="+", type=Path)
    parser.add_argument("--tuned", nargs="*", type=Path, default=[])
    parser.add_argument("--write", action="store_true", help="store the weights beside the modules")
    add_source_options(parser)
    options = parser.parse_args()
    source = open_source(options)
    assistant = Assistant(source.content, source.engine(), source.number, source.content.packs)
    cases = [case for path in options.dialogues for case in read(assistant, path, 1.0)]
    cases += [case for path in options.tuned for case in read(assistant, path, TUNED)]
    names = sorted({case.dialogue for case in cases})
    random.Random(1).shuffle(names)
    folds = [frozenset(names[fold::FOLDS]) for fold in range(FOLDS)]
    hear(cases, folds)
    judge(cases, folds)
    if options.write:
        acts = fit_acts(cases)
        acts.save(ACTS)
        stages = fit_stages(cases)
        stages.save(OF_STAGES)
        for file, weights in ((ACTS, acts), (OF_STAGES, stages)):
            print(f"{file.name}: {len(weights.rows)} signs, {file.stat().st_size / 1024:.0f} KB")


def read(assistant: Assistant, path: Path, weight: float) -> Iterable[Case]:
    """The customer messages of a file's dialogues."""
    shop = assistant.content.shop
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        state = ConversationState()
        for turn in row["turns"]:
            if turn["role"] == "agent":
                state = assistant.say(state, Turn("agent", turn["text"]))
                continue
            before, state = state, assistant.listen(state, turn["text"])
            if state.latest is None or state.latest is before.latest:
                continue
            facts = gather(state, shop, shop.tone, {}, {}).facts
            text, reply, intents = state.latest
            shown = words_signs(text, intents) | reply_signs(reply)
            yield Case(
                row["id"], shown, turn.get("does"), turn.get("expect") or [], weight, state, facts, decide(state, facts)
            )  # fmt: skip


def hear(cases: Sequence[Case], folds: Sequence[frozenset[str]]) -> None:
    """Say of every message what it does, by a model that did not learn from its dialogue."""
    found = Counter[str]()
    for fold in folds:
        acts = fit_acts([case for case in cases if case.dialogue not in fold])
        earlier: dict[str, tuple[Chances, Chances]] = {}
        for case in cases:
            if case.dialogue in fold:
                odds = np.array(acts.weigh(case.shown))
                case.chances = tuple((1 / (1 + np.exp(-odds))).tolist())
                case.last, case.before = earlier.get(case.dialogue, ((), ()))
                earlier[case.dialogue] = case.chances, higher(case.before, case.chances)
                for name, chance in zip(CUSTOMER_ACTS, case.chances, strict=False):
                    if case.does is not None:
                        found[f"{name} {'said' if chance >= 0.4 else 'not'} {name in case.does}"] += 1
    for name in CUSTOMER_ACTS:
        right, wrong = found[f"{name} said True"], found[f"{name} said False"] + found[f"{name} not True"]
        print(f"{name}: F1 {2 * right / max(1, 2 * right + wrong):.2f}")


def judge(cases: Sequence[Case], folds: Sequence[frozenset[str]]) -> None:
    """Print how often rules and weights are right on dialogues that the weights did not learn from."""
    ruled = right = many = 0
    for fold in folds:
        weights = fit_stages([case for case in cases if case.dialogue not in fold])
        for case in cases:
            if case.dialogue in fold and case.weighed and case.weight == 1:
                many += 1
                ruled += case.ruled.id in case.expected
                right += chosen(weights, case) in case.expected
    print(f"{many} turns: rules {ruled / many:.3f}, weighed {right / many:.3f}")


def chosen(weights: Weights, case: Case) -> str:
    """The stage that the program takes with these weights."""
    return choose(case.remembering, case.facts, lambda *given: weights.weigh(signs(*given)), case.chances).id


def fit_acts(cases: Sequence[Case]) -> Weights:
    """One logistic regression for each of HEARD; a message teaches what it has labels for."""
    said = [[act in (case.does or ()) for act in CUSTOMER_ACTS] for case in cases]
    taught = [[float(case.does is not None)] * len(CUSTOMER_ACTS) for case in cases]
    truth = [done + right for done, right in zip(said, map(right_stages, cases), strict=True)]
    lessons = [done + one for done, one in zip(taught, map(stage_lessons, cases), strict=True)]
    return fit([case.shown for case in cases], np.array(truth), np.array(lessons, np.float32), ACTS_LESSON)


def right_stages(case: Case) -> list[bool]:
    """Of several right stages the first is taught, the others are left open."""
    return [stage in case.expected[:1] for stage in STAGES]


def stage_lessons(case: Case) -> list[float]:
    return [case.weight * (bool(case.expected) and stage not in case.expected[1:]) for stage in STAGES]


def fit_stages(cases: Sequence[Case]) -> Weights:
    """One logistic regression per stage."""
    cases = [case for case in cases if case.weighed]
    truth = np.array([right_stages(case) for case in cases])
    lessons = np.array([stage_lessons(case) for case in cases], np.float32)
    return fit([case.signs() for case in cases], truth, lessons, STAGE_LESSON)


def fit(given: Sequence[dict[str, float]], truth: np.ndarray, taught: np.ndarray, lesson: float) -> Weights:
    """given: signs per turn. truth, taught: [turns, questions]."""
    counts = Counter(name for signs in given for name in signs)
    rows = {name: row for row, name in enumerate(sorted(name for name in counts if counts[name] >= RARE))}
    starts, columns, values = [0], [], []
    for signs_ in given:
        known = [(rows[name], value) for name, value in signs_.items() if name in rows]
        columns += [column for column, _ in known]
        values += [value for _, value in known]
        starts.append(len(columns))
    matrix = csr_matrix((np.array(values, np.float32), columns, starts), shape=(len(given), len(rows)))
    learnt = learn(matrix, truth, taught, lesson)
    return Weights(rows, learnt[:-1], learnt[-1])


if __name__ == "__main__":
    main()
