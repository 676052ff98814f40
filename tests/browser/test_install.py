"""Every way in which users install the package, each in a page and in a worker, from this server alone."""

import json
from urllib.parse import urlencode

import pytest

from tools import mip
from tools.paths import BUILD, DIST, ROOT
from tools.wheel import PARTS

PACKAGE = ROOT / "browserws"
FILES = {
    f"/tests/browserws/{file.relative_to(PACKAGE)}": f"./browserws/{file.relative_to(PACKAGE)}"
    for file in PACKAGE.rglob("*.py")
    if file.relative_to(PACKAGE).parts[0] not in PARTS
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


@pytest.fixture
def with_protocols(site):
    """The URLs from which micropip and mip install the package and its protocols, by script type."""
    ours = [next(DIST.glob(f"{name}-*.whl")) for name in ("browserws", "browserws_protocols")]
    for wheel in ours:  # an index as PyPI is one
        index = BUILD / "made" / "index" / wheel.name.split("-")[0].replace("_", "-") / "index.html"
        index.parent.mkdir(parents=True, exist_ok=True)
        index.write_text(f"<!doctype html><a href={site.url('/dist/' + wheel.name)}>{wheel.name}</a>")
    mip.write(site.url("/made/mip-protocols"), BUILD / "made" / "mip-protocols", *ours)
    return {
        "py": site.url("/made/index/{package_name}/index.html"),
        "mpy": site.url("/made/mip-protocols/package.json"),
    }


@pytest.mark.parametrize("worker", [False, True], ids=["main", "worker"])
@pytest.mark.parametrize("way", WAYS)
def test_install(open_page, site, wheel, way, worker):
    type_, script, make_config = WAYS[way]
    config = json.dumps(make_config(wheel)).replace(PACKAGE_JSON, site.url("/made/mip/package.json"))
    query = {"type": type_, "script": script, "config": config}
    page = open_page(site.url("/tests/install.html?" + urlencode(query) + ("&worker" if worker else "")))
    page.wait_for_console("echoed, closed with 1000")


@pytest.mark.parametrize(("type_", "runtime"), [("py", {**PYODIDE, "packages": ["micropip"]}), ("mpy", MICROPYTHON)])
def test_protocols_are_installed_with_the_package(open_page, site, with_protocols, type_, runtime):
    config = json.dumps({**runtime, "from": with_protocols[type_]})
    query = {"type": type_, "script": f"protocols_{type_}.py", "config": config}
    page = open_page(site.url("/tests/install.html?" + urlencode(query)))
    page.wait_for_console("installed SocketIOCodec")
