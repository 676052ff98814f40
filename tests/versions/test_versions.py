"""One echo through each API, in each version, installed in each way, on the main thread and in a worker; and what
versions say that are too old.
"""

import json
from urllib.parse import urlencode

import pytest

from tests.versions import runtimes
from tools.paths import DIST

WORKS = ["WebSocket", "connect", "ReliableWebSocket", "Channels"]
PLACES = pytest.mark.parametrize("place", ["main", "worker"])


def wheel():
    return "/dist/" + next(DIST.glob("browserws-*.whl")).name


def check(result, blocks):
    apis = result["apis"]
    assert {name: apis[name] for name in WORKS} == dict.fromkeys(WORKS, "works")
    assert apis["sync"] == "works" if blocks else "block" in apis["sync"]


@PLACES
@pytest.mark.parametrize("way", ["loadPackage", "micropip"])
@pytest.mark.parametrize("pyodide", runtimes.named("pyodide"))
def test_plain_pyodide(outcome, pyodide, way, place):
    query = {"pyodide": f"/pyodides/{pyodide}/", "way": way, "wheel": wheel()}
    result = outcome("/versions/plain.html?" + urlencode(query) + ("&worker" if place == "worker" else ""))
    check(result, blocks=True)


def pyscript_page(core, type_, interpreter, packages, place):
    config = {"interpreter": interpreter, "packages": packages}
    query = {"core": f"/npm/{core}/dist/core.js", "type": type_, "script": "/versions/every_api.py"}
    query["config"] = json.dumps(config)
    return "/tests/install.html?" + urlencode(query) + ("&worker" if place == "worker" else "")


@PLACES
@pytest.mark.parametrize(("core", "pyodide"), [(core, pyodide) for core, pyodide, _ in runtimes.PYSCRIPTS])
def test_pyscript_with_pyodide(outcome, core, pyodide, place):
    interpreter = f"/pyodides/{pyodide}/pyodide.mjs"
    check(outcome(pyscript_page(core, "py", interpreter, ["browserws"], place)), blocks=True)


@PLACES
@pytest.mark.parametrize(("core", "micropython"), [(core, micropython) for core, _, micropython in runtimes.PYSCRIPTS])
def test_pyscript_with_micropython(outcome, core, micropython, place):
    interpreter = f"/npm/micropython-{micropython}/micropython.mjs"
    check(outcome(pyscript_page(core, "mpy", interpreter, [".." + wheel()], place)), blocks=False)


@PLACES
@pytest.mark.parametrize("micropython", runtimes.named("micropython"))
def test_micropython(outcome, micropython, place):
    interpreter = f"/npm/micropython-{micropython}/micropython.mjs"
    newest = runtimes.PYSCRIPTS[-1][0]
    check(outcome(pyscript_page(newest, "mpy", interpreter, [".." + wheel()], place)), blocks=False)


def test_pyodide_that_is_too_old_says_so(open_page, site):
    page = open_page(site.url("/versions/plain.html?pyodide=/pyodides/too-old/&way=loadPackage"))
    page.wait_for_console("ImportError: browserws needs Pyodide 0.26 or later")


def test_micropython_that_is_too_old_says_so(open_page, site):
    newest = runtimes.PYSCRIPTS[-1][0]
    interpreter = "/npm/too-old-micropython/micropython.mjs"
    page = open_page(site.url(pyscript_page(newest, "mpy", interpreter, [".." + wheel()], "main")))
    page.wait_for_console("ImportError: browserws needs MicroPython 1.24 or later")
