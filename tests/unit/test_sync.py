import asyncio

import pytest

from browserws.sync import connect
from browserws.testing import FakeNetwork


def test_outside_of_a_browser_it_says_so():
    with pytest.raises(NotImplementedError, match="browser"):
        connect("ws://example.org/")


def test_in_the_fake_it_says_so():
    async def main():
        with FakeNetwork(None), pytest.raises(NotImplementedError, match="FakeNetwork"):
            connect("/echo")

    asyncio.run(main())
