"""Gets the libraries that the drop-in is tested with, and a Python that has their servers:

    python -m tools.foreign
    python -m tools.foreign FOLDER...   these libraries and no servers

Wheels for the page are in .build/foreign/, in a folder for each of `LIBRARIES`; servers run in .build/foreign/servers.
"""

import shutil
import subprocess
import sys
import tarfile
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
        "centrifuge-python==0.7.0",
        "paho-mqtt==2.2.0",
        "aiomqtt==2.5.1",
    ],
    "services": [  # they want websockets before 16; httpx2 has its own transport in a page
        "openai[realtime]==3.57.0",
        "realtime==2.34.1",
        "deepgram-sdk==7.17.0",
        "httpx2[ws]==2.16.2",
        "httpx2-jsfetch==1.0",
    ],
    "threads": [  # most of them block, and begin threads
        "python-socketio[client]==5.18.1",
        "slack-sdk==3.48.0",
        "aiohttp==3.14.5",
        "ably==3.1.4",
        "simple-websocket==1.1.0",
    ],
    "web3": [
        "websockets==17.4",
        "aiohttp==3.14.5",
        "requests",
        "hexbytes",
        "pyunormalize",
        "bitarray",
        "eth-rlp",
        "eth-keys",
        "py_ecc",
    ],
}
# Without what they depend on: of that, ckzg has no wheels for a page, and regex and pycryptodome have some in Pyodide's
# own distribution only (the test has stand-ins for them); and signalrcore wants a version of
# msgpack that has none.
ALONE = {
    "threads": ["signalrcore==1.0.2"],
    "web3": ["web3==8.0.0", "eth-account", "eth-abi", "eth-keyfile", "parsimonious<0.11"],
}
# What fits Pyodide 314: pure wheels, and those with compiled parts (pydantic-core, jiter) that PyPI has for it.
PAGE = ["--python-version", "3.14", "--implementation", "cp", "--abi", "cp314", "--abi", "abi3"]
PAGE += ["--platform", "pyemscripten_2026_0_wasm32"]
NEEDED = ["h11==0.16.0"]  # by the drop-in itself
PROGRAMS = "centrifuge-python==0.7.0"
FOR_SERVERS = [*LIBRARIES["newest"], "Flask-SocketIO==5.7.0"]


def wheels(folder):
    """The wheels of a folder, sorted by name."""
    return sorted((FOREIGN / folder).glob("*.whl"))


def version(folder, library):
    """The version of a library, or of a part of one (`websockets.sync`), as it was asked for."""
    library = library.partition(".")[0]
    lines = LIBRARIES[folder] + ALONE.get(folder, [])
    return next(line.split("==")[1] for line in lines if line.split("==")[0].split("[")[0] == library)


def get_wheels(folder):
    """For the Python of the page."""
    shutil.rmtree(FOREIGN / folder, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--dest", str(FOREIGN / folder), *PAGE]
    command.append("--only-binary=:all:")
    subprocess.run([*command, *NEEDED, *LIBRARIES[folder]], check=True)
    if folder in ALONE:
        subprocess.run([*command, "--no-deps", *ALONE[folder]], check=True)


def get_programs():
    """Examples that come with a library's source, as they are."""
    folder = FOREIGN / "programs"
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--dest", str(folder), "--no-deps"]
    subprocess.run([*command, "--no-binary", PROGRAMS.split("==")[0], PROGRAMS], check=True)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        name = next(name for name in archive.getnames() if name.endswith("/example.py"))
        (folder / "example.py").write_bytes(archive.extractfile(name).read())


def main(folders):
    for folder in folders or LIBRARIES:
        get_wheels(folder)
    if not folders:
        get_programs()
        ensure("mosquitto")
        ensure("nats-server")
        shutil.rmtree(SERVERS, ignore_errors=True)
        venv.create(SERVERS, with_pip=True)
        subprocess.run([SERVERS / "bin" / "python", "-m", "pip", "install", "--quiet", *FOR_SERVERS], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
