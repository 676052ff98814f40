"""What the documents for contributors name is there, and the map is that of the tree.

`browserws/channels.py::Channels.publish` is a function, a class or a constant in that file.
"""

import ast
import re

import pytest

from tools.map import CONTRIBUTING, contributing_text
from tools.paths import ROOT

MESSAGE = ROOT / "docs" / "explanation" / "one-message.md"
DOCUMENTS = [CONTRIBUTING, MESSAGE]
NAMED = re.compile(r"`([\w/.-]+/[\w.-]+\.(?:py|lua|md))(?:::([\w.]+))?`")
LAWS = 15


def names(tree, prefix=""):
    """What a module defines: functions, classes and constants, and the methods of classes, as `Class.method`."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield prefix + node.name
        if isinstance(node, ast.ClassDef):
            yield from names(node, f"{prefix}{node.name}.")
        if isinstance(node, ast.Assign):
            yield from (prefix + target.id for target in node.targets if isinstance(target, ast.Name))
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield prefix + node.target.id


def elsewhere(name):
    """What else is called so: where it may have gone."""
    for top in ("browserws", "tests", "tools"):
        for file in sorted((ROOT / top).rglob("*.py")):
            if "node_modules" not in file.parts:
                found = names(ast.parse(file.read_text()))
                yield from (f"{file.relative_to(ROOT)}::{one}" for one in found if one.split(".")[-1] == name)


def wrong(path, name):
    """What is wrong with a reference; None if it is right."""
    file = ROOT / path
    if file.is_file() and (name is None or name in names(ast.parse(file.read_text()))):
        return None
    if name is None:
        others = [str(other.relative_to(ROOT)) for other in (ROOT / "browserws").rglob(file.name)]
    else:
        others = list(elsewhere(name.split(".")[-1]))
    what = f"{path} has no {name}" if file.is_file() else f"there is no {path}"
    return f"{what}; perhaps it is now {' or '.join(others) or 'gone'}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_what_a_document_names_is_there(document):
    found = NAMED.findall(document.read_text())
    assert found
    problems = [problem for path, name in found if (problem := wrong(path, name or None))]
    assert problems == [], f"correct {document.relative_to(ROOT)}:\n" + "\n".join(problems)


def test_a_reference_that_is_wrong_says_where_it_may_have_gone():
    assert wrong("browserws/codes.py", None) is wrong("browserws/websocket.py", "WebSocket.send") is None
    gone = wrong("browserws/websocket.py", "Channels.publish")
    assert "browserws/websocket.py has no Channels.publish" in gone
    assert "browserws/channels.py::Channels.publish" in gone
    assert "perhaps it is now browserws/codes.py" in wrong("browserws/_pure/codes.py", None)


def laws():
    """{number: text} of CONTRIBUTING.md"""
    section = CONTRIBUTING.read_text().split("\n## Laws\n")[1].split("\n## ")[0]
    parts = re.split(r"^(\d+)\. ", section, flags=re.MULTILINE)[1:]
    return dict(zip(map(int, parts[::2]), parts[1::2], strict=True))


@pytest.mark.parametrize("number", range(1, LAWS + 1))
def test_each_law_names_a_test_that_holds_it(number):
    tests = [name for path, name in NAMED.findall(laws()[number]) if path.startswith("tests/")]
    assert [name for name in tests if name.startswith("test_")], f"law {number} names no test"


def test_there_are_no_other_laws():
    assert sorted(laws()) == list(range(1, LAWS + 1))


def test_the_map_of_the_files_is_what_they_say_of_themselves():
    assert CONTRIBUTING.read_text() == contributing_text(), "python -m tools.map writes it"


def test_the_map_names_each_folder():
    there = {"browserws/", "demo/", "deploy/", "docs/", "examples/", "tools/"}
    there |= {f"tests/{folder.name}/" for folder in (ROOT / "tests").iterdir() if [*folder.glob("*.*")]}
    block = CONTRIBUTING.read_text().split("```")[1]
    assert {line.split()[0] for line in block.split("\n") if line.split()} - {"text"} == there - {"tests/__pycache__/"}


def test_the_way_of_a_message_goes_through_all_layers_and_is_short():
    text = MESSAGE.read_text()
    assert len(text.splitlines()) < 60
    folders = {path.rpartition("/")[0] for path, name in NAMED.findall(text) if name}
    assert {"browserws", "browserws/_pure", "browserws/_host", "browserws/server", "browserws/server/stores"} <= folders
