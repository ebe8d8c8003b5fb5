"""As-you-type script search over 10,000 scripts, in milliseconds of CPU time per query (best of seven).

Usage: python benchmarks/search.py
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from app.commands.sources import add_source_options, open_source
from app.reply.search import ScriptSearch

SCRIPTS = 10_000
QUERIES = ("q", "qq", "suoshui", "缩水", "tuihuo", "起逑", "zhijian", "照片", "没有这个词")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_source_options(parser)
    content = open_source(parser.parse_args()).content
    scripts = islice(cycle(content.scripts.values()), SCRIPTS)
    many = {
        f"{script.id}{at}": script.model_copy(update={"id": f"{script.id}{at}"})
        for at, script in enumerate(scripts)
    }
    search = ScriptSearch(replace(content, scripts=many), content.packs)
    search.find("qq")
    for query in QUERIES:
        took = []
        for _ in range(7):
            begun = time.process_time()
            search.find(query)
            took.append(time.process_time() - begun)
        print(f"{query}: {min(took) * 1000:.1f} ms")


if __name__ == "__main__":
    main()
