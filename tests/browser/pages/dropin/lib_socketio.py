"""python-socketio's AsyncClient, against python-socketio's own server."""

import asyncio

import browserws.dropin

browserws.dropin.install()

import socketio
from browserws.dropin.errors import NotInPages
from tools import raised, server, until

POLLING, WEBSOCKET = ["polling"], ["websocket"]


class Client:
    """A connected client that keeps what comes."""

    def __init__(self, **options):
        self.sio = socketio.AsyncClient(reconnection_delay=0.01, **options)
        self.came = []
        for event in ("welcome", "echoed", "answered", "joined"):
            self.sio.on(event, lambda *data, event=event: self.came.append((event, *data)))

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exception):
        await self.sio.disconnect()
        await self.sio.eio.wait()
        await until(lambda: self.sio.eio.state == "disconnected")

    async def connect(self, **options):
        await self.sio.connect(server("http"), wait_timeout=10, **options)
        await until(lambda: self.came)

    async def transport(self):
        return await self.sio.call("transport")


async def polling_is_upgraded():
    """the default: polling, then an upgrade to a WebSocket"""
    async with Client() as client:
        await client.connect()
        assert client.sio.transport() == "websocket" and await client.transport() == "websocket"
        assert await client.sio.call("echo", "x") == "x"


async def a_websocket_alone():
    """`transports=["websocket"]`"""
    async with Client() as client:
        await client.connect(transports=WEBSOCKET)
        assert await client.transport() == "websocket"


async def polling_alone():
    """`transports=["polling"]`"""
    async with Client() as client:
        await client.connect(transports=POLLING)
        assert await client.transport() == "polling"
        assert await client.sio.call("echo", {"a": [1, None, "☃"]}) == {"a": [1, None, "☃"]}


async def acknowledgements():
    """acknowledgements, both ways"""
    async with Client() as client:
        client.sio.on("question", lambda text: text.upper())
        await client.connect()
        done = asyncio.Event()
        await client.sio.emit("echo", ("a", 2), callback=lambda *data: (client.came.append(data), done.set()))
        await done.wait()
        assert ("a", 2) in client.came and ("echoed", "a", 2) in client.came
        await client.sio.emit("ask", "really?")
        await until(lambda: ("answered", "REALLY?") in client.came)


async def binary_data():
    """binary data, alone and inside of other data"""
    async with Client() as client:
        await client.connect()
        for data in (b"\0\xff", {"a": b"x" * 300_000, "b": [b"", 1]}):
            assert await client.sio.call("echo", data) == data


async def binary_data_by_polling():
    """binary data by polling"""
    async with Client() as client:
        await client.connect(transports=POLLING)
        assert await client.sio.call("echo", {"a": b"\0\xff"}) == {"a": b"\0\xff"}


async def namespaces():
    """namespaces"""
    async with Client() as client:
        client.sio.on("welcome", lambda data: client.came.append(data), namespace="/admin")
        await client.connect(namespaces=["/", "/admin"])
        assert await client.sio.call("echo", 1, namespace="/admin") == ["admin", 1]
        await until(lambda: "admin" in client.came)


async def authentication():
    """`auth`, and a server that refuses it"""
    async with Client() as client:
        await client.connect(auth={"token": "good"})
        assert client.came == [("welcome", {"auth": {"token": "good"}})]
    refused = Client()
    await raised(socketio.exceptions.ConnectionError, refused.sio.connect(server("http"), auth={"token": "bad"}))
    await refused.sio.eio.wait()


async def rooms():
    """rooms: what one client sends another gets"""
    async with Client() as one, Client() as other:
        await one.connect()
        await other.connect()
        await one.sio.emit("join", "room")
        await other.sio.emit("join", "room")
        await until(lambda: ("joined", other.sio.get_sid()) in one.came)


async def it_reconnects():
    """automatic reconnection after a lost connection"""
    async with Client() as client:
        await client.connect()
        await client.sio.emit("cut")
        await until(lambda: len(client.came) == 2 and client.sio.namespaces)  # the welcome comes before it
        assert await client.sio.call("echo", "again") == "again"


async def heartbeats_go_on():
    """the server's heartbeats"""
    async with Client() as client:
        await client.connect(transports=WEBSOCKET)
        await asyncio.sleep(3.5)  # longer than its ping_interval and ping_timeout together
        assert await client.sio.call("echo", "x") == "x" and len(client.came) == 2


async def no_server_is_a_connection_error():
    """no server: `ConnectionError`"""
    for transports in (POLLING, WEBSOCKET):
        client = Client(reconnection=False)
        attempt = client.sio.connect("http://localhost:9", transports=transports)
        await raised(socketio.exceptions.ConnectionError, attempt)


async def the_simple_client():
    """`AsyncSimpleClient`"""
    async with socketio.AsyncSimpleClient() as client:
        await client.connect(server("http"))
        assert (await client.receive())[0] == "welcome"
        assert await client.call("echo", "x") == "x"
        eio = client.client.eio
    await eio.wait()


async def refuses_headers():
    """`headers`, with a WebSocket: they are named"""
    client = Client(reconnection=False)
    error = await raised(
        NotInPages, client.sio.connect(server("http"), headers={"Authorization": "x"}, transports=WEBSOCKET)
    )
    assert "Authorization" in str(error)
