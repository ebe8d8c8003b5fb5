"""Do scores mean what they say: of all intents scored about 0.8, are 80 % right? A reliability table.

Usage: python benchmarks/reliability.py LABELLED.jsonl …
Counts every intent that is asserted or a candidate; right means among the labels (`maybe` included).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from app.commands.sources import add_source_options, open_source
from app.nlu.evaluate import Labelled

EDGES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.01)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labelled", nargs="+", type=Path)
    add_source_options(parser)
    options = parser.parse_args()
    engine = open_source(options).engine()
    bins: dict[float, list[tuple[float, bool]]] = defaultdict(list)
    for path in options.labelled:
        with path.open(encoding="utf-8") as lines:
            for message in (Labelled.from_row(json.loads(line)) for line in lines if line.strip()):
                analysis = engine.analyse(message.text)
                for intent in (*analysis.intents, *analysis.candidates):
                    edge = max(low for low in EDGES if low <= intent.score)
                    bins[edge].append((intent.score, intent.id in message.intents | message.maybe))
    print("| score | cases | mean score | right |\n|---|---|---|---|")
    error = total = 0.0
    for edge in EDGES:
        cases = bins.get(edge, [])
        if cases:
            mean, right = (
                sum(score for score, _ in cases) / len(cases),
                sum(ok for _, ok in cases) / len(cases),
            )
            error, total = error + abs(mean - right) * len(cases), total + len(cases)
            print(f"| {edge:.2f}– | {len(cases)} | {mean:.2f} | {right:.2f} |")
    print(f"\nexpected calibration error {error / total:.3f} over {total:.0f} scores")


if __name__ == "__main__":
    main()
