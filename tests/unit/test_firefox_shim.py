"""`tools/firefox_shim.py`, between a client and a Firefox that answers as an old one does."""

import asyncio
import json
import os
import sys

import pytest
from websockets.asyncio.client import connect

from tools.paths import ROOT

# Listens as Firefox does; knows no command but "known" and "end".
OLD_FIREFOX = f"""#!{sys.executable}
import asyncio, json, sys
from websockets.asyncio.server import serve

async def main():
    end = asyncio.Event()
    async def answer(connection):
        async for text in connection:
            message = json.loads(text)
            reply = {{"type": "error", "id": message["id"], "error": "unknown command"}}
            if message["method"] == "known":
                reply = {{"type": "success", "id": message["id"], "result": connection.request.path}}
            if message["method"] == "end":
                end.set()
            await connection.send(json.dumps(reply))
    async with serve(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        print("a line", sys.argv[1:], file=sys.stderr)
        print("WebDriver BiDi listening on ws://127.0.0.1:%d" % port, file=sys.stderr, flush=True)
        await end.wait()

asyncio.run(main())
sys.exit(3)
"""


@pytest.fixture(autouse=True)
def virtual_time():
    """Not here: other processes take their own time."""


@pytest.fixture
def firefox(tmp_path):
    path = tmp_path / "firefox"
    path.write_text(OLD_FIREFOX)
    path.chmod(0o755)
    return path


async def ask(connection, number, method):
    await connection.send(json.dumps({"id": number, "method": method, "params": {}}))
    answer = json.loads(await connection.recv())
    assert answer["id"] == number
    return answer


def test_commands_without_effect_succeed_and_others_do_not(firefox):
    async def main():
        environment = {**os.environ, "BROWSERWS_FIREFOX": str(firefox)}
        shim = await asyncio.create_subprocess_exec(
            sys.executable,
            ROOT / "tools" / "firefox_shim.py",
            "--profile",
            stderr=asyncio.subprocess.PIPE,
            env=environment,
        )
        assert await shim.stderr.readline() == b"a line ['--profile']\n"
        line = (await shim.stderr.readline()).decode()
        assert line.startswith("WebDriver BiDi listening on ws://127.0.0.1:")
        async with connect(line.split()[-1] + "/session") as connection:
            assert (await ask(connection, 1, "known"))["result"] == "/session"
            assert (await ask(connection, 2, "network.addDataCollector"))["result"] == {"collector": "none"}
            assert (await ask(connection, 3, "emulation.setNetworkConditions"))["error"] == "unknown command"
            assert (await ask(connection, 4, "known"))["type"] == "success"
            await connection.send(json.dumps({"id": 5, "method": "end"}))
            assert await shim.wait() == 3

    asyncio.run(main())
