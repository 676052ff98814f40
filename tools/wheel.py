"""Builds our wheel into dist/:  python -m tools.wheel"""

import subprocess
import sys

from .paths import DIST, ROOT


def build_wheel():
    """Our wheel, built anew."""
    for old in DIST.glob("browserws-*.whl"):
        old.unlink()
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(DIST), "."]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return next(DIST.glob("browserws-*.whl"))


if __name__ == "__main__":
    wheel = build_wheel()
    print(f"{wheel.relative_to(ROOT)}: {wheel.stat().st_size / 1024:.1f} KiB")
