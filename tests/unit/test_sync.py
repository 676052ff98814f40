import asyncio

import pytest

from browserws.sync import connect
from browserws.testing import FakeNetwork


def test_outside_of_a_browser_it_says_so(no_host):
    with pytest.raises(NotImplementedError, match="browser"):
        connect("ws://example.org/")


def test_iterating_over_connections_is_refused():
    """With `legacy=False`, the `connect` of websockets gives connection after connection."""
    with pytest.raises(TypeError, match="legacy=False"):
        connect("ws://example.org/", legacy=False)


def test_in_the_fake_it_says_so():
    async def main():
        with FakeNetwork(None), pytest.raises(NotImplementedError, match="FakeNetwork"):
            connect("/echo")

    asyncio.run(main())
