"""Code written for the `websockets` library runs in the page with only its imports changed.

One source: natively on CPython with `websockets`, and in the page with browserws, against one server.
"""

import json
import subprocess
import sys
from urllib.parse import urlencode

import pytest

from tools.paths import BUILD, ROOT

PAGES = ROOT / "tests" / "browser" / "pages"
NATIVE = "import asyncio, json, sys, visitor; print(json.dumps(asyncio.run(visitor.visit(sys.argv[1]))))"
IMPORTS = {"from websockets.asyncio.client import": "from browserws.client import",
           "from websockets.exceptions import": "from browserws.errors import"}  # fmt: skip


@pytest.fixture(scope="session")
def seen_natively(site):
    command = [sys.executable, "-c", NATIVE, site.url().replace("http:", "ws:")]
    return json.loads(subprocess.run(command, cwd=PAGES, check=True, stdout=subprocess.PIPE).stdout)


def changed_imports():
    source = (PAGES / "visitor.py").read_text()
    for theirs, ours in IMPORTS.items():
        assert source.count(theirs) == 1
        source = source.replace(theirs, ours)
    return source


@pytest.mark.parametrize("worker", ["", "worker"])
@pytest.mark.parametrize("type_", ["py", "mpy"])
def test_the_page_sees_what_websockets_sees(open_page, site, wheel, seen_natively, type_, worker):
    folder = BUILD / "made"
    folder.mkdir(exist_ok=True)
    (folder / "visitor.py").write_text(changed_imports())
    interpreter = "/pyodide/pyodide.mjs" if type_ == "py" else "/micropython/micropython.mjs"
    config = {"interpreter": interpreter, "packages": [wheel], "files": {"/made/visitor.py": "./visitor.py"}}
    query = {"type": type_, "script": "visitor_page.py", "config": json.dumps(config)}
    page = open_page(site.url("/tests/install.html?" + urlencode(query) + ("&worker" if worker else "")))
    page.wait_for_console("visited:")
    seen = json.loads(next(text for _, text in page.console if text.startswith("visited:"))[len("visited:") :])
    assert seen == seen_natively
    assert len(seen) > 50
