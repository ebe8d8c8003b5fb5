"""Requests made up from the API's own description: no 5xx, and no answer that the description doesn't tell of.

Usage: pip install schemathesis; python benchmarks/fuzz.py [--examples 50] [--only /api/v1/suggest]
Exit code 1 when anything was found.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from service import running

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=50, help="requests per address and phase")
    parser.add_argument("--only", help="one address")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with running() as service:
        command = [
            str(Path(sys.executable).with_name("schemathesis")),
            "run",
            f"{service.address}/api/openapi.json",
            f"--checks={CHECKS}",
            f"--max-examples={options.examples}",
            f"--seed={options.seed}",
            "--phases=examples,coverage,fuzzing",
            "--continue-on-failure",
            "--exclude-path-regex=/events$",
        ]
        if options.only:
            command.append(f"--include-path={options.only}")
        return subprocess.run(command).returncode


if __name__ == "__main__":
    sys.exit(main())
