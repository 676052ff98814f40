"""The codec for Socket.IO in pages, with real servers: python-socketio's, and Flask-SocketIO."""

import contextlib
import json
import subprocess
from subprocess import PIPE
from urllib.parse import urlencode

import pytest

from tests import socketio_server
from tools.foreign import SERVERS
from tools.paths import BUILD, ROOT

SCRIPT = """
import asyncio
from socketio_client import main

async def run():
    await main({url!r}, "/chat")
    print("all was said")

task = asyncio.create_task(run())
"""


@contextlib.contextmanager
def python_socketio():
    with socketio_server.running("/chat") as url:
        yield url


@contextlib.contextmanager
def flask_socketio():
    command = [SERVERS / "bin" / "python", ROOT / "tests" / "flask_socketio_server.py"]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) as process:
        yield f"ws://127.0.0.1:{process.stdout.readline().strip()}/socket.io/?EIO=4&transport=websocket"
        process.stdin.close()


@pytest.mark.parametrize("server", [python_socketio, flask_socketio])
@pytest.mark.parametrize("worker", [False, True], ids=["main", "worker"])
@pytest.mark.parametrize("interpreter", ["py", "mpy"])
def test_a_server_of_socketio(open_page, site, wheels, interpreter, worker, server):
    runtime = {"py": "/pyodide/pyodide.mjs", "mpy": "/micropython/micropython.mjs"}[interpreter]
    with server() as url:
        (BUILD / "made").mkdir(exist_ok=True)
        (BUILD / "made" / "socketio_main.py").write_text(SCRIPT.format(url=url))
        config = {"interpreter": runtime, "packages": wheels, "files": {"/tests/socketio_client.py": ""}}
        query = {"type": interpreter, "script": "/made/socketio_main.py", "config": json.dumps(config)}
        page = open_page(site.url("/tests/install.html?" + urlencode(query) + ("&worker" if worker else "")))
        page.wait_for_console("all was said")
