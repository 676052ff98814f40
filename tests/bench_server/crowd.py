"""Thousands of clients in one process, as light as they can be: they count what comes by a mark in each message."""

import asyncio
import json

from websockets.frames import Opcode

from tests.raw_client import frame, handshake, text_frame

PING = b"\x89"  # text has no such byte
MARK = b"Q"  # in each payload, once; no length of a frame of these sizes has this byte


class Way:
    """How a peer is spoken to: bytes that it sends when a client is let in, and what a client says."""

    path = "/"
    ready = b"joined"

    def path_of(self, room):
        return self.path

    def hello(self, number, room):
        """Texts to send when the connection is open."""
        return []

    def publish(self, room, text):
        return text


class RoomInPath(Way):
    def path_of(self, room):
        return "/" + room


class Hub(Way):
    ready = b'"joined"'
    _id = 1

    def hello(self, number, room):
        return [
            json.dumps({"type": "hello", "v": 1, "user": f"u{number}"}),
            json.dumps({"type": "join", "id": 1, "channel": room}),
        ]

    def publish(self, room, text):
        self._id += 1
        return json.dumps({"type": "publish", "id": self._id, "channel": room, "data": text})


class SocketIO(Way):
    path = "/socket.io/?EIO=4&transport=websocket"

    def hello(self, number, room):
        return ["40", "42" + json.dumps(["join", room])]

    def publish(self, room, text):
        return "42" + json.dumps(["say", [room, text]])


class Client(asyncio.Protocol):
    def __init__(self, crowd, number, room):
        self.crowd = crowd
        self.room = room
        self.ready = asyncio.get_running_loop().create_future()
        self._hello = crowd.way.hello(number, room)
        self._read = b""

    def connection_made(self, transport):
        self.transport = transport
        transport.write(handshake(self.crowd.port, self.crowd.way.path_of(self.room)))

    def data_received(self, data):
        if self.ready.done():
            self.crowd.count(data.count(MARK))
            if data == b"\x81\x012":  # python-socketio's ping
                self.send("3")
            at = data.find(PING)
            if at >= 0:
                self.transport.write(frame(Opcode.PONG, data[at + 2 : at + 2 + data[at + 1]]))
            return
        self._read += data
        if self._hello and b"\r\n\r\n" in self._read:
            for text in self._hello:
                self.send(text)
            self._hello = []
        if self.crowd.way.ready in self._read:
            self.ready.set_result(None)
            self._read = b""

    def connection_lost(self, error):
        if not self.ready.done():
            self.ready.set_exception(error or ConnectionError("closed"))

    def send(self, text):
        self.transport.write(text_frame(text))


class Crowd:
    """Clients of one server, on several ports if there are several processes of it."""

    def __init__(self, way, ports):
        self.way = way
        self.ports = ports
        self.clients = []
        self._members = {}  # one for each room: who publishes there
        self._left = 0
        self._done = None

    @property
    def port(self):
        return self.ports[len(self.clients) % len(self.ports)]

    async def come(self, rooms, at_once=100):
        """One client for each name of a room in the list."""
        gate = asyncio.Semaphore(at_once)
        loop = asyncio.get_running_loop()

        async def one(number, room):
            async with gate:
                port = self.ports[number % len(self.ports)]
                _, client = await loop.create_connection(lambda: Client(self, number, room), "127.0.0.1", port)
                await client.ready
                self.clients.append(client)
                self._members[room] = client

        await asyncio.gather(*(one(number, room) for number, room in enumerate(rooms)))

    async def hear(self, publishes, listeners, size):
        """Seconds until each of the listeners of each of the rooms published to has got its message."""
        loop = asyncio.get_running_loop()
        self._left = len(publishes) * listeners
        self._done = loop.create_future()
        text = MARK.decode() + "x" * (size - 1)
        began = loop.time()
        for room in publishes:
            self._members[room].send(self.way.publish(room, text))
        await asyncio.wait_for(self._done, 60)
        return loop.time() - began

    def count(self, marks):
        self._left -= marks
        if self._left <= 0 and self._done is not None and not self._done.done():
            self._done.set_result(None)

    async def go(self):
        for client in self.clients:
            client.transport.abort()
        self.clients = []
        await asyncio.sleep(0.2)  # the server is done with them before the next round is measured
