"""The codec for Socket.IO in pages, with a real server."""

import json
from urllib.parse import urlencode

import pytest

from tests import socketio_server
from tools.paths import BUILD

SCRIPT = """
import asyncio
from socketio_client import main

async def run():
    await main({url!r}, "/chat")
    print("all was said")

task = asyncio.create_task(run())
"""


@pytest.mark.parametrize("worker", [False, True], ids=["main", "worker"])
@pytest.mark.parametrize("interpreter", ["py", "mpy"])
def test_python_socketio(open_page, site, wheel, interpreter, worker):
    runtime = {"py": "/pyodide/pyodide.mjs", "mpy": "/micropython/micropython.mjs"}[interpreter]
    with socketio_server.running("/chat") as url:
        (BUILD / "made").mkdir(exist_ok=True)
        (BUILD / "made" / "socketio_main.py").write_text(SCRIPT.format(url=url))
        config = {"interpreter": runtime, "packages": [wheel], "files": {"/tests/socketio_client.py": ""}}
        query = {"type": interpreter, "script": "/made/socketio_main.py", "config": json.dumps(config)}
        page = open_page(site.url("/tests/install.html?" + urlencode(query) + ("&worker" if worker else "")))
        page.wait_for_console("all was said")
