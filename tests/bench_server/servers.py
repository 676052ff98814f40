"""The peers, as programs that do the least that sends a message to a room:

python -m tests.bench_server.servers NAME PORT
"""

import asyncio
import sys

import uvloop


async def websockets_broadcast(port):
    """Bare `websockets.broadcast`; the path is the room."""
    from websockets.asyncio.server import broadcast, serve

    rooms = {}

    async def handler(connection):
        room = rooms.setdefault(connection.request.path, set())
        room.add(connection)
        await connection.send("joined")
        try:
            async for message in connection:
                broadcast(room, message)
        finally:
            room.discard(connection)

    async with serve(handler, "localhost", port, compression=None, ping_interval=None):
        await asyncio.get_running_loop().create_future()


async def picows_broadcast(port):
    """picows, a server in Cython, as bare as it is."""
    import picows

    rooms = {}

    class Member(picows.WSListener):
        def __init__(self, room):
            self.room = room

        def on_ws_connected(self, transport):
            self.room.add(transport)
            transport.send(picows.WSMsgType.TEXT, b"joined")

        def on_ws_frame(self, transport, frame):
            if frame.msg_type == picows.WSMsgType.TEXT:
                data = frame.get_payload_as_bytes()
                for member in self.room:
                    member.send(picows.WSMsgType.TEXT, data)

        def on_ws_disconnected(self, transport):
            self.room.discard(transport)

    server = await picows.ws_create_server(
        lambda request: Member(rooms.setdefault(request.path, set())), "127.0.0.1", port
    )
    await server.serve_forever()


async def python_socketio(port):
    """python-socketio's asyncio server on uvicorn."""
    import socketio
    import uvicorn

    server = socketio.AsyncServer(async_mode="asgi")

    @server.event
    async def join(sid, room):
        await server.enter_room(sid, room)
        await server.emit("joined", to=sid)

    @server.event
    async def say(sid, message):
        room, text = message
        await server.emit("said", text, room=room)

    app = socketio.ASGIApp(server)
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", ws_per_message_deflate=False)
    await uvicorn.Server(config).serve()


def robyn(port):
    """Robyn's `broadcast` goes to all: it has no rooms."""
    from robyn import Robyn

    app = Robyn(__file__)

    @app.websocket("/")
    async def handler(websocket):
        while True:
            await websocket.broadcast(await websocket.receive_text())

    @handler.on_connect
    def connected(websocket):
        return "joined"

    app.start(host="127.0.0.1", port=port)


if __name__ == "__main__":
    name, port = sys.argv[1], int(sys.argv[2])
    sys.argv = sys.argv[:1]  # Robyn reads the command line
    if name == "robyn":
        robyn(port)
    else:
        uvloop.run(globals()[name](port))
