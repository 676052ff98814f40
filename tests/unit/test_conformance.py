"""The conformance suite in CPython, against the fake that users test their pages with."""

import asyncio
import contextlib

import pytest
import scenarios
import suite

from browserws.testing import FakeNetwork
from tests.names import conformance_names


@pytest.mark.parametrize("name", conformance_names())
def test_conformance(name, monkeypatch):
    monkeypatch.setattr(suite.here, "server", "ws://fake.test")
    monkeypatch.setattr(suite.here, "blocked", "ws://blocked.test/echo")
    monkeypatch.setattr(suite.here, "forbidden_port", "ws://blocked.test:1/echo")
    network = FakeNetwork(
        scenarios.serve,
        page="http://fake.test/index.html",
        refuse=scenarios.refuses,
        hold=scenarios.holds,
        blocked=lambda url: "blocked" in url,
        select_subprotocol=lambda connection, offered: scenarios.select_subprotocol(connection, offered),
    )

    @contextlib.contextmanager
    def no_sockets():
        network.blocked = lambda url: True  # from now on: the fake looks at it a moment later
        yield

    monkeypatch.setattr(suite.here, "no_sockets", no_sockets)

    async def main():
        with network:
            return await suite.run(name)

    failure = asyncio.run(main())
    assert failure is None, failure
