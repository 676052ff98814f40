"""The parts of the hub, in the order of its docstring: imports point back in it, those for types alone, too."""

import ast
import re

import pytest

import browserws.server
from tools.paths import ROOT, modules

SERVER = ROOT / "browserws" / "server"
FILES = modules(SERVER)
LINES = re.findall(r"^    ((?:\w+(?:\.py|/) +)+)", browserws.server.__doc__, re.MULTILINE)
PARTS = [name.removesuffix(".py").rstrip("/") for line in LINES for name in line.split()]


def part(file):
    return file.relative_to(SERVER).parts[0].removesuffix(".py")


def imports(file):
    """The parts of the hub that a file imports."""
    folders = list(file.relative_to(SERVER).parts[:-1])
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and 0 < node.level <= len(folders) + 1:
            here = folders[: len(folders) + 1 - node.level]
            for name in [node.module] if node.module else [alias.name for alias in node.names]:
                yield [*here, *name.split(".")][0]


def test_each_part_of_the_hub_is_named_once():
    assert sorted(PARTS) == sorted({part(file) for file in FILES} - {"__init__"})


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SERVER)))
def test_each_part_of_the_hub_imports_from_those_before_it(file):
    mine = part(file)
    if mine == "__init__":
        return
    for name in imports(file):
        if name not in PARTS:
            assert mine == "__main__"  # what the package exports
        else:
            assert name == mine or PARTS.index(name) < PARTS.index(mine), f"{file.name} imports {name}"
