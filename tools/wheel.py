"""Builds our wheels into dist/:  python -m tools.wheel

One is for pages, the other has the hub.
"""

import subprocess
import sys

from .paths import DIST, ROOT

SERVER = ROOT / "browserws" / "server"


def build_wheel(source=ROOT, name="browserws"):
    """The wheel of a distribution, built anew."""
    for old in DIST.glob(f"{name}-*.whl"):
        old.unlink()
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(DIST), "."]
    subprocess.run(command, check=True, cwd=source, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return next(DIST.glob(f"{name}-*.whl"))


def build_server_wheel():
    return build_wheel(SERVER, "browserws_server")


if __name__ == "__main__":
    for wheel in (build_wheel(), build_server_wheel()):
        print(f"{wheel.relative_to(ROOT)}: {wheel.stat().st_size / 1024:.1f} KiB")
