"""Programs of docs/how-to/, as they stand there, on ports; those that need none run in tests/unit/test_how_to.py."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys

import pytest
import socketio
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

from browserws.server.adapters.asgi import HubApp
from browserws.server.robyn import Robyn
from tests import socketio_server
from tests.documents import blocks
from tests.native.program import run
from tests.robyn_examples.running import example
from tools.paths import ROOT
from tools.ports import free_port


def block_of(name, number):
    """Of the blocks of Python on a page of docs/how-to/."""
    return blocks("python", ROOT / "docs" / "how-to" / name)[number]


async def echo(connection):
    async for message in connection:
        await connection.send(message)


def test_calls_that_block(capsys):
    """In a program, with a server on a port."""

    async def main():
        async with serve(echo, "localhost", 0) as server:
            port = server.sockets[0].getsockname()[1]
            source = block_of("asyncio.md", 2).replace("wss://example.org", f"ws://localhost:{port}")
            await asyncio.to_thread(exec, source, {})

    asyncio.run(asyncio.wait_for(main(), 20))
    assert capsys.readouterr().out == "hello\n"


@contextlib.contextmanager
def program_of(folder, name, port):
    """The first block of a page, which is a program; the URL of its port, which is another one than `port`."""
    ours = free_port()
    source = block_of(name, 0)
    assert str(port) in source
    (folder / "app.py").write_text(source.replace(str(port), str(ours)))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, folder / "app.py"], env=environment) as process:
        try:
            yield f"ws://localhost:{ours}"
        finally:
            process.kill()


def test_a_ticker_in_a_program(tmp_path):
    async def main():
        with program_of(tmp_path, "channels.md", 8765) as url:
            async for connection in connect(url):  # it tries again until the program is there
                await connection.send('{"type": "hello", "v": 1, "user": "ada"}')
                await connection.send('{"type": "join", "id": 1, "channel": "ACME"}')
                while (message := json.loads(await connection.recv()))["type"] != "message":
                    pass
                return message["data"]

    assert 90 < asyncio.run(asyncio.wait_for(main(), 20))["price"] < 110


def test_a_program_for_robyns_old_api(tmp_path):
    async def main():
        with program_of(tmp_path, "robyn.md", 8080) as url:
            async for connection in connect(url + "/chat?username=ada"):
                await connection.send("hello")
                return [await connection.recv(), await connection.recv()]

    assert asyncio.run(asyncio.wait_for(main(), 20)) == ["welcome, ada", "hello"]


# --- with other servers ---


def prints(capsys, source, expected):
    """That a block, run as it stands in a program that connects, prints this sooner or later."""

    async def main():
        names = {}
        exec(source, names)
        printed = ""
        while expected not in printed:
            await asyncio.sleep(0.01)
            printed += capsys.readouterr().out
        (names.get("channels") or names["chat"]._channels).close()

    run(main())


def test_a_chat_with_robyns_example(capsys):
    with example("chat") as (port, _):
        prints(capsys, block_of("robyn-chat.md", 0).replace("localhost:8080", f"127.0.0.1:{port}"), "ada hello\n")


class Events(socketio.AsyncNamespace):
    """A server whose events are those of docs/how-to/socketio.md."""

    async def on_connect(self, sid, environ, auth):
        await self.save_session(sid, auth)

    async def on_news(self, sid, news):
        await self.emit("news", news)

    async def on_join(self, sid, where):
        await self.enter_room(sid, where["room"])

    async def on_say(self, sid, said):
        said["username"] = (await self.get_session(sid))["username"]
        await self.emit("said", said, room=said["room"])


@pytest.mark.parametrize("number, expected", [(0, "{'text': 'hello'}\n"), (1, "ada hello\n")])
def test_socket_io(capsys, number, expected):
    with socketio_server.running(events=Events) as url:
        source = block_of("socketio.md", number).replace("ws://localhost:5000", url.split("/socket.io")[0])
        prints(capsys, source + ("chat.send_message('hello')\n" if number else ""), expected)


# --- applications ---


def test_the_application_of_robyns_old_api_with_a_redis():
    exec(block_of("robyn.md", 1), {"Robyn": Robyn, "__file__": __file__})


def test_an_application_of_any_framework():
    """What is not for the hub goes to it."""
    calls = []

    async def app(scope, receive, send):
        calls.append(scope["path"])

    names = {"app": app, "check_token": lambda token: token}
    exec(block_of("frameworks.md", 0), names)
    asyncio.run(names["app"]({"type": "http", "path": "/shop", "method": "GET", "headers": []}, None, None))
    assert calls == ["/shop"] and isinstance(names["app"], HubApp)
