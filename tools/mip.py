"""Writes dist/mip/, from which MicroPython's `mip` installs the package:  python -m tools.mip URL [protocols]

URL is where dist/mip/ will be served: `mip` wants whole URLs in its package.json. With `protocols`, it has them, too.
"""

import json
import shutil
import sys
import zipfile
from pathlib import Path

from .paths import DIST
from .wheel import build_part, build_wheel


def write(url, folder, *wheels):
    """The modules of wheels of one version, and a package.json that names each with its URL."""
    shutil.rmtree(folder, ignore_errors=True)
    names = []
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            modules = [name for name in archive.namelist() if name.endswith(".py")]
            archive.extractall(folder, modules)
        names += modules
    urls = [[name, f"{url.rstrip('/')}/{name}"] for name in names]
    package = Path(folder) / "package.json"
    package.write_text(json.dumps({"urls": urls, "version": wheels[0].name.split("-")[1]}, indent=1))
    return package


if __name__ == "__main__":
    if sys.argv[2:] not in ([], ["protocols"]) or not sys.argv[1:]:
        sys.exit(__doc__)
    print(write(sys.argv[1], DIST / "mip", build_wheel(), *map(build_part, sys.argv[2:])))
