"""The laws of the package (CONTRIBUTING.md), read from its source."""

import ast
import zipfile

import pytest

import browserws
from tools.diagram import PROTOCOL, protocol_text
from tools.paths import PAGES, ROOT, modules
from tools.wheel import PARTS, build_part, build_wheel

PACKAGE = ROOT / "browserws"
FILES = modules(PACKAGE)
FOR_CPYTHON = ("server", "native", "dropin", "testing")  # they need not run on MicroPython
IN_THE_PAGE = [f for f in FILES if f.relative_to(PACKAGE).parts[0] not in FOR_CPYTHON]

# Each part imports from itself and from what stands before it.
LAYERS = [
    ["codes", "errors", "events", "types"],
    ["_pure"],
    ["_host", "native"],
    ["_runtime", "state"],
    ["answer", "codecs", "protocols"],
    ["websocket"],
    ["connection"],
    ["reconnections"],
    ["client", "reliable"],
    ["channel"],
    ["channels"],
    ["chat", "live"],
    ["sync", "__init__"],
    ["dropin", "testing"],
]
SERVER_MAY_IMPORT = ("server", "_pure", "codes", "errors", "events")


def relative(file):
    return str(file.relative_to(PACKAGE))


def at_run_time(tree):
    """The nodes of a module without what only type checkers read."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.If) and getattr(node.test, "id", None) == "TYPE_CHECKING":
            for other in node.orelse:
                yield other
                yield from at_run_time(other)
            continue
        yield node
        yield from at_run_time(node)


def imports(file):
    """The modules that a file imports, relative ones as `.name` from the package's root."""
    depth = len(file.relative_to(PACKAGE).parts)
    for node in at_run_time(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.split(".")[0]
        elif isinstance(node, ast.ImportFrom):
            here = [] if node.level == depth else list(file.relative_to(PACKAGE).parts[:-1])
            names = [node.module] if node.module else [alias.name for alias in node.names]
            for name in names:
                yield "." + ".".join([*here, *name.split(".")])


def layer(name):
    return next(level for level, parts in enumerate(LAYERS) if name in parts)


def part(file):
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("file", FILES, ids=relative)
def test_only_host_imports_the_browser(file):
    if part(file) != "_host" and relative(file) != "dropin/_host.py":
        assert not {"js", "pyodide", "pyscript", "jsffi", "pyodide_js"} & set(imports(file))


@pytest.mark.parametrize("file", FILES, ids=relative)
def test_arrows_point_at_what_is_imported_and_never_back(file):
    mine = part(file)
    for name in imports(file):
        if name.startswith("."):
            theirs = name[1:].split(".")[0]
            if mine == "server":
                assert theirs in SERVER_MAY_IMPORT, f"{relative(file)} imports {name}"
                continue
            assert theirs == mine or layer(theirs) <= layer(mine), f"{relative(file)} imports {name}"


@pytest.mark.parametrize("file", [f for f in FILES if part(f) == "_pure"], ids=relative)
def test_pure_modules_import_only_pure_ones(file):
    allowed = {"json", ".codes", ".errors", ".events"}
    assert all(name in allowed or name.startswith("._pure") for name in imports(file))


def test_testing_takes_the_place_of_the_host_and_knows_no_browser():
    from_host = [
        (node.module, [name.name for name in node.names])
        for file in (PACKAGE / "testing").glob("*.py")
        for node in at_run_time(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("_host")
    ]
    assert from_host == [("_host", ["use"])]


@pytest.mark.parametrize("file", FILES, ids=relative)
def test_no_code_in_strings(file):
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Name):
            assert node.id not in ("eval", "exec", "compile", "run_js")
        if isinstance(node, ast.Attribute):
            assert node.attr not in ("eval", "run_js", "runPython")
            assert ast.unparse(node) != "js.Function.new"
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert "=>" not in node.value and "function(" not in node.value


MISSING_MODULES = {
    "__future__", "abc", "contextlib", "dataclasses", "enum", "importlib", "queue", "traceback", "typing", "uuid",
    "warnings", "weakref",
}  # fmt: skip
ONLY_ON_PYODIDE = {"_host/pyodide.py"}


@pytest.mark.parametrize("file", IN_THE_PAGE, ids=relative)
def test_modules_of_a_page_keep_to_what_micropython_has(file):
    if relative(file) in ONLY_ON_PYODIDE:
        return
    assert not MISSING_MODULES & set(imports(file))
    tree = ast.parse(file.read_text())
    for node in at_run_time(tree):
        if isinstance(node, ast.ClassDef):
            assert not node.keywords, "metaclass"
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Match), "match"
        if isinstance(node, ast.arguments):
            assert not node.posonlyargs, "positional-only parameters"
        if isinstance(node, ast.Dict):
            assert None not in node.keys, "{**a}"
        if isinstance(node, ast.Raise):
            assert node.cause is None, "raise ... from"
        if isinstance(node, ast.comprehension):
            assert not node.is_async, "async comprehension"
        if isinstance(node, ast.AsyncFunctionDef):
            inside = [n for child in node.body for n in ast.walk(child)]
            assert not any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in inside), "async generator"
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            assert not any(isinstance(n, ast.Await) for n in ast.walk(node)), "await in a comprehension"
        if isinstance(node, (ast.Tuple, ast.List)) and isinstance(node.ctx, ast.Load):
            assert not any(isinstance(item, ast.Starred) for item in node.elts), "a star in a tuple or list"
        if isinstance(node, ast.Attribute):
            assert node.attr not in ("removeprefix", "removesuffix")


def test_annotations_are_quoted_where_they_name_what_only_type_checkers_import():
    """Importing every module in CPython evaluates all annotations that are not."""
    import browserws.testing  # noqa: F401


def assigned_states(file):
    """(function, line) of each assignment to `state` or `_state` of `self`."""
    for function in ast.walk(ast.parse(file.read_text())):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
                    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                    if any(ast.unparse(target) in ("self.state", "self._state") for target in targets):
                        yield function.name, ast.unparse(node)


def test_a_state_is_set_at_the_beginning_and_moved_in_one_place():
    tables = [file for file in FILES if "TABLE.move(" in file.read_text() and file.name != "lifecycle.py"]
    assert {relative(file) for file in tables} == {"_pure/reconnection.py", "_runtime/socket.py", "_host/stream.py"}
    for file in tables:
        assert [function for function, _ in assigned_states(file)] == ["__init__", "_move"], file


def test_the_diagram_is_that_of_the_table():
    assert PROTOCOL.read_text() == protocol_text()


def statements(source):
    """What a module does and in which lines, whatever it says about it."""
    found = []
    for node in at_run_time(ast.parse(source)):
        remark = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if isinstance(node, ast.stmt) and not remark and not isinstance(node, ast.Pass):
            found.append((node.lineno, type(node).__name__.replace("AnnAssign", "Assign")))
    return found


def test_the_wheel_is_small_typed_and_needs_nothing():
    wheel = build_wheel()
    assert wheel.stat().st_size < 96 * 1024
    with zipfile.ZipFile(wheel) as archive:
        assert "browserws/py.typed" in archive.namelist()
        metadata = archive.read(next(n for n in archive.namelist() if n.endswith("METADATA"))).decode()
        assert not [name for name in archive.namelist() if name.split("/")[1] in PARTS]
        for path in FILES:
            if part(path) in PARTS or relative(path) == "_host/interface.py":  # which nothing imports
                continue
            ours, theirs = path.read_text(), archive.read(str(path.relative_to(ROOT))).decode()
            assert statements(ours) == statements(theirs)
    required = [line for line in metadata.splitlines() if line.startswith("Requires-Dist") and "extra ==" not in line]
    assert required == []


@pytest.mark.parametrize("folder", PARTS)
def test_what_few_pages_need_has_a_wheel_of_its_own(folder):
    with zipfile.ZipFile(build_part(folder)) as archive:
        (metadata,) = [archive.read(name).decode() for name in archive.namelist() if name.endswith("/METADATA")]
        assert f"Requires-Dist: browserws=={browserws.__version__}\n" in metadata
        (licence,) = [archive.read(name) for name in archive.namelist() if name.endswith("/licenses/LICENSE")]
        assert licence == (ROOT / "LICENSE").read_bytes()
        others = {"dropin": {"h11<1,>=0.14"}, "protocols": set(), "testing": set()}.get(folder, {"websockets<18,>=17"})
        assert others <= {line.removeprefix("Requires-Dist: ") for line in metadata.splitlines()}
        files = {name for name in archive.namelist() if ".dist-info/" not in name}
    sources = [path for path in FILES if part(path) == folder] + [*(PACKAGE / folder).rglob("*.lua")]
    sources += [path for path in PAGES.rglob("*.*") if folder == "server" and path.suffix != ".pyc"]
    assert files == {str(path.relative_to(ROOT)) for path in sources}


def test_the_documentation_says_what_a_browser_cannot_do():
    text = (ROOT / "docs/explanation/limits.md").read_text()
    for absent in ("request headers", "pings", "TLS"):
        assert absent in text
