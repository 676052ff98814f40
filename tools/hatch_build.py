"""The wheel is what a page downloads, so what only readers need stays at home: comments, and docstrings and
annotations of what is private: modules, and functions, attributes and local variables of public ones.

Line numbers stay as they are, so that a traceback in a page fits the source. The sdist has everything.
"""

import ast
import io
import shutil
import tempfile
import tokenize
import zipfile
from pathlib import Path

import zopfli.zlib
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PARTS = ("server", "native", "dropin", "protocols", "testing")  # distributions of their own


class CustomBuildHook(BuildHookInterface):
    def initialize(self, version, build_data):
        if version == "editable":
            return
        self.copy = Path(tempfile.mkdtemp())
        package = Path(self.root, "browserws")
        for path in package.rglob("*.py"):
            module = path.relative_to(package)
            if module.parts[0] in PARTS or module.as_posix() == "_host/interface.py":  # which nothing imports
                continue
            private = any(part.startswith("_") and part != "__init__.py" for part in module.parts)
            target = self.copy / module
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(slimmed(path.read_text(), private))
            build_data["force_include"][str(target)] = f"browserws/{module.as_posix()}"

    def finalize(self, version, build_data, artifact_path):
        if version != "editable":
            shutil.rmtree(self.copy)
            compress(Path(artifact_path))


def compress(wheel):
    """As much as deflate can, with Zopfli: a page waits for each byte, a build for a moment."""
    with zipfile.ZipFile(wheel) as archive:
        members = [(member, archive.read(member)) for member in archive.infolist()]
    with zipfile.ZipFile(wheel, "w") as archive:
        for member, data in members:
            add_deflated(archive, member, zopfli.zlib.compress(data)[2:-4])  # without what zlib puts around (RFC 1950)


def add_deflated(archive, member, deflated):
    """What `zipfile` does when it has compressed the data of a member."""
    member.header_offset, member.compress_size = archive.fp.tell(), len(deflated)
    archive.fp.write(member.FileHeader(zip64=False))
    archive.fp.write(deflated)
    archive.filelist.append(member)
    archive.start_dir = archive.fp.tell()


def slimmed(source, private):
    """The source with blanks in place of what is not for the page."""
    lines = source.splitlines()
    cuts = list(comments(source))
    tree = ast.parse(source)
    if private:
        for node in ast.walk(tree):
            cuts += docstring(node) + annotation(node, lines)
        cuts += type_checking(tree)
    else:
        for node in private_parts(tree):
            cuts += docstring(node) + annotation(node, lines)
    for start_line, start, end_line, end, instead in sorted(cuts, reverse=True):
        rest = lines[end_line - 1][end:]
        lines[start_line - 1] = (lines[start_line - 1][:start] + instead + rest).rstrip()
        for number in range(start_line, end_line):
            lines[number] = ""
    return "\n".join(lines) + "\n"


# Each of these gives cuts: (first line, column, last line, column, what comes instead). Columns are those
# of `ast`, which counts bytes: in front of what is cut there is ASCII only.


def comments(source):
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield (*token.start, *token.end, "")


def private_parts(node, in_function=False):
    """All that is in private functions of a public module, and what others keep to themselves; each part once."""
    is_function = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    if is_function and is_private(node.name):
        yield from ast.walk(node)
        return
    if in_function and isinstance(node, ast.AnnAssign) and is_private(getattr(node.target, "attr", "_")):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from private_parts(child, in_function or is_function)


def is_private(name):
    return name.startswith("_") and not name.startswith("__")


def docstring(node):
    if not isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
        return []
    if ast.get_docstring(node) is None:
        return []
    first = node.body[0]
    lines = (first.lineno, first.col_offset, first.end_lineno, 10**6)
    return [(*lines, "pass" if len(node.body) == 1 else "")]


def annotation(node, lines):
    if isinstance(node, ast.arg) and node.annotation:
        return [(node.lineno, node.col_offset + len(node.arg), node.end_lineno, node.end_col_offset, "")]
    if isinstance(node, ast.AnnAssign) and node.value:
        end = node.annotation
        return [(node.lineno, node.target.end_col_offset, end.end_lineno, end.end_col_offset, "")]
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.returns:
        end = node.returns
        arrow = lines[end.lineno - 1].rindex(" ->", 0, end.col_offset)
        return [(end.lineno, arrow, end.end_lineno, end.end_col_offset, "")]
    return []


def type_checking(tree):
    """What only type checkers read, and its condition if nothing else asks for it."""
    asked = [node for node in ast.walk(tree) if getattr(node, "id", None) == "TYPE_CHECKING"]
    cut = [node for node in ast.walk(tree) if isinstance(node, ast.If) and node.test in asked]
    if len(asked) == len(cut) + 1:
        cut += [node for node in tree.body if isinstance(node, ast.Assign) and node.targets[0] in asked]
    return [(node.lineno, node.col_offset, node.end_lineno, 10**6, "") for node in cut]
