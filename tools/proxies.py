"""nginx and Caddy, which tests run with the configurations of the documentation: python -m tools.proxies

Those that are here, or Debian's packages, unpacked below .build/ and not installed: no service starts.
"""

import os
import shutil
import sys

from .debian import apt, run
from .paths import BUILD

NAMES = ("nginx", "caddy")
FOLDER = BUILD / "proxies"
PLACES = ["/usr/sbin", str(FOLDER / "usr" / "sbin"), str(FOLDER / "usr" / "bin")]  # a user's PATH may lack the first


def find(name):
    """The path of one, or None."""
    return shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *PLACES]))


def ensure(name):
    if find(name) is None:
        print(f"  no {name} found: unpacking one", flush=True)
        FOLDER.mkdir(parents=True, exist_ok=True)
        unpack(name)
    if find(name) is None:
        sys.exit(f"There is no {name}, and it could not be unpacked. Install it (Debian: apt-get install {name}).")


def unpack(name):
    download = ["apt-get", "download", name]
    if run(download, cwd=FOLDER) or (run([*apt(), "update"]) and run(download, cwd=FOLDER)):
        for package in FOLDER.glob(f"{name}_*.deb"):
            run(["dpkg", "-x", package.name, "."], cwd=FOLDER)


if __name__ == "__main__":
    for name in NAMES:
        ensure(name)
