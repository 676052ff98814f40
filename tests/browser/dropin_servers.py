"""The servers that libraries are tested against:  .build/foreign/servers/bin/python dropin_servers.py

Prints their ports as JSON and serves until its input ends.
"""

import asyncio
import inspect
import json
import sys

import socketio
from aiohttp import web
from dropin_fakes import fakes
from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInt,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    graphql,
    parse,
    subscribe,
)
from websockets.asyncio.server import serve

ports = {}  # by the names of the servers

# --- HTTP, and an echo over aiohttp's own WebSockets ---

CORS = {f"Access-Control-{name}": "*" for name in ("Allow-Origin", "Allow-Headers", "Allow-Methods", "Expose-Headers")}


async def allow_any_page(request, response):
    if not request.path.startswith(("/socket.io/", "/private")):
        response.headers.update(CORS)


@web.middleware
async def preflight(request, handler):
    """What a browser asks before it sends headers of its own."""
    return web.Response() if request.method == "OPTIONS" else await handler(request)


async def answer(request):
    body = await request.read()
    return web.json_response({"method": request.method, "headers": dict(request.headers), "body": body.decode()})


async def stream(request):
    response = web.StreamResponse()
    response.headers.update(CORS)
    await response.prepare(request)
    for number in range(5):
        await response.write(f"{number}\n".encode())
        await asyncio.sleep(0.01)
    return response


async def redirect(request):
    raise web.HTTPFound("/answer", headers=CORS)


async def echo(request):
    ws = web.WebSocketResponse(protocols=("second",))
    await ws.prepare(request)
    async for message in ws:
        if message.type == web.WSMsgType.TEXT:
            await ws.send_str(message.data)
        else:
            await ws.send_bytes(message.data)
    return ws


async def slack(request):
    """Where its WebSocket is."""
    return web.json_response({"ok": True, "url": f"ws://localhost:{ports['fakes']}/link?ticket=1"})


def http():
    app = web.Application(client_max_size=1 << 24, middlewares=[preflight])
    app.on_response_prepare.append(allow_any_page)
    app.router.add_route("*", "/answer", answer)
    app.router.add_get("/private", answer)
    app.router.add_get("/stream", stream)
    app.router.add_get("/redirect", redirect)
    app.router.add_get("/missing", lambda request: web.Response(status=404, text="no such thing"))
    app.router.add_get("/echo", echo)
    app.router.add_post("/slack/apps.connections.open", slack)
    rooms().attach(app)
    return app


# --- Socket.IO ---


def rooms():
    sio = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins="*", ping_interval=1, ping_timeout=2)

    @sio.event
    async def connect(sid, environ, auth):
        if auth and auth.get("token") == "bad":
            raise socketio.exceptions.ConnectionRefusedError("bad token")
        await sio.emit("welcome", {"auth": auth}, to=sid)

    @sio.event
    async def echo(sid, *data):
        await sio.emit("echoed", data, to=sid)
        return data

    @sio.event
    async def ask(sid, question):
        """The server asks the client, and is answered."""
        await sio.emit("answered", await sio.call("question", question, to=sid), to=sid)

    @sio.event
    async def join(sid, room):
        await sio.enter_room(sid, room)
        await sio.emit("joined", sid, room=room)

    @sio.event
    async def transport(sid):
        return sio.transport(sid)

    @sio.event
    async def cut(sid):
        """Break the connection below Socket.IO, as a bad network does."""
        socket = sio.eio.sockets[sio.manager.eio_sid_from_sid(sid, "/")]
        transport = sio.get_environ(sid)["aiohttp.request"].transport
        await socket.close(wait=False, abort=True)  # which closes only when something is read or written
        if transport is not None:  # that of polling has gone
            transport.abort()

    @sio.on("connect", namespace="/admin")
    async def connect_admin(sid, environ, auth):
        await sio.emit("welcome", "admin", to=sid, namespace="/admin")

    @sio.on("echo", namespace="/admin")
    async def echo_admin(sid, data):
        return ["admin", data]

    return sio


# --- GraphQL over WebSockets: graphql-transport-ws, and the older graphql-ws ---


async def count(root, info, to):
    for number in range(to):
        await asyncio.sleep(0.001)
        yield {"count": number}


SCHEMA = GraphQLSchema(
    query=GraphQLObjectType(
        "Query",
        {
            "hello": GraphQLField(
                GraphQLString,
                {"name": GraphQLArgument(GraphQLString)},
                resolve=lambda root, info, name: f"Hello {name}",
            )
        },
    ),
    subscription=GraphQLObjectType(
        "Subscription",
        {"count": GraphQLField(GraphQLInt, {"to": GraphQLArgument(GraphQLInt)}, subscribe=count)},
    ),
)


async def graphql_over_websockets(ws):
    start, data = ("start", "data") if ws.subprotocol == "graphql-ws" else ("subscribe", "next")
    running = {}

    async def run(id_, payload):
        if payload["query"].lstrip().startswith("subscription"):
            results = subscribe(SCHEMA, parse(payload["query"]), variable_values=payload.get("variables"))
            if inspect.isawaitable(results):
                results = await results
            async for result in results:
                await say(data, id_, result.formatted)
        else:
            result = await graphql(SCHEMA, payload["query"], variable_values=payload.get("variables"))
            await say(data, id_, result.formatted)
        await say("complete", id_)

    async def say(type_, id_=None, payload=None):
        message = {"type": type_, "id": id_, "payload": payload}
        await ws.send(json.dumps({name: value for name, value in message.items() if value is not None}))

    async for text in ws:
        message = json.loads(text)
        if message["type"] == "connection_init":
            await say("connection_ack")
        elif message["type"] == start:
            running[message["id"]] = asyncio.create_task(run(message["id"], message["payload"]))
        elif message["type"] in ("stop", "complete"):
            running.pop(message["id"]).cancel()
        elif message["type"] == "ping":
            await say("pong")


async def main():
    runner = web.AppRunner(http(), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "localhost", 0)
    await site.start()
    graphs = await serve(
        graphql_over_websockets, "localhost", 0, subprotocols=["graphql-transport-ws", "graphql-ws"], compression=None
    )
    ports["http"] = site._server.sockets[0].getsockname()[1]
    ports["graphql"] = graphs.sockets[0].getsockname()[1]
    ports["fakes"] = await fakes()
    print(json.dumps(ports), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    sys.exit()  # whatever is still connected


if __name__ == "__main__":
    asyncio.run(main())
