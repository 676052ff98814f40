"""Writes dist/mip/, from which MicroPython's `mip` installs the package:  python -m tools.mip URL

URL is where dist/mip/ will be served: `mip` wants whole URLs in its package.json.
"""

import json
import shutil
import sys
import zipfile
from pathlib import Path

from .paths import DIST
from .wheel import build_wheel


def write(url, folder, wheel):
    """The modules of the wheel, and a package.json that names each with its URL."""
    shutil.rmtree(folder, ignore_errors=True)
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.endswith(".py")]
        archive.extractall(folder, names)
    urls = [[name, f"{url.rstrip('/')}/{name}"] for name in names]
    package = Path(folder) / "package.json"
    package.write_text(json.dumps({"urls": urls, "version": wheel.name.split("-")[1]}, indent=1))
    return package


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(write(sys.argv[1], DIST / "mip", build_wheel()))
