"""Robyn's WebSockets as they were until Robyn 0.79: a program of them runs with its import changed

    from browserws.server.robyn import Robyn, WebSocket

    app = Robyn(__file__)
    websocket = WebSocket(app, "/ws")

    @websocket.on("connect")
    def connect(ws):
        ws.sync_broadcast(f"{ws.id} is here")
        return "welcome"                        # sent to this client

    @websocket.on("message")
    async def message(ws, msg):
        await ws.async_send_to(ws.id, msg)

    @app.get("/")
    def index():
        return "<!doctype html> ..."

    app.start(host="127.0.0.1", port=8080)

docs/how-to/robyn.md says what is the same and what differs. With `Robyn(__file__, redis="redis://localhost")` any
number of processes broadcast as one.
"""

from .app import Robyn, WebSocket
from .connector import QueryParams, WebSocketConnector
from .routes import html, jsonify

__all__ = ["QueryParams", "Robyn", "WebSocket", "WebSocketConnector", "html", "jsonify"]
