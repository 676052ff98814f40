"""Every way in which users install the package, each in a page and in a worker, from this server alone."""

import json
from urllib.parse import urlencode

import pytest

from tools.paths import ROOT

PACKAGE = ROOT / "browserws"
FILES = {
    f"/tests/browserws/{file.relative_to(PACKAGE)}": f"./browserws/{file.relative_to(PACKAGE)}"
    for file in PACKAGE.rglob("*.py")
    if file.relative_to(PACKAGE).parts[0] not in ("server", "native", "dropin")  # distributions of their own
}
PYODIDE = {"interpreter": "/pyodide/pyodide.mjs"}
MICROPYTHON = {"interpreter": "/micropython/micropython.mjs"}

WAYS = {
    "pyodide-packages-name": ("py", "echo_once.py", lambda wheel: {**PYODIDE, "packages": ["browserws"]}),
    "pyodide-packages-wheel": ("py", "echo_once.py", lambda wheel: {**PYODIDE, "packages": [wheel]}),
    "pyodide-micropip": (
        "py",
        "with_micropip.py",
        lambda wheel: {**PYODIDE, "packages": ["micropip"], "wheel": wheel, "files": {"./echo_once.py": ""}},
    ),
    "micropython-packages-wheel": ("mpy", "echo_once.py", lambda wheel: {**MICROPYTHON, "packages": [wheel]}),
    "micropython-files": ("mpy", "echo_once.py", lambda wheel: {**MICROPYTHON, "files": FILES}),
}


@pytest.mark.parametrize("worker", [False, True], ids=["main", "worker"])
@pytest.mark.parametrize("way", WAYS)
def test_install(open_page, site, wheel, way, worker):
    type_, script, config = WAYS[way]
    query = {"type": type_, "script": script, "config": json.dumps(config(wheel))}
    page = open_page(site.url("/tests/install.html?" + urlencode(query) + ("&worker" if worker else "")))
    page.wait_for_console("echoed, closed with 1000")
