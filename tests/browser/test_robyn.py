"""Robyn's old API in pages: its examples' own pages, a page of browserws with them, and the codec for the chat room."""

import json
from urllib.parse import urlencode

import pytest

from tests.robyn_examples.running import example, example_of_robyn
from tools.paths import BUILD

SCRIPT = """
import asyncio
from robyn_client import main

async def run():
    await main({url!r})
    print("all was said")

task = asyncio.create_task(run())
"""


def fill(page, name, text):
    page.page.fill(f"#{name}", text)


def shows(page, text, name="log"):
    page.page.wait_for_function(
        "([id, text]) => document.getElementById(id).textContent.includes(text)", arg=[name, text]
    )


def test_the_echos_page(open_page):
    with example("echo") as (port, _):
        page = open_page(f"http://127.0.0.1:{port}/")
        shows(page, "connected")
        fill(page, "text", "hello")
        page.page.click("text=Send")
        shows(page, "Echo: hello")
        page.page.click("text=Close")
        shows(page, "closed 1000 true")


def test_the_chats_page_and_a_page_of_browserws(open_page, remotes):
    remote = remotes("py")
    with example("chat") as (port, _):
        page = open_page(f"http://127.0.0.1:{port}/")
        fill(page, "name", "bob")
        page.page.click("text=Join")
        shows(page, '"welcome"')
        remote.run(f"""
import js
from browserws import WebSocket
js.heard = ""
ws = WebSocket("ws://127.0.0.1:{port}/chat?username=ada")
ws.bind("message", lambda event: setattr(js, "heard", js.heard + event.data))
""")
        shows(page, '"user_joined", "username": "ada"')
        remote.run("""ws.send('{"type": "message", "message": "hello all"}')""")
        shows(page, "hello all")
        fill(page, "to", "ada")
        fill(page, "text", "psst")
        page.page.click("text=Send")
        wait = remote.page.wait_for_function
        wait("""() => heard.includes('"user_list", "users": ["bob", "ada"]') && heard.includes('"private_message"')""")
        remote.run("ws.close()")
        shows(page, '"user_left", "username": "ada"')


ECHO = """
import js
from browserws import WebSocket

js.heard = js.ended = ""
ws = WebSocket("ws://127.0.0.1:{port}/ws")
ws.bind("open", lambda: ws.send("x" * 300_000))  # Chromium sends it in fragments


@ws.bind("message")
def heard(event):
    js.heard = str(len(event.data))
    if len(event.data) > 300_000:
        ws.close(1000)


@ws.bind("close")
def closed(event):
    js.ended = f"{{event.code}} {{event.wasClean}}"
"""


def test_fragments_arrive_and_closing_is_clean(remotes):
    remote = remotes("py")
    with example("echo") as (port, _):
        remote.run(ECHO.format(port=port))
        remote.page.wait_for_function("() => globalThis.ended === '1000 True' && globalThis.heard === '300006'")


def test_the_updates_page_and_a_page_of_browserws(open_page, remotes):
    remote = remotes("py")
    with example("updates", UPDATES_INTERVAL="0.02") as (port, _):
        page = open_page(f"http://127.0.0.1:{port}/")
        page.page.wait_for_function("() => Number(document.getElementById('number').textContent) > 3")
        remote.run(f"""
import js
from browserws import WebSocket
js.heard = js.ended = ""
ws = WebSocket("ws://127.0.0.1:{port}/updates", onopen=lambda: ws.send("bye"))
ws.bind("message", lambda event: setattr(js, "heard", js.heard + event.data))
ws.bind("close", lambda event: setattr(js, "ended", str(event.code)))
""")
        remote.page.wait_for_function("() => ended === '1000' && heard.includes('said') && heard.includes('update')")


@pytest.mark.parametrize(("interpreter", "server"), [("py", example), ("mpy", example), ("mpy", example_of_robyn)])
def test_chat_client_in_the_chat_room(open_page, site, wheels, interpreter, server):
    runtime = {"py": "/pyodide/pyodide.mjs", "mpy": "/micropython/micropython.mjs"}[interpreter]
    with server("chat") as (port, _):
        (BUILD / "made").mkdir(exist_ok=True)
        (BUILD / "made" / "robyn_main.py").write_text(SCRIPT.format(url=f"ws://127.0.0.1:{port}/chat"))
        config = {"interpreter": runtime, "packages": wheels, "files": {"/tests/robyn_client.py": ""}}
        query = {"type": interpreter, "script": "/made/robyn_main.py", "config": json.dumps(config)}
        page = open_page(site.url("/tests/install.html?" + urlencode(query)))
        page.wait_for_console("all was said")
