"""Builds the documentation into .build/docs, a site of static files:  python -m tools.docs [FOLDER]"""

import shutil
import subprocess
import sys
from pathlib import Path

from .paths import BUILD, ROOT

SITE = BUILD / "docs"


def build(folder=SITE):
    """Raises `SystemExit` if that fails: a warning of Sphinx is an error, so no link within the site is dead."""
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "sphinx", "--builder", "html", "--fail-on-warning", "--keep-going", "--quiet"]
    done = subprocess.run([*command, "--fresh-env", "--doctree-dir", folder / ".doctrees", ROOT / "docs", folder])
    shutil.rmtree(folder / ".doctrees", ignore_errors=True)
    if done.returncode:
        sys.exit("the documentation has mistakes, see above")


if __name__ == "__main__":
    build(*map(Path, sys.argv[1:]))
