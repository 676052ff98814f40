"""The names of the conformance suite's tests, read from the source: `module::test`.

The asyncio face comes twice, the second time with back-pressure: `module::test+backpressure`.
"""

import ast

from tools.paths import ROOT

FOLDER = ROOT / "tests" / "conformance"


def conformance_names():
    return list(_names())


def _names():
    for file in sorted(FOLDER.glob("test_*.py")):
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.AsyncFunctionDef) and node.name.startswith("test_"):
                yield f"{file.stem}::{node.name}"
                if file.stem == "test_connect":
                    yield f"{file.stem}::{node.name}+backpressure"
