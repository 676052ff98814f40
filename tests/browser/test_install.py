"""Every way in which users install the package, each in a page and in a worker, from this server alone."""

import json
from urllib.parse import urlencode

import pytest

from tools import mip
from tools.paths import BUILD, DIST, ROOT

PACKAGE = ROOT / "browserws"
FILES = {
    f"/tests/browserws/{file.relative_to(PACKAGE)}": f"./browserws/{file.relative_to(PACKAGE)}"
    for file in PACKAGE.rglob("*.py")
    if file.relative_to(PACKAGE).parts[0] not in ("server", "native", "dropin")  # distributions of their own
}
PYODIDE = {"interpreter": "/pyodide/pyodide.mjs"}
MICROPYTHON = {"interpreter": "/micropython/micropython.mjs"}

PACKAGE_JSON = "the URL of what mip installs"

WAYS = {
    "pyodide-packages-name": ("py", "echo_once.py", lambda wheel: {**PYODIDE, "packages": ["browserws"]}),
    "pyodide-packages-wheel": ("py", "echo_once.py", lambda wheel: {**PYODIDE, "packages": [wheel]}),
    "pyodide-micropip": (
        "py",
        "with_micropip.py",
        lambda wheel: {**PYODIDE, "packages": ["micropip"], "wheel": wheel, "files": {"./echo_once.py": ""}},
    ),
    "micropython-packages-wheel": ("mpy", "echo_once.py", lambda wheel: {**MICROPYTHON, "packages": [wheel]}),
    "micropython-mip": (
        "mpy",
        "with_mip.py",
        lambda wheel: {**MICROPYTHON, "package": PACKAGE_JSON, "files": {"./echo_once.py": ""}},
    ),
    "micropython-files": ("mpy", "echo_once.py", lambda wheel: {**MICROPYTHON, "files": FILES}),
}


@pytest.fixture(scope="module", autouse=True)
def for_mip(site):
    mip.write(site.url("/made/mip"), BUILD / "made" / "mip", next(DIST.glob("browserws-*.whl")))


@pytest.mark.parametrize("worker", [False, True], ids=["main", "worker"])
@pytest.mark.parametrize("way", WAYS)
def test_install(open_page, site, wheel, way, worker):
    type_, script, make_config = WAYS[way]
    config = json.dumps(make_config(wheel)).replace(PACKAGE_JSON, site.url("/made/mip/package.json"))
    query = {"type": type_, "script": script, "config": config}
    page = open_page(site.url("/tests/install.html?" + urlencode(query) + ("&worker" if worker else "")))
    page.wait_for_console("echoed, closed with 1000")
