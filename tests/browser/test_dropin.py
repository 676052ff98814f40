"""Libraries written for CPython, in a page: what pages/dropin/lib_*.py promise, over the drop-in."""

import ast
import json

import pytest

from tests.browser.conftest import settings
from tools.foreign import wheels
from tools.paths import DIST, ROOT

PAGES = ROOT / "tests" / "browser" / "pages" / "dropin"

# What of `tools.foreign.LIBRARIES` is loaded, and the file that says what works and what is refused.
SUITES = [
    ("websockets-15", "lib_websockets"),
    ("websockets", "lib_websockets"),
]


def promises(file):
    """The names of the public functions that have a docstring: each is something that works, or is refused."""
    for node in ast.parse((PAGES / f"{file}.py").read_text()).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and ast.get_docstring(node):
            yield node.name


CASES = [
    pytest.param(library, file, name, id=f"{library}-{name}") for library, file in SUITES for name in promises(file)
]


@pytest.fixture(scope="module")
def run(browser, site):
    """Runs a function with a library; its page is there until another library is asked for."""
    opened = {}

    def run(library, file, name):
        if library not in opened:
            while opened:
                opened.popitem()[1].close()
            needed = [f"/foreign/{library}/{wheel.name}" for wheel in wheels(library)]
            ours = [f"/dist/{next(DIST.glob(f'{name}-*.whl')).name}" for name in ("browserws", "browserws_dropin")]
            page = opened[library] = browser.new_page()
            page.set_default_timeout(settings["PAGE_READY_MS"])
            page.goto(site.url("/plain/tests/dropin.html?wheels=" + ",".join(needed + ours)))
        text = json.dumps({"port": site.port, "servers": {}})
        return opened[library].evaluate("arguments => run(...arguments)", [file, name, text])

    yield run
    for page in opened.values():
        page.close()


@pytest.mark.parametrize(("library", "file", "name"), CASES)
def test_a_library_in_a_page(run, library, file, name):
    trouble = run(library, file, name)
    assert trouble == "", trouble
