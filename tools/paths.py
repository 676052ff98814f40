"""Where things are in the working tree."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NPM = ROOT / "tools" / "node_modules"
BUILD = ROOT / ".build"
DIST = ROOT / "dist"
PYODIDE = BUILD / "pyodide"  # Pyodide with micropip and our wheel, see lock.py
JUPYTERLITE = BUILD / "jupyterlite"  # JupyterLite with our notebooks, see notebook.py

RUNTIMES = {
    "/pyodide/": PYODIDE,
    "/micropython/": NPM / "@micropython/micropython-webassembly-pyscript",
    "/pyscript/": NPM / "@pyscript/core/dist",
    "/dist/": DIST,
    "/npm/": NPM,
}
