"""Builds our wheels into dist/:  python -m tools.wheel

One is for pages, one has the hub, one lets programs connect, one lets libraries written for CPython run in pages, one
speaks with servers other than the hub, and one is for tests of a page's code.
"""

import subprocess
import sys

from .paths import DIST, ROOT

PARTS = (
    "server",
    "native",
    "dropin",
    "protocols",
    "testing",
)  # folders that are distributions of their own


def build_wheel(source=ROOT, name="browserws"):
    """The wheel of a distribution, built anew."""
    for old in DIST.glob(f"{name}-*.whl"):
        old.unlink()
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(DIST), "."]
    subprocess.run(command, check=True, cwd=source, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return next(DIST.glob(f"{name}-*.whl"))


def build_part(folder):
    return build_wheel(ROOT / "browserws" / folder, f"browserws_{folder}")


if __name__ == "__main__":
    for wheel in (build_wheel(), *map(build_part, PARTS)):
        print(f"{wheel.relative_to(ROOT)}: {wheel.stat().st_size / 1024:.1f} KiB")
