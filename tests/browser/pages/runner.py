"""Runs the test of the suite whose name comes through the channel, and answers with the failure, or nothing."""

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
suite.here.has_streams = hasattr(js, "WebSocketStream")
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


async def next_event(socket, name):
    """That event of a JavaScript object."""
    events = suite.Log()
    socket.addEventListener(name, create_proxy(events.append))
    await events.reaches(1)
    return events[0]


async def cuts_reasons():
    """What JavaScript itself says: there is nothing of the package in between. (WebKitGTK's reasons end at a NUL.)"""
    key = suite.key()
    socket = js.WebSocket.new(suite.here.server + "/report-close/" + key)
    await next_event(socket, "open")
    js.Reflect.apply(js.Reflect.get(socket, "close"), socket, js.JSON.parse('[4000, "a\\u0000b"]'))
    answer = await next_event(js.WebSocket.new(suite.here.server + "/closes/" + key), "message")
    return answer.data == '[4000, "a"]'


suite.here.cuts_reasons = cuts_reasons


channel = js.BroadcastChannel.new("tests")  # with the page, from a worker, too


def run_test(event):
    async def run(name):
        try:
            failure = await suite.run(name) or ""
        except Exception as error:  # a module of the suite could not be imported
            failure = repr(error)
        channel.postMessage(failure)

    asyncio.create_task(run(event.data))


channel.onmessage = create_proxy(run_test)
channel.postMessage("ready for tests")
