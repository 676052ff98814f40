"""Writes docs/reference/compatibility.md from what was seen."""

import pytest

from tests.versions import runtimes
from tools.paths import ROOT
from tools.table import markdown

OUTCOMES = pytest.StashKey[dict]()
FILE = ROOT / "docs" / "reference" / "compatibility.md"
PLACES = ("main", "worker")
WAYS = ("loadPackage", "micropip")

INTRODUCTION = """# Compatibility

Written by `make test-versions`, which runs each of these in a real Chromium: text and bytes through `WebSocket` and
`connect`, a queued message through `ReliableWebSocket`, a publish through `Channels` and the hub, and a call of
`browserws.sync`. "main, worker" says where all of it passed.
"""

OLDEST = """
The oldest that are supported are Pyodide 0.26, PyScript 0.7.2 and MicroPython 1.24.1 (which has its own run of the
conformance suite in `make test`). An older Pyodide or MicroPython gets an `ImportError` that says so. `browserws.sync`
needs Pyodide, and a browser with JavaScript Promise Integration.
"""


def places(outcomes, test, *values):
    seen = [place for place in PLACES if f"{test}[{'-'.join((*values, place))}]" in outcomes]
    return ", ".join(seen) or "–"


def blocking(outcomes, test, *values):
    apis = [outcomes[f"{test}[{'-'.join((*values, place))}]"]["apis"] for place in PLACES]
    return ", ".join(place for place, api in zip(PLACES, apis) if api["sync"] == "works") or "–"


def plain_pyodide(outcomes):
    rows = []
    for name in runtimes.named("pyodide"):
        first = outcomes[f"test_plain_pyodide[{name}-loadPackage-main]"]
        python = first["python"].split()[0]
        ways = [places(outcomes, "test_plain_pyodide", name, way) for way in WAYS]
        sync = blocking(outcomes, "test_plain_pyodide", name, "loadPackage")
        rows.append([runtimes.version(f"pyodide-{name}"), python, *ways, sync])
    return markdown(["Pyodide", "its Python", "`loadPackage`", "micropip", "`browserws.sync`"], rows, left=5)


def pyscript(outcomes):
    rows = []
    for core, pyodide, micropython in runtimes.PYSCRIPTS:
        rows.append([
            runtimes.version(core),
            runtimes.version(f"pyodide-{pyodide}"),
            places(outcomes, "test_pyscript_with_pyodide", core, pyodide),
            runtimes.version(f"micropython-{micropython}"),
            places(outcomes, "test_pyscript_with_micropython", core, micropython),
        ])  # fmt: skip
    return markdown(["PyScript", "Pyodide", "`packages`", "MicroPython", "`packages`"], rows, left=5)


def micropython(outcomes):
    rows = [
        [runtimes.version(f"micropython-{name}"), places(outcomes, "test_micropython", name)]
        for name in runtimes.named("micropython")
    ]
    return markdown(
        ["MicroPython", f"`packages` of PyScript {runtimes.version(runtimes.PYSCRIPTS[-1][0])}"], rows, left=2
    )


def write(outcomes):
    tables = [table(outcomes) for table in (plain_pyodide, pyscript, micropython)]
    FILE.write_text(INTRODUCTION + "\n" + "\n\n".join(tables) + "\n" + OLDEST)
