"""Mermaid diagrams, which the browser draws: those in fences, and those made of the code's tables and imports."""

import ast
import html
import shutil
from importlib import import_module
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive

from tools.diagram import mermaid
from tools.paths import NPM, ROOT

LIBRARY = NPM / "@mermaid-js" / "tiny" / "dist" / "mermaid.tiny.js"


def drawn(text):
    return nodes.raw("", f'<pre class="mermaid">{html.escape(text)}</pre>', format="html")


class Mermaid(Directive):
    """A diagram, as the Markdown viewers of code hosts draw it."""

    has_content = True

    def run(self):
        return [drawn("\n".join(self.content))]


class StateDiagram(Directive):
    """The state machine whose table is in that module of `browserws._pure`; it begins with the table's first state."""

    required_arguments = 1

    def run(self):
        table = import_module(f"browserws._pure.{self.arguments[0]}").TABLE
        return [drawn(mermaid(table, next(iter(table.arrows))[0]))]


def layers():
    """{(layer, the layer that it imports)} of what a page loads."""
    names = {"_pure", "_host", "_runtime"}
    found = set()
    for file in sorted((ROOT / "browserws").rglob("*.py")):
        top = file.relative_to(ROOT / "browserws").parts[0]
        here = top if top in names else file.stem if file.parent.name == "browserws" else None
        if here is None or here == "__init__":
            continue
        for node in ast.parse(file.read_text()).body:  # not what type checkers alone import
            if isinstance(node, ast.ImportFrom) and node.level:
                parts = (node.module or "").split(".")
                if file.parent.name == "browserws" or node.level == 2:
                    others = [parts[0]] if parts[0] else [alias.name for alias in node.names]
                    found |= {(here, other) for other in others if other != here}
    return found


def reduced(arrows):
    """Without the arrows that a longer way says, too."""
    after = {}
    for one, other in arrows:
        after.setdefault(one, set()).add(other)

    def reaches(start, goal):
        return goal in after.get(start, ()) or any(reaches(step, goal) for step in after.get(start, ()))

    return {(one, other) for one, other in arrows if not any(reaches(step, other) for step in after[one])}


class Layers(Directive):
    """Which part of the package imports which, at run time."""

    def run(self):
        arrows = [f"    {one} --> {other}" for one, other in sorted(reduced(layers()))]
        return [drawn("\n".join(["flowchart LR", *arrows]))]


def copy_library(app, exception):
    if exception is None:
        folder = Path(app.outdir) / "_static"
        shutil.copy(LIBRARY, folder)
        shutil.copy(LIBRARY.parent.parent / "LICENSE", folder / "mermaid.LICENSE")


def setup(app):
    app.add_directive("mermaid", Mermaid)
    app.add_directive("state-diagram", StateDiagram)
    app.add_directive("layers", Layers)
    app.connect("html-page-context", add_scripts)
    app.connect("build-finished", copy_library)
    return {"parallel_read_safe": True}


def add_scripts(app, page, template, context, doctree):
    """Only to pages with a diagram: the library has 2.9 MB."""
    if doctree is not None and any('class="mermaid"' in node.astext() for node in doctree.findall(nodes.raw)):
        app.add_js_file("mermaid.tiny.js", loading_method="defer")
        app.add_js_file("diagrams.js", loading_method="defer")
