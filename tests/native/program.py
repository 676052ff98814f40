"""What the tests of this folder are written with."""

import asyncio
import contextlib
import gc

import suite
from websockets.asyncio.server import serve


def tasks_of(loop):
    return [task for task in asyncio.all_tasks(loop) if not task.done()]


def run(coroutine):
    """As a program does; what is left behind is a warning, or told to the event loop, and fails the test."""
    problems = []

    async def within_a_minute():
        nonlocal loop
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: problems.append(context))
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(60):
            return await coroutine

    loop = None
    result = asyncio.run(within_a_minute())
    gc.collect()
    assert problems == [] and tasks_of(loop) == []
    return result


@contextlib.asynccontextmanager
async def served(handler, **options):
    async with serve(handler, "localhost", 0, **options) as server:
        yield f"ws://localhost:{server.sockets[0].getsockname()[1]}"


class Recorder(suite.Recorder):
    """That of the suite, for a whole URL, or an `Endpoint`, to which nothing can be added."""

    def __init__(self, url, *arguments, **handlers):
        suite.here.server = _Nothing()
        super().__init__(url, *arguments, **handlers)


class _Nothing:
    def __add__(self, url):
        return url


async def events_of(url, **arguments):
    """What happens to a socket, from its beginning to its end."""
    recorder = Recorder(url, **arguments)
    await recorder.closed()
    return recorder
