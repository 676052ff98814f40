"""Builds JupyterLite for demo/notebook/, with all that its kernel needs:  python -m tools.notebook

`mounts` and `values` are what a `Site` serves: the notebooks come from demo/notebook/ as they are. Open them below
/plain/: where SharedArrayBuffer is there, JupyterLite 0.8.6 speaks with its kernel in another way, which may fail.
"""

import json
import shutil
import subprocess
import sys

from .lock import download
from .paths import JUPYTERLITE, NPM, ROOT

NOTEBOOKS = ROOT / "demo" / "notebook"
APPS = ("notebooks", "lab")
NEEDED = ("ipython", "jedi")  # what the kernel asks for, of what Pyodide has
OTHERS = ("comm==0.2.3", "ipython-pygments-lexers==1.1.1")  # and of what it has not
KERNEL = {"pyodideUrl": "/pyodide/pyodide.mjs", "disablePyPIFallback": True}


def build():
    """JupyterLite in .build/jupyterlite/."""
    shutil.rmtree(JUPYTERLITE, ignore_errors=True)
    source = JUPYTERLITE / "source"  # where it looks for its settings
    source.mkdir(parents=True)
    settings = {
        "litePluginSettings": {"@jupyterlite/pyodide-kernel-extension:kernel": KERNEL},
        "contentsAllJsonFile": "all.json",
        "exposeAppInBrowser": True,  # for the tests
    }
    write(source / "jupyter-lite.json", {"jupyter-lite-schema-version": 0, "jupyter-config-data": settings})
    write(source / "jupyter_lite_config.json", {"PipliteAddon": {"piplite_urls": [str(file) for file in wheels()]}})
    command = [sys.executable, "-m", "jupyterlite_core", "build", "--output-dir", str(JUPYTERLITE / "site")]
    command += ["--no-sourcemaps", "--no-unused-shared-packages", *(f"--apps={app}" for app in APPS)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)


def write(file, value):
    file.write_text(json.dumps(value))


def wheels():
    """What the kernel asks for and all that it depends on, in the versions of our Pyodide, from PyPI."""
    lock = json.loads((NPM / "pyodide" / "pyodide-lock.json").read_text())
    names = list(NEEDED)
    for name in names:  # it grows meanwhile
        depends = [other.replace("_", "-") for other in lock["packages"][name]["depends"]]
        names += [other for other in depends if other not in names]
    return download(lock, names, OTHERS)


def mounts():
    return {"/jupyter/": JUPYTERLITE / "site", "/jupyter/files/": NOTEBOOKS}


def values():
    """What JupyterLite asks to know which notebooks there are."""
    time = "2026-01-01T00:00:00Z"
    about = {"writable": True, "created": time, "last_modified": time, "mimetype": None}
    files = [
        {"name": file.name, "path": file.name, "type": "notebook", "format": "json", "content": None, **about}
        for file in sorted(NOTEBOOKS.glob("*.ipynb"))
    ]
    folder = {"name": "", "path": "", "type": "directory", "format": "json", "content": files, **about}
    return {"/jupyter/api/contents/all.json": folder}


if __name__ == "__main__":
    build()
