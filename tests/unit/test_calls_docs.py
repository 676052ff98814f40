"""docs/how-to/calls.md: its program and its page, together; its tables against the code."""

import asyncio
import re

from browserws import Channels
from browserws.server import Hub, PageConnection, Settings
from browserws.server.handlers import EVENTS
from browserws.testing import FakeNetwork
from tests.documents import block
from tools.paths import ROOT

TEXT = (ROOT / "docs" / "how-to" / "calls.md").read_text()


def test_the_page_of_the_documentation_calls_the_program_of_the_documentation(capsys):
    program, page = {"__name__": "app"}, {}
    exec(block("def moderate"), program)
    source = block("numbers:\n").replace("ws://localhost:8765", "ws://fake.test/hub")

    async def main():
        hub = Hub()
        program["setup"](hub)
        async with hub:
            with FakeNetwork(hub.handle):
                exec(source.replace("asyncio.create_task(main())", "task = asyncio.create_task(main())"), page)
                await page["task"]
                page["channels"].close()

    asyncio.run(asyncio.wait_for(main(), 10))
    numbers = [str(number) for number in range(11)]
    assert capsys.readouterr().out.split("\n") == ["3", *numbers, "unknown_call there is no such function", ""]


def test_the_factory_of_the_documentation_can_be_injected():
    class Database:
        pass

    class Session:
        pass

    names = {"Hub": Hub, "Database": Database, "Session": Session, "database": Database(), "app_state": {}}
    exec("from collections.abc import AsyncIterator\n" + block("@hub.factory"), names)
    function = names["hub"].functions.find("orders", ("limit",))
    assert function.from_page == {"limit": False}


def test_the_tables_are_those_of_the_code():
    assert set(re.findall(r'^\| `"(\w+)"` \|', TEXT, re.MULTILINE)) == set(EVENTS)
    for name in re.findall(r"--([\w-]+)` \((\d+)", TEXT):
        assert getattr(Settings(), name[0].replace("-", "_")) == int(name[1])
    for name in re.findall(r"await hub\.(\w+)\(", TEXT):
        assert callable(getattr(Hub, name))
    for name in ("id", "user", "path", "query", "headers", "address", "send", "close"):
        assert hasattr(PageConnection, name) or name in ("id", "user")
    assert callable(Channels.call)
