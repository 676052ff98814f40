"""The conformance suite in a program: CPython, a real network, and no page."""

import asyncio
import contextlib
import gc

import pytest
import suite

from tests.names import conformance_names
from tools.ports import free_port


@contextlib.contextmanager
def no_sockets():
    """From now on, the system refuses to make any."""

    async def refuse(*arguments, **keywords):
        raise OSError("no sockets for this test")

    asyncio.get_running_loop().create_connection = refuse  # the loop ends with the test
    yield


@pytest.mark.parametrize("name", conformance_names())
def test_conformance(name, server, monkeypatch):
    monkeypatch.setattr(suite.here, "server", server)
    monkeypatch.setattr(suite.here, "blocked", f"ws://localhost:{free_port()}/echo")  # where nobody listens
    monkeypatch.setattr(suite.here, "is_page", False)
    monkeypatch.setattr(suite.here, "no_sockets", no_sockets)
    failure = asyncio.run(suite.run(name))
    assert failure is None, failure
    gc.collect()  # a transport that is left open warns now, and in this test
