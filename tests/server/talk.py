"""A hub on a port of its own, and clients that speak PROTOCOL.md by hand."""

import asyncio
import json
from contextlib import asynccontextmanager

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from browserws.server import Hub, Settings
from tests.server import over

SECONDS = 20


def run(coroutine, seconds=SECONDS):
    """A test's coroutine, in a loop of its own."""
    with asyncio.Runner(loop_factory=over.loop_factory) as runner:
        return runner.run(asyncio.wait_for(coroutine, seconds))


@asynccontextmanager
async def running(*, authenticate=None, authorize=None, store=None, **settings):
    """A hub, in the server that `--over` names; its clients come from `hub.client(...)`."""
    hub = Hub(authenticate=authenticate, authorize=authorize, store=store, settings=Settings(**settings))
    async with over.serving(hub) as (port, server):
        yield Running(hub, port, server)


class Running:
    def __init__(self, hub, port, server=None):
        self.hub = hub
        self.port = port
        self.server = server
        self.url = f"ws://localhost:{port}"

    @asynccontextmanager
    async def socket(self, **options):
        """`run` is the one that loses patience, not a time-out of the client's."""
        unlimited = dict.fromkeys(("max_size", "max_queue", "ping_interval", "open_timeout"))
        options = {"compression": None, **unlimited, **options}
        async with connect(self.url, **options) as socket:
            yield Client(socket)

    @asynccontextmanager
    async def client(self, user="ada", **hello):
        """One that the hub has let in."""
        async with self.socket() as client:
            await client.hello(user=user, **hello)
            yield client

    async def get(self, path):
        """Status and body of an HTTP request."""
        reader, writer = await asyncio.open_connection("localhost", self.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        answer = (await reader.read()).decode()
        writer.close()
        head, _, body = answer.partition("\r\n\r\n")
        return int(head.split()[1]), body


class Client:
    def __init__(self, socket):
        self.socket = socket
        self._id = 0
        self._waiting = []  # messages that came and were not asked for yet

    async def send(self, type_, **fields):
        await self.socket.send(json.dumps({"type": type_, **fields}))

    async def receive(self, type_=None):
        """The next message, of that type; the others wait for who asks for them."""
        return await self._next(lambda message: type_ in (None, message["type"]))

    async def _next(self, is_wanted):
        for message in self._waiting:
            if is_wanted(message):
                self._waiting.remove(message)
                return message
        while True:
            frame = await self.socket.recv()
            if isinstance(frame, bytes):
                head, _, data = frame.partition(b"\n")
                message = {**json.loads(head), "data": data}
            else:
                message = json.loads(frame)
            if is_wanted(message):
                return message
            self._waiting.append(message)

    async def hello(self, **fields):
        await self.send("hello", v=1, **fields)
        self.welcome = await self.receive("welcome")
        return self.welcome

    async def ask(self, type_, **fields):
        """The answer to a request; `error` messages are answers, too."""
        self._id += 1
        await self.send(type_, id=self._id, **fields)
        return await self._next(lambda message: message.get("id") == self._id)

    async def closed(self):
        """The code with which the hub closes."""
        try:
            while True:
                await self.socket.recv()
        except ConnectionClosed:
            return self.socket.close_code
