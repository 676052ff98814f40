"""What the tests of this folder use."""

import asyncio

from __main__ import options


def url(path, scheme="ws"):
    """Of the server of the conformance suite (tests/conformance/scenarios.py)."""
    return f"{scheme}://localhost:{options['port']}{path}"


def server(name, path="", scheme="http"):
    """Of one of the servers in tests/browser/dropin_servers.py."""
    return f"{scheme}://localhost:{options['servers'][name]}{path}"


async def raised(kind, awaitable):
    """The exception that awaiting raises."""
    try:
        await awaitable
    except kind as error:
        return error
    raise AssertionError(f"{kind} was not raised")


async def until(condition, seconds=10):
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)
