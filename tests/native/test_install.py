"""`pip install "browserws[native]"` from the wheels as they are built, in an environment of its own."""

import subprocess
import sys
from importlib.metadata import distribution

from tools.paths import DIST
from tools.wheel import build_part, build_wheel

PROGRAM = """
import asyncio, sys
import browserws
from browserws.native import Endpoint

async def main(url):
    async with browserws.connect(Endpoint(url, additional_headers={"X-Name": "value"})) as ws:
        await ws.send("hello")
        return await ws.recv()

print(browserws.__file__)
print(browserws.supported, asyncio.run(main(sys.argv[1])))
"""


def run(*command):  # with -I: what this process imports is not for it
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, cwd=DIST)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def lend(python, name):
    """Put a distribution of this environment into the other: there may be no network."""
    folder = run(python, "-I", "-c", "import sysconfig; print(sysconfig.get_path('purelib'), end='')")
    parts = {file.parts[0] for file in distribution(name).files if ".." not in file.parts}
    for part in parts - {"__pycache__"}:
        run("cp", "-r", str(distribution(name).locate_file(part)), folder)


def test_a_program_connects_with_what_pip_installs(tmp_path, server):
    build_wheel()
    build_part("native")
    run(sys.executable, "-m", "venv", tmp_path)
    python = tmp_path / "bin" / "python"
    run(python, "-I", "-m", "pip", "install", "--no-index", "--find-links", DIST, "browserws")
    assert run(python, "-I", "-c", "import browserws; print(browserws.supported)") == "False\n"
    lend(python, "websockets")
    run(python, "-I", "-m", "pip", "install", "--no-index", "--find-links", DIST, "browserws[native]")
    where, said = run(python, "-I", "-c", PROGRAM, server + "/echo").splitlines()
    assert where.startswith(str(tmp_path)) and said == "True hello"
