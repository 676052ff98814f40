"""The runtimes of package.json, side by side; each Pyodide with micropip and our wheel in its folder."""

import json
import subprocess

from tools import lock
from tools.paths import BUILD, ROOT
from tools.wheel import build_wheel

HERE = ROOT / "tests" / "versions"
NPM = HERE / "node_modules"
PYODIDES = BUILD / "versions"

# What each release of PyScript loads by itself: (its name in package.json, Pyodide, MicroPython)
PYSCRIPTS = [
    ("pyscript-0.7.2", "0.28", "1.26"),
    ("pyscript-2025-10", "0.29", "1.26"),
    ("pyscript-2025-11", "0.29", "1.26"),
    ("pyscript-2026-01", "0.29", "1.27"),
    ("pyscript-2026-02", "0.29", "1.27"),
    ("pyscript-2026-06", "0.29", "1.28"),
    ("pyscript-2026-07", "314", "1.28"),
]


def named(runtime):
    """The versions of package.json of `runtime`, as they are called there."""
    packages = json.loads((HERE / "package.json").read_text())["dependencies"]
    return [name.split("-", 1)[1] for name in packages if name.startswith(f"{runtime}-")]


def version(package):
    return json.loads((NPM / package / "package.json").read_text())["version"]


def get():
    """From npm and PyPI, unless they are there."""
    stamp, wanted = NPM / ".stamp", (HERE / "package-lock.json").read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(command, cwd=HERE, check=True)
        stamp.write_text(wanted)
    wheel = build_wheel()
    for name in named("pyodide"):
        lock.write(PYODIDES / name, NPM / f"pyodide-{name}", wheel)
    lock.write(PYODIDES / "too-old", NPM / "too-old-pyodide", wheel)


if __name__ == "__main__":
    get()
