"""The conformance suite in a program: CPython, a real network, and no page."""

import asyncio
import contextlib
import gc

import pytest
import suite
import uvloop

from tests.names import conformance_names
from tools.ports import free_port

NETWORK = ("test_backpressure", "test_closing", "test_messages")  # what is about the transport


@contextlib.contextmanager
def no_sockets():
    """From now on, the system refuses to make any."""

    async def refuse(*arguments, **keywords):
        raise OSError("no sockets for this test")

    asyncio.get_running_loop().create_connection = refuse  # the loop ends with the test
    yield


@pytest.mark.parametrize("name", conformance_names())
def test_conformance(name, here):
    check(name, asyncio.new_event_loop)


@pytest.mark.parametrize("name", [name for name in conformance_names() if name.split("::")[0] in NETWORK])
def test_conformance_with_uvloop(name, here):
    """Of its transports: the rest is the same."""
    check(name, uvloop.new_event_loop)


@pytest.fixture
def here(server, monkeypatch):
    monkeypatch.setattr(suite.here, "server", server)
    monkeypatch.setattr(suite.here, "blocked", f"ws://localhost:{free_port()}/echo")  # where nobody listens
    monkeypatch.setattr(suite.here, "is_page", False)
    monkeypatch.setattr(suite.here, "is_program", True)
    monkeypatch.setattr(suite.here, "no_sockets", no_sockets)


def check(name, loop_factory):
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        failure = runner.run(suite.run(name))
    assert failure is None, failure
    gc.collect()  # a transport that is left open warns now, and in this test
