"""python-socketio's AsyncClient, against Flask-SocketIO."""

import browserws.dropin

browserws.dropin.install()

import socketio
from tools import raised, server, until


class Client:
    """A connected client that keeps what it is told."""

    def __init__(self, **auth):
        self.auth = {"user": "ada", **auth}
        self.sio = socketio.AsyncClient()
        self.said = []
        self.sio.on("said", lambda *data: self.said.append(data))
        self.sio.on("question", lambda text: text.upper())

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exception):
        await self.sio.disconnect()
        await self.sio.eio.wait()
        await until(lambda: self.sio.eio.state == "disconnected")

    async def connect(self, **options):
        await self.sio.connect(server("flask"), auth=self.auth, wait_timeout=10, **options)


async def each_transport():
    """with Flask-SocketIO as the server: polling and its upgrade, `transports=["websocket"]`"""
    for transports in (None, ["websocket"]):
        async with Client() as client:
            await client.connect(transports=transports)
            assert client.sio.transport() == await client.sio.call("transport") == "websocket"


async def acknowledgements():
    """acknowledgements, both ways"""
    async with Client() as client:
        await client.connect()
        assert await client.sio.call("echo", ("a", 2)) == ("a", 2)
        assert await client.sio.call("ask", "really?") == "REALLY?"


async def binary_data():
    """binary data"""
    for transports in (["websocket"], ["polling"]):
        async with Client() as client:
            await client.connect(transports=transports)
            data = {"a": b"x" * 100_000, "b": [b"", 1]}
            assert await client.sio.call("echo", data) == data


async def rooms_and_namespaces():
    """rooms, in a namespace"""
    async with Client() as ada, Client(user="bob") as bob:
        for client in (ada, bob):
            await client.connect(namespaces=["/chat"])
            client.sio.on("said", lambda *data, client=client: client.said.append(data), namespace="/chat")
            await client.sio.call("enter", "lobby", namespace="/chat")
        await ada.sio.emit("say", ("lobby", "hello"), namespace="/chat")
        await until(lambda: ada.said and bob.said)
        assert ada.said == bob.said == [("lobby", "hello", "ada")]
        await bob.sio.call("exit", "lobby", namespace="/chat")
        await ada.sio.emit("say", ("lobby", "again"), namespace="/chat")
        await until(lambda: len(ada.said) == 2)
        assert len(bob.said) == 1


async def it_can_be_refused():
    """a server that refuses `auth`"""
    client = Client(token="stolen")
    await raised(socketio.exceptions.ConnectionError, client.connect())
    await client.sio.eio.wait()
