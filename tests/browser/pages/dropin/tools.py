"""What the tests of this folder use."""

import asyncio
import functools

import js
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


def raised_by(kind, function, *arguments, **keywords):
    """The exception that calling raises."""
    try:
        function(*arguments, **keywords)
    except kind as error:
        return error
    raise AssertionError(f"{kind} was not raised")


def blocking(assert_lack):
    """A test that blocks. Where the browser lets nobody block, `assert_lack`, which may be async, asserts that the
    library is told why."""

    def decorate(test):
        @functools.wraps(test)
        async def run():
            if hasattr(js.WebAssembly, "Suspending"):
                await test()
            else:
                result = assert_lack()
                if result is not None:
                    await result

        return run

    return decorate


def async_lack(start):
    """For `blocking`."""

    async def assert_lack():
        assert "JSPI" in str(await raised(NotImplementedError, start()))

    return assert_lack


class Ticking:
    """`ticks` grows as long as the page and other tasks go on."""

    async def __aenter__(self):
        self.ticks = 0
        self._task = asyncio.create_task(self._tick())
        return self

    async def __aexit__(self, *exception):
        self._task.cancel()

    async def _tick(self):
        while True:
            await asyncio.sleep(0.001)
            self.ticks += 1


async def until(condition, seconds=10):
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)
