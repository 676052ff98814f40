"""Makes `runTest(name, done)` of Node run a test of the suite; `serverUrl` is the server's, and nobody
listens at `blockedUrl`."""

import asyncio
import sys

import js
import suite

if sys.implementation.name == "micropython":
    from jsffi import create_proxy

    suite.here.largest = 128 * 1024
else:
    from pyodide.ffi import create_proxy

suite.here.server = js.serverUrl
suite.here.is_page = False
suite.here.has_streams = False
suite.here.blocked = js.blockedUrl


class NoSockets:
    """What `new` is asked for throws."""

    def __enter__(self):
        self.real = js.WebSocket
        js.WebSocket = js.parseInt

    def __exit__(self, *exception):
        js.WebSocket = self.real


suite.here.no_sockets = NoSockets


def run_test(name, done):
    async def run():
        try:
            done(await suite.run(name) or "")
        except Exception as error:  # a module of the suite could not be imported
            done(repr(error))

    asyncio.create_task(run())


js.runTest = create_proxy(run_test)
