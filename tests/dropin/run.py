"""Runs the suites of libraries over the drop-in:  python -m tests.dropin.run [SUITE ...]

Fails if a test fails that exceptions.toml does not list, and if one that it lists passes.
"""

import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.table import markdown

from . import environment
from .comparison import Known, Result
from .suites import SUITES

EXCEPTIONS = Path(__file__).parent / "exceptions.toml"


def main(names):
    suites = [suite for suite in SUITES if suite.name in names or not names]
    for suite in suites:
        environment.prepare(suite)
    listed = tomllib.loads(EXCEPTIONS.read_text())
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda suite: result_of(suite, listed.get(suite.name, {})), suites))
    show(suites, results)
    problems = [f"{suite.name}: {problem}" for suite, result in zip(suites, results) for problem in result.problems]
    if problems:
        sys.exit("\n".join(problems))


def result_of(suite, reasons):
    known = Known(reasons)
    return Result(environment.run(suite, known.not_run), known)


def show(suites, results):
    head = ["suite", "passed over wires", "of", "share", "passed without", "skipped by itself"]
    rows = []
    for suite, result in zip(suites, results):
        numbers = [len(result.passed), result.of, f"{len(result.passed) / result.of:.1%}"]
        rows.append([suite.name, *map(str, numbers), str(len(result.beside)), str(len(result.skipped))])
    print(markdown(head, rows), flush=True)
    for suite, result in zip(suites, results):
        print(f"\n{suite.name}, what does not pass:")
        for reason, number in result.by_reason.items():
            print(f"{number:5} {reason}")


if __name__ == "__main__":
    main(sys.argv[1:])
