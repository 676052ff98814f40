"""Writes the map of CONTRIBUTING.md from what each file says of itself:  python -m tools.map"""

import ast
import re

from .paths import ROOT, modules

CONTRIBUTING = ROOT / "CONTRIBUTING.md"
FOLDERS = ["browserws", "tools"]
BLOCK = re.compile(r"(<!-- python -m tools.map writes this -->\n\n```\n).*?(```\n)", re.DOTALL)


def summary(source):
    """The first sentence of a module's docstring, on one line."""
    paragraph = (ast.get_docstring(ast.parse(source)) or "").split("\n\n")[0]
    return re.split(r"[.](?=\s|$)", " ".join(paragraph.split()))[0].rstrip(":")


def lines():
    """A line for each folder, which is what its `__init__.py` says, and one for each file in it."""
    for top in FOLDERS:
        folders = sorted({file.parent for file in modules(ROOT / top)})
        for folder in folders:
            init = folder / "__init__.py"
            yield line(f"{folder.relative_to(ROOT)}/", init.read_text() if init.exists() else "")
            for file in sorted(folder.glob("*.py")):
                if file != init:
                    yield line("  " + file.name, file.read_text())


def line(name, source):
    return f"{name:26}{summary(source)}".rstrip()


def contributing_text():
    """CONTRIBUTING.md as it should be."""
    written = "".join(f"{line}\n" for line in lines())
    text, count = BLOCK.subn(lambda match: match[1] + written + match[2], CONTRIBUTING.read_text())
    assert count == 1, "CONTRIBUTING.md has lost the mark of its map"
    return text


if __name__ == "__main__":
    CONTRIBUTING.write_text(contributing_text())
