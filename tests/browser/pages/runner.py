"""Makes `runTest(name, done)` of the page or worker run a test of the suite."""

import asyncio
import sys

import js

sys.path.append(".")

import suite
from pyscript.ffi import create_proxy


suite.here.server = "ws" + js.location.origin[4:]
suite.here.blocked = suite.here.server.replace("localhost", "127.0.0.1") + "/echo"
if sys.implementation.name == "micropython":
    suite.here.largest = 128 * 1024
suite.here.page_path_known = hasattr(js, "document")


class NoSockets:
    """What `new` is asked for throws, as in Firefox where the policy forbids the address."""

    names = [name for name in ("WebSocket", "WebSocketStream") if hasattr(js, name)]

    def __enter__(self):
        self.real = [getattr(js, name) for name in self.names]
        for name in self.names:
            setattr(js, name, js.parseInt)

    def __exit__(self, *exception):
        for name, real in zip(self.names, self.real):
            setattr(js, name, real)


suite.here.no_sockets = NoSockets


def run_test(name, done):
    async def run():
        try:
            done(await suite.run(name) or "")
        except Exception as error:  # a module of the suite could not be imported
            done(repr(error))

    asyncio.create_task(run())


js.runTest = create_proxy(run_test)
print("ready for tests")
