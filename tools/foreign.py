"""Gets the libraries that the drop-in is tested with, and a Python that has their servers:

    python -m tools.foreign
    python -m tools.foreign NAME...     these libraries and no servers: what the demos show

Wheels for the page are in .build/foreign/NAME, a folder for each of `LIBRARIES`; servers run in .build/foreign/servers.
"""

import shutil
import subprocess
import sys
import venv

from .paths import BUILD

FOREIGN = BUILD / "foreign"
SERVERS = FOREIGN / "servers"

# By the name of the folder. What they depend on comes with them.
LIBRARIES = {
    "websockets-15": ["websockets==15.0.1"],
    "websockets": ["websockets==17.4"],
    "aiohttp": ["aiohttp==3.14.5"],
    "socketio": ["python-socketio==5.18.1", "aiohttp==3.14.5"],
    "gql": ["gql[websockets,aiohttp]==4.4.0"],
    "httpx-ws": ["httpx-ws==0.9.0"],
    "nats": ["nats-py==2.16.0", "aiohttp==3.14.5"],
}
PYTHON = "3.14"  # of the page
NEEDED = ["h11==0.16.0"]  # by the drop-in itself
FOR_SERVERS = ["aiohttp==3.14.5", "gql[websockets]==4.4.0", "python-socketio==5.18.1", "websockets==17.4"]


def wheels(name):
    """The wheels of a library and of what it needs, sorted by name."""
    return sorted((FOREIGN / name).glob("*.whl"))


def version(name):
    """The version of the first of `LIBRARIES[name]`, as it was asked for."""
    return LIBRARIES[name][0].split("==")[1]


def get_wheels(name):
    """For the Python of the page, and without compiled parts: those of PyPI are for other systems."""
    shutil.rmtree(FOREIGN / name, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--dest", str(FOREIGN / name)]
    command += ["--python-version", PYTHON, "--implementation", "py", "--abi", "none", "--platform", "any"]
    subprocess.run([*command, "--only-binary=:all:", *NEEDED, *LIBRARIES[name]], check=True)


def main(names):
    for name in names or LIBRARIES:
        get_wheels(name)
    if not names:
        shutil.rmtree(SERVERS, ignore_errors=True)
        venv.create(SERVERS, with_pip=True)
        subprocess.run([SERVERS / "bin" / "python", "-m", "pip", "install", "--quiet", *FOR_SERVERS], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
