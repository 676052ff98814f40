"""The wheel is what a page downloads: comments, and the docstrings of private modules, stay at home.

Line numbers stay as they are, so a traceback in a page fits the source. The sdist has everything.
"""

import ast
import io
import shutil
import tempfile
import tokenize
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):
    def initialize(self, version, build_data):
        if version == "editable":
            return
        self.copy = Path(tempfile.mkdtemp())
        package = Path(self.root, "browserws")
        for path in package.rglob("*.py"):
            module = path.relative_to(package)
            private = any(part.startswith("_") for part in module.parts) and module.name != "__init__.py"
            target = self.copy / module
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(without_remarks(path.read_text(), docstrings=not private))
            build_data["force_include"][str(target)] = f"browserws/{module.as_posix()}"

    def finalize(self, version, build_data, artifact_path):
        if version != "editable":
            shutil.rmtree(self.copy)


def without_remarks(source, docstrings):
    """The source with blank in place of comments, and of docstrings unless these are to be kept."""
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
    if not docstrings:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                remove_docstring(lines, node)
    return "\n".join(lines) + "\n"


def remove_docstring(lines, node):
    first = node.body[0]
    if ast.get_docstring(node) is None:
        return
    for number in range(first.lineno - 1, first.end_lineno):
        lines[number] = ""
    if len(node.body) == 1:
        lines[first.lineno - 1] = " " * first.col_offset + "pass"
