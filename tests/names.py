"""The names of the conformance suite's tests, read from the source: `module::test`."""

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
