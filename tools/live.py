"""Writes a folder with the live examples and all that they load, for any static host:  python -m tools.live FOLDER"""

import json
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

from .lock import write_if_changed
from .paths import BUILD, DIST, NPM, ROOT

SOURCE = ROOT / "docs" / "live"
PYODIDE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
MICROPYTHON = ("micropython.mjs", "micropython.wasm")
UPLOT = ("uPlot.esm.js", "uPlot.min.css")
NEEDED = ("websockets", "prometheus-client")  # what the hub imports, where its store is in memory


def write(folder):
    folder = Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    runtime = folder / "runtime"
    copy(NPM / "pyodide", PYODIDE, runtime / "pyodide")
    copy(NPM / "@micropython/micropython-webassembly-pyscript", MICROPYTHON, runtime / "micropython")
    copy(NPM / "uplot" / "dist", UPLOT, folder / "uplot")
    wheels = [*map(pure_wheel, NEEDED), *our_wheels()]
    copy(Path(), wheels, runtime)
    (runtime / "browserws.json").write_text(json.dumps(modules(next(DIST.glob("browserws-*.whl")))))
    sizes = {
        "py": size(*(runtime / "pyodide").iterdir(), *wheels),
        "mpy": size(*(runtime / "micropython").iterdir(), runtime / "browserws.json"),
        "wheels": [wheel.name for wheel in wheels],
    }
    (folder / "sizes.json").write_text(json.dumps(sizes))
    return folder


def copy(source, names, target):
    target.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copy(source / name, target)


def pure_wheel(name):
    """The wheel that runs everywhere, of the version that the hub is tested with, from PyPI."""
    folder, pattern = BUILD / "wheels", f"{name.replace('-', '_')}-{version(name)}-py3-none-any.whl"
    if not (folder / pattern).exists():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
        command += ["--only-binary=:all:", "--platform=any", f"{name}=={version(name)}"]
        subprocess.run(command, check=True)
    return folder / pattern


def our_wheels():
    """The package's, the hub's, and that of the network in memory."""
    write_if_changed()
    return [next(DIST.glob(f"{name}-*.whl")) for name in ("browserws", "browserws_server", "browserws_testing")]


def modules(wheel):
    """The text of its modules, by path."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".py")}


def size(*files):
    """Of all in bytes, and of those that a page gets by `fetch`: the others are modules of JavaScript."""
    bytes_of = {file: file.stat().st_size for file in files}
    fetched = sum(size for file, size in bytes_of.items() if file.suffix != ".mjs")
    return {"size": sum(bytes_of.values()), "fetched": fetched}


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(write(sys.argv[1]))
