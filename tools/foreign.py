"""Gets the libraries that the drop-in is tested with, and a Python that has their servers:  python -m tools.foreign

Wheels for the page are in .build/foreign/, in a folder for each of `LIBRARIES`; servers run in .build/foreign/servers.
"""

import shutil
import subprocess
import sys
import venv

from .nats import ensure_nats
from .paths import BUILD

FOREIGN = BUILD / "foreign"
SERVERS = FOREIGN / "servers"

# By the name of the folder: what is in one folder runs in one page. What they depend on comes with them.
LIBRARIES = {
    "older": ["websockets==15.0.1"],
    "newest": [
        "websockets==17.4",
        "aiohttp==3.14.5",
        "python-socketio==5.18.1",
        "gql[websockets,aiohttp]==4.4.0",
        "httpx-ws==0.9.0",
        "nats-py==2.16.0",
    ],
}
NEEDED = ["h11==0.16.0"]  # by the drop-in itself
FOR_SERVERS = LIBRARIES["newest"]


def wheels(folder):
    """The wheels of a folder, sorted by name."""
    return sorted((FOREIGN / folder).glob("*.whl"))


def version(folder, library):
    """The version of a library as it was asked for."""
    return next(line.split("==")[1] for line in LIBRARIES[folder] if line.split("==")[0].split("[")[0] == library)


def get_wheels(folder, python):
    """For the Python of the page (such as 3.14), and without compiled parts: those of PyPI are for other systems."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--dest", str(FOREIGN / folder)]
    command += ["--python-version", python, "--implementation", "py", "--abi", "none", "--platform", "any"]
    subprocess.run([*command, "--only-binary=:all:", *NEEDED, *LIBRARIES[folder]], check=True)


def main(python="3.14"):
    ensure_nats()
    shutil.rmtree(FOREIGN, ignore_errors=True)
    for folder in LIBRARIES:
        get_wheels(folder, python)
    venv.create(SERVERS, with_pip=True)
    subprocess.run([SERVERS / "bin" / "python", "-m", "pip", "install", "--quiet", *FOR_SERVERS], check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
