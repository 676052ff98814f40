"""Checks what would be released:  python -m tools.release

Builds each wheel and sdist twice and compares their hashes, has twine and check-wheel-contents look at them, installs
them into fresh environments of each Python from 3.11 to 3.14 that there is, and imports the page's wheel in Pyodide and
in MicroPython.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

from .paths import BUILD, NPM, PYODIDE, ROOT
from .wheel import PARTS

OUT = BUILD / "release"
CHECKERS = ["build", "hatchling", "zopfli", "twine", "check-wheel-contents"]
PYTHONS = ["python3.11", "python3.12", "python3.13", "python3.14"]
DATE = "315532800"  # 1980, the first year that a ZIP archive knows: builds differ in nothing but their sources
IMPORTS = {
    "browserws[dropin]": "import browserws.dropin.wire",
    "browserws[native]": "import browserws; from browserws import native; assert browserws.supported",
    "browserws[protocols]": "from browserws.protocols import robyn, socketio",
    "browserws[server]": "import browserws.server.__main__",
    "browserws[testing]": "from browserws.testing import FakeNetwork",
    "browserws": "import browserws; assert not browserws.supported",
}


def say(text):
    print(text, flush=True)


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    if done.returncode:
        sys.exit(f"{' '.join(str(part) for part in command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def environment(folder, python=sys.executable):
    """The Python of a new virtual environment."""
    if Path(python) == Path(sys.executable):
        venv.create(folder, with_pip=True)
    else:
        run(python, "-m", "venv", folder)
    return folder / "bin" / "python"


def build(python, folder):
    """The hashes of all that is built, by name."""
    for source in (ROOT, *(ROOT / "browserws" / part for part in PARTS)):
        command = [python, "-m", "build", "--no-isolation", "--outdir", folder, source]
        run(*command, env={**os.environ, "SOURCE_DATE_EPOCH": DATE})
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.iterdir())}


def check_builds(python):
    once, twice = build(python, OUT / "once"), build(python, OUT / "dist")
    if once != twice:
        sys.exit(f"two builds differ: {[name for name in once if once[name] != twice.get(name)]}")
    for name, digest in twice.items():
        say(f"  {name}  {(OUT / 'dist' / name).stat().st_size / 1024:.1f} KiB  sha256 {digest[:16]}...")
    files = sorted((OUT / "dist").iterdir())
    run(python, "-m", "twine", "check", "--strict", *files)
    for wheel in (OUT / "dist").glob("*.whl"):
        # W002: some `__init__.py` are empty without their docstrings. W009, W010: the hub, the programs' part, the
        # drop-in and the protocols are packages inside of `browserws`, which another wheel has.
        run(python.parent / "check-wheel-contents", "--ignore", "W002,W009,W010", wheel)


def interpreter(name):
    """Its path, None if it is not here, or what is called so does not run (a shim of pyenv, for example)."""
    found = shutil.which(name)
    if found is not None and subprocess.run([found, "-c", ""], capture_output=True).returncode != 0:
        return None
    return found


def check_pythons():
    for name in PYTHONS:
        found = interpreter(name)
        if found is None:
            say(f"  {name}: is not here")
            continue
        for wanted, source in IMPORTS.items():
            python = environment(OUT / f"{name}-{wanted}", found)
            run(python, "-m", "pip", "install", "--quiet", "--find-links", OUT / "dist", wanted)
            run(python, "-c", source, cwd=OUT)
        say(f"  {name}: {', '.join(IMPORTS)}")


RECIPE = """\
package:
  name: browserws
  version: "{version}"
  top-level: [browserws]
source:
  url: https://files.pythonhosted.org/packages/py3/b/browserws/{wheel}
  sha256: {digest}
about:
  home: https://pypi.org/project/browserws/
  PyPI: https://pypi.org/project/browserws/
  summary: "{summary}"
  license: MIT
test:
  imports: [browserws]
"""
CHECK_RECIPE = """
import pathlib, sys
from pyodide_build.recipe.spec import MetaConfig
MetaConfig.from_yaml(pathlib.Path(sys.argv[1]))
"""


def check_recipe():
    """The recipe for the Pyodide distribution, and what pyodide-build (of Python 3.12 and later) says of it."""
    (wheel,) = (OUT / "dist").glob("browserws-*.whl")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    fields = {"version": wheel.name.split("-")[1], "wheel": wheel.name, "summary": project["description"]}
    recipe = OUT / "meta.yaml"
    recipe.write_text(RECIPE.format(digest=hashlib.sha256(wheel.read_bytes()).hexdigest(), **fields))
    found = next(filter(None, map(interpreter, reversed(PYTHONS[1:]))), None)
    if found is None:
        say(f"  {recipe}: not checked, which needs Python 3.12")
        return
    python = environment(OUT / "pyodide-build", found)
    run(python, "-m", "pip", "install", "--quiet", "pyodide-build>=0.39")
    run(python, "-c", CHECK_RECIPE, recipe)
    say(f"  {recipe}: pyodide-build takes it")


def check_page():
    (wheel,) = (OUT / "dist").glob("browserws-*.whl")
    for type_, runtime in (
        ("Pyodide", PYODIDE),
        ("MicroPython", NPM / "@micropython/micropython-webassembly-pyscript"),
    ):
        node = NPM / "node" / "bin" / "node"
        version = run(node, ROOT / "tools" / "import_in_node.mjs", type_, runtime, wheel).strip().splitlines()[-1]
        say(f"  {type_}: imports {version}")


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    say("Building everything twice ...")
    python = environment(OUT / "checkers")
    run(python, "-m", "pip", "install", "--quiet", *CHECKERS)
    check_builds(python)
    say("Installing ...")
    check_pythons()
    say("Importing the page's wheel ...")
    check_page()
    say("Writing the recipe for the Pyodide distribution ...")
    check_recipe()
    say(f"All is well: {OUT / 'dist'}")


if __name__ == "__main__":
    main()
