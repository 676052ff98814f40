"""`make mutants` copies the package and runs tests on the copy: what these need of tools/ has to be copied, too."""

import ast
import fnmatch
import tomllib

from tools.paths import ROOT

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mutmut"]


def test_the_copy_has_what_its_tests_import():
    for path in selected():
        missing = {file for file in tools_of(path) if file not in SETTINGS["also_copy"]}
        assert not missing, f"{path}: add it to [tool.mutmut] as --ignore, or to also_copy {missing}"


def selected():
    arguments = SETTINGS["pytest_add_cli_args_test_selection"]
    ignored = [one.partition("=")[2] for one in arguments if one.startswith("--ignore")]
    for name in arguments:
        for path in sorted([*ROOT.glob(f"{name}/test_*.py"), *ROOT.glob(name)] if name.startswith("tests/") else []):
            file = path.relative_to(ROOT).as_posix()
            if path.suffix == ".py" and not any(fnmatch.fnmatch(file, pattern) for pattern in ignored):
                yield path


def tools_of(path):
    """The files of tools/ that a test imports itself; and docs/, if it reads what is there."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "tests.documents":
            yield "docs"
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "tools":
            modules = [node.module] if "." in node.module else [f"tools.{alias.name}" for alias in node.names]
            yield from (module.replace(".", "/") + ".py" for module in modules)
