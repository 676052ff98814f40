"""Where things are in the working tree."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NPM = ROOT / "tools" / "node_modules"
BUILD = ROOT / ".build"
DIST = ROOT / "dist"
PYODIDE = BUILD / "pyodide"  # Pyodide with micropip and our wheel, see lock.py
JUPYTERLITE = BUILD / "jupyterlite"  # JupyterLite with our notebooks, see notebook.py
PAGES = ROOT / "browserws" / "server" / "pages"  # what `--demo` serves: for pages to run, no modules of the package

RUNTIMES = {
    "/pyodide/": PYODIDE,
    "/micropython/": NPM / "@micropython/micropython-webassembly-pyscript",
    "/pyscript/": NPM / "@pyscript/core/dist",
    "/dist/": DIST,
    "/npm/": NPM,
}

DEMOS = {
    "/chat/": PAGES / "chat",
    "/style.css": PAGES / "style.css",
    "/switch.js": PAGES / "switch.js",
    "/": ROOT / "demo",
}


def modules(folder):
    """The files of Python's modules below a folder."""
    return [file for file in sorted(folder.rglob("*.py")) if not {PAGES, NPM} & {*file.parents}]
