"""The Python on the pages of docs/ runs as it stands there, page by page: a block of text below it is what it prints.

Pages talk to a hub at the paths / and /hub, and to an echo at all others. What a page has for the hub's program
(`authenticate`, `setup`) is the hub's. Functions that are called `test_...` are run.
"""

import ast
import asyncio
import inspect
import re
import sys
import types

import pytest

from browserws.server import Hub, Settings
from browserws.testing import FakeNetwork
from tools.paths import ROOT

DOCS = ROOT / "docs"
BLOCK = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```)?", re.MULTILINE | re.DOTALL)

# Pages whose Python goes on for ever: what each block prints at least. None: tests/server/test_how_to.py runs it.
ENDLESS = {
    "index.md": ["hello"],
    "how-to/asyncio.md": ["hello", "welcome", None],
    "how-to/channels.md": [None, "None knight ['guest']"],
    "how-to/reconnection.md": ["hello"],
    "how-to/reload.md": ["also written without a network"],
}

# Pages whose Python has a test of its own elsewhere: as it stands there, or why not.
ELSEWHERE = {
    "how-to/calls.md": "as it stands: tests/unit/test_calls_docs.py",
    "how-to/other-servers.md": "as it stands: tests/unit/test_readme.py",
    "how-to/frameworks.md": "as it stands: tests/server/test_how_to.py",
    "how-to/robyn.md": "as it stands: tests/server/test_how_to.py",
    "how-to/dropin.md": "its libraries need a page, and some a service with an account: tests/browser/test_dropin.py; "
    "what needs neither runs in tests/unit/test_dropin_docs.py",
    "how-to/robyn-chat.md": "as it stands: tests/server/test_how_to.py",
    "how-to/socketio.md": "as it stands: tests/server/test_how_to.py",
}


def blocks(page):
    """(source, what it prints or None)"""
    return BLOCK.findall(page.read_text())


PAGES = {str(page.relative_to(DOCS)): page for page in sorted(DOCS.rglob("*.md")) if blocks(page)}


class Response:
    """As `pyscript.fetch` gives it: it and its text can be awaited."""

    status = 200

    def __await__(self):
        yield from asyncio.sleep(0).__await__()
        return self

    async def text(self):
        return "3f1c"


@pytest.fixture
def page_of_pyscript(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyscript", types.SimpleNamespace(fetch=lambda url: Response()))


async def echo(connection):
    async for message in connection:
        await connection.send(message)


async def no_page():
    """For the first example of how-to/testing.md, which has a test with a page in tests/unit/test_readme.py."""


async def publish_prices(hub):
    while True:
        await hub.publish("ACME", {"price": 100})
        await asyncio.sleep(0.1)


def is_program(source):
    return "def authenticate" in source or "def setup" in source


async def run_block(source, names):
    before = set(names)
    result = eval(compile(source, "the documentation", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
    if inspect.isawaitable(result):
        await result
    for name in set(names) - before:
        if name.startswith("test_"):
            await names[name]()


@pytest.mark.parametrize("name", [name for name in PAGES if name not in {**ELSEWHERE, **ENDLESS}])
def test_page(name, capsys, page_of_pyscript):
    names = {"__name__": "page", "my_page": types.SimpleNamespace(main=no_page)}
    found = blocks(PAGES[name])
    for source, _ in found:
        if is_program(source):
            exec(source, names)

    async def printed(expected):
        text = ""
        while len(text) < len(expected):
            await asyncio.sleep(0.01)
            text += capsys.readouterr().out
        return text

    async def main():
        hub = Hub(authenticate=names.get("authenticate"), settings=Settings(rate=100_000))
        if "setup" in names:
            names["setup"](hub)
        async with hub:
            prices = asyncio.create_task(publish_prices(hub))
            paths = {"/": hub.handle, "/hub": hub.handle}
            with FakeNetwork(lambda connection: paths.get(connection.request.path, echo)(connection)):
                for source, expected in found:
                    if not is_program(source):
                        await run_block(source, names)
                    assert await printed(expected) == expected, source
            prices.cancel()

    asyncio.run(asyncio.wait_for(main(), 60))


# --- blocks that go on for ever ---


async def greet_and_repeat(connection):
    await connection.send("welcome")
    async for message in connection:
        await connection.send(message)
        await connection.close()


async def publish_moves(hub):
    while True:
        await hub.publish("room", "knight")
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("name", ENDLESS)
def test_page_that_goes_on(name, capsys):
    async def run_until_it_prints(source, expected):
        running = asyncio.create_task(run_block(source, {"fresh_token": lambda: "3f1c"}))
        printed = ""
        while expected not in printed:
            await asyncio.sleep(0.01)
            printed += capsys.readouterr().out
            if running.done():
                running.result()
        running.cancel()

    async def main():
        found = blocks(PAGES[name])
        assert len(found) == len(ENDLESS[name])
        async with Hub() as hub:
            moves = asyncio.create_task(publish_moves(hub))
            for (source, _), expected in zip(found, ENDLESS[name], strict=True):
                if expected is not None:
                    with FakeNetwork(hub.handle if "Channels" in source else greet_and_repeat):
                        await run_until_it_prints(source, expected)
            moves.cancel()

    asyncio.run(asyncio.wait_for(main(), 60))


def test_what_is_tested_elsewhere_is_there():
    for name, reason in ELSEWHERE.items():
        assert name in PAGES
        for file in re.findall(r"tests/[\w/]+\.py", reason):
            assert (ROOT / file).is_file(), file


def test_a_page_that_prints_something_else_is_noticed(tmp_path, monkeypatch, capsys, page_of_pyscript):
    page = tmp_path / "page.md"
    page.write_text("```python\nprint(1)\n```\n\n```text\n2\n```\n")
    monkeypatch.setitem(PAGES, "page.md", page)
    with pytest.raises(AssertionError, match=r"print\(1\)"):
        test_page("page.md", capsys, None)
