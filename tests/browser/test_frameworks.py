"""The hub in applications of other frameworks: a page has the chat and live data, on the port of the application."""

import contextlib
import os
import subprocess
import time
import urllib.request

import pytest

from tests.frameworks.applications import HELLO, PATHS
from tools.frameworks import PYTHON
from tools.paths import ROOT
from tools.ports import free_port

NAMES = ["starlette", "fastapi", "litestar", "quart", "django", "aiohttp", "robyn"]
PAGE = """
import js
from browserws import ChatClient, LiveDataClient

js.heard = js.update = js.chat_state = ""
chat = ChatClient("ws://localhost:PORTPATH", "ada")
live = LiveDataClient("ws://localhost:PORTPATH", {"user": "bob"})


def heard(event):
    js.heard = event.text


def state(event):
    js.chat_state = event.state


chat.bind("message", heard)
chat.bind("state", state)
chat.connect()
chat.join_room("lobby")
subscribed = live.subscribe("lobby", lambda update: setattr(js, "update", "an update"))
subscribed.map(lambda channel: chat.send_message("hello 😀" + "x" * 20_000, "lobby"))
"""


@contextlib.contextmanager
def application(name):
    port = free_port()
    command = [PYTHON, "-m", "tests.frameworks.applications", name, str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        yield process, port
    finally:
        process.kill()
        process.wait()


def get(port, path):
    """The body, as soon as the application answers."""
    end = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(f"http://localhost:{port}{path}", timeout=10) as answer:
                return answer.read().decode()
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.1)


@pytest.mark.parametrize("name", NAMES)
def test_page_has_chat_and_live_data_in_an_application(remotes, name):
    remote = remotes("py")
    with application(name) as (process, port):
        assert get(port, "/hello") == HELLO
        remote.run(PAGE.replace("PORTPATH", str(port) + PATHS.get(name, "/hub")))
        wait = remote.page.wait_for_function
        wait("() => globalThis.heard.startsWith('hello 😀xxx') && globalThis.heard.length > 20000", timeout=30_000)
        wait("() => globalThis.update === 'an update'", timeout=30_000)
        process.kill() if name == "robyn" else process.terminate()  # Robyn goes on while there are connections
        wait("() => globalThis.chat_state && globalThis.chat_state !== 'OPEN'", timeout=30_000)
        remote.run("chat.disconnect(); live.close()")
