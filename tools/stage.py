"""Fits the weights of app/reply/stage_weights.py on labelled dialogues and writes them.

Usage: python tools/stage.py DIALOGUES.jsonl … [--tuned DIALOGUES.jsonl …]     (without --write only figures are printed)
Labelled: {"id", "turns": [{"role", "text", "expect": [stages, best first] or null}]}. The rules of app/reply/stage.py are
right on dialogues they were made with, so those teach less how far rules can be trusted: they go behind --tuned.
A change of the rules or of what a state holds is a reason to fit again.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

sys.path.insert(0, str(Path(__file__).parent.parent))
from app.assist import Assistant
from app.commands.sources import add_source_options, open_source
from app.nlu.logistic import learn
from app.reply.known import gather
from app.reply.stage import decide
from app.reply.stage_weights import FILE, Weights, signs
from app.reply.state import ConversationState
from app.types import Turn
from app.vocabulary import STAGES

FOLDS = 4
RARE = 3
"""Signs of fewer turns than these are left out."""
LESSON = 3.0
"""What a turn's loss counts against the size of the weights."""
TUNED = 0.4
"""What a turn counts that the rules were made with."""


@dataclass(frozen=True)
class Case:
    """One customer turn after an agent's. ruled: the rules' stage."""

    dialogue: str
    signs: dict[str, float]
    expected: list[str]
    ruled: str
    weight: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dialogues", nargs="+", type=Path)
    parser.add_argument("--tuned", nargs="*", type=Path, default=[])
    parser.add_argument("--write", action="store_true", help=f"store the weights as {FILE.name}")
    add_source_options(parser)
    options = parser.parse_args()
    source = open_source(options)
    assistant = Assistant(source.content, source.engine(), source.number, source.content.packs)
    cases = [case for path in options.dialogues for case in read(assistant, path, 1.0)]
    tuned = [case for path in options.tuned for case in read(assistant, path, TUNED)]
    names = sorted({case.dialogue for case in cases})
    random.Random(1).shuffle(names)
    ruled = weighed = 0
    for fold in range(FOLDS):
        held = set(names[fold::FOLDS])
        weights = fit([case for case in cases if case.dialogue not in held] + tuned)
        for case in cases:
            if case.dialogue in held:
                ruled += case.ruled in case.expected
                weighed += chosen(weights, case) in case.expected
    print(f"{len(cases)} turns: rules {ruled / len(cases):.3f}, weighed {weighed / len(cases):.3f}")
    if options.write:
        weights = fit(cases + tuned)
        weights.save(FILE)
        print(f"{len(weights.rows)} signs, {FILE.stat().st_size / 1024:.0f} KB")


def read(assistant: Assistant, path: Path, weight: float) -> Iterator[Case]:
    """The labelled turns of a file's dialogues that come after an agent's."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        state = ConversationState()
        for turn in row["turns"]:
            if turn["role"] == "agent":
                state = assistant.say(state, Turn("agent", turn["text"]))
                continue
            state = assistant.listen(state, turn["text"])
            if state.agent_turns and state.open.texts and turn.get("expect"):
                shop = assistant.content.shop
                facts = gather(state, shop, shop.tone, {}, {}).facts
                ruled = decide(state, facts)
                yield Case(row["id"], signs(state, facts, ruled), turn["expect"], ruled.id, weight)


def fit(cases: list[Case]) -> Weights:
    """One logistic regression per stage. Of several right stages the first is taught, the others are left open."""
    counts = Counter(name for case in cases for name in case.signs)
    rows = {name: row for row, name in enumerate(sorted(name for name in counts if counts[name] >= RARE))}
    starts, columns, values = [0], [], []
    for case in cases:
        known = [(rows[name], value) for name, value in case.signs.items() if name in rows]
        columns += [column for column, _ in known]
        values += [value for _, value in known]
        starts.append(len(columns))
    matrix = csr_matrix((np.array(values, np.float32), columns, starts), shape=(len(cases), len(rows)))
    truth = np.array([[stage == case.expected[0] for stage in STAGES] for case in cases])
    taught = np.array(
        [[case.weight * (stage not in case.expected[1:]) for stage in STAGES] for case in cases], np.float32
    )
    learnt = learn(matrix, truth, taught, LESSON)
    return Weights(rows, learnt[:-1], learnt[-1])


def chosen(weights: Weights, case: Case) -> str:
    """The stage taken, as `choose` does apart from what it must not say."""
    return max(zip(weights.weigh(case.signs), STAGES, strict=True))[1]


if __name__ == "__main__":
    main()
