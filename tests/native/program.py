"""What the tests of this folder are written with."""

import asyncio
import contextlib
import gc
import signal
import subprocess
import sys

import suite
from websockets.asyncio.server import serve

from tools.paths import ROOT


def program(source):
    """As somebody starts it in a terminal. (In the background of a shell, Ctrl-C would be ignored.)"""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen([sys.executable, "-c", source], cwd=ROOT, **pipes)
    finally:
        signal.signal(signal.SIGINT, before)


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
