"""Gets the libraries that the drop-in is tested with, and a Python that has their servers:

    python -m tools.foreign
    python -m tools.foreign FOLDER...   these libraries and no servers

Wheels for the page are in .build/foreign/, in a folder for each of `LIBRARIES`; servers run in .build/foreign/servers.
"""

import shutil
import subprocess
import sys
import venv

from .debian import ensure
from .paths import BUILD

FOREIGN = BUILD / "foreign"
SERVERS = FOREIGN / "servers"

# By the name of the folder: what is in one folder runs in one page. What they depend on comes with them.
LIBRARIES = {
    "socketio": ["python-socketio==5.18.1", "aiohttp==3.14.5"],  # what the demos show: as little as each needs
    "gql": ["gql[websockets]==4.4.0"],
    "older": ["websockets==15.0.1"],
    "newest": [
        "websockets==17.4",
        "aiohttp==3.14.5",
        "python-socketio==5.18.1",
        "gql[websockets,aiohttp]==4.4.0",
        "httpx-ws==0.9.0",
        "nats-py==2.16.0",
        "websocket-client==1.9.2",
    ],
}
PYTHON = "3.14"  # of the page
NEEDED = ["h11==0.16.0"]  # by the drop-in itself
FOR_SERVERS = LIBRARIES["newest"]


def wheels(folder):
    """The wheels of a folder, sorted by name."""
    return sorted((FOREIGN / folder).glob("*.whl"))


def version(folder, library):
    """The version of a library as it was asked for."""
    return next(line.split("==")[1] for line in LIBRARIES[folder] if line.split("==")[0].split("[")[0] == library)


def get_wheels(folder):
    """For the Python of the page, and without compiled parts: those of PyPI are for other systems."""
    shutil.rmtree(FOREIGN / folder, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--dest", str(FOREIGN / folder)]
    command += ["--python-version", PYTHON, "--implementation", "py", "--abi", "none", "--platform", "any"]
    subprocess.run([*command, "--only-binary=:all:", *NEEDED, *LIBRARIES[folder]], check=True)


def main(folders):
    for folder in folders or LIBRARIES:
        get_wheels(folder)
    if not folders:
        ensure("nats-server")
        shutil.rmtree(SERVERS, ignore_errors=True)
        venv.create(SERVERS, with_pip=True)
        subprocess.run([SERVERS / "bin" / "python", "-m", "pip", "install", "--quiet", *FOR_SERVERS], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
