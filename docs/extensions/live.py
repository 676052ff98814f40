"""Live examples, which readers change and run (docs/live/): their files, and in the browser the editors over them.

    ```{live} chat
    :label: A chat
    ```

The argument is a folder of docs/live/examples/. `:interpreter: mpy` runs it in MicroPython.
"""

import html
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from tools import live


class Example(nodes.General, nodes.Element):
    """Contains the text of the files, for search engines, and where there is no JavaScript."""


class Live(SphinxDirective):
    required_arguments = 1
    option_spec = {"label": directives.unchanged_required, "interpreter": directives.unchanged_required}

    def run(self):
        name = self.arguments[0]
        folder = live.SOURCE / "examples" / name
        files = [folder / file for file in ("server.py", "page.py") if (folder / file).exists()]
        if not files:
            raise self.error(f"there is no live example {name!r}")
        attributes = {
            "name": name,
            "label": self.options.get("label", name),
            "files": " ".join(file.name for file in files),
            "data-interpreter": self.options.get("interpreter", "py"),
        }
        example = Example("", attributes=attributes)
        for file in files:
            self.env.note_dependency(file)
            text = file.read_text()
            example += nodes.literal_block(text, text, language="python")
        return [example]


def visit(translator, node):
    attributes = "".join(f' {name}="{html.escape(value)}"' for name, value in node["attributes"].items())
    translator.body.append(f"<live-example{attributes}>")


def depart(translator, node):
    translator.body.append("</live-example>")


def add_files(app, page, template, context, doctree):
    if doctree is not None and any(doctree.findall(Example)):
        app.add_js_file("live/live.mjs", type="module", loading_method=None)
        app.add_css_file("live/furo.css")


def copy(app, exception):
    if exception is None:
        live.write(Path(app.outdir) / "_static" / "live")


def setup(app):
    app.add_node(Example, html=(visit, depart))
    app.add_directive("live", Live)
    app.connect("html-page-context", add_files)
    app.connect("build-finished", copy)
    return {"parallel_read_safe": True}
