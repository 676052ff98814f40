"""The servers in which the tests run the hub: `pytest tests/server --over asgi`; its event loop: `--loop uvloop`, which
`python -m browserws.server` has; and the Redis of those that need one, but do not kill it: `--redis cluster`.

Beside the hub they have what a hub on a port of its own has, too: /healthz and /metrics, as routes of an application.
"""

import asyncio
from contextlib import asynccontextmanager

import uvloop
from aiohttp import web

from browserws.server import serve
from browserws.server.adapters import aiohttp, asgi, picows
from tools.redis import RedisServer
from tools.redis_group import ClusterGroup, SentinelGroup

# Tests that are not run over a server, with the reason; docs/how-to/frameworks.md says it to users.
ORIGIN = "the connection is accepted and then closed with 4403: tests/server/test_adapters.py"
CONTROL = "control frames are answered by the server before the hub sees them"
NOT_OVER = {
    "asgi": {
        "test_page_of_another_origin_is_refused": ORIGIN,
        "test_refused_origin_is_logged_once_with_what_to_do": ORIGIN,
        "test_pings_are_counted_before_and_after_the_hello": CONTROL,
        "test_client_that_does_not_read_its_pongs_is_not_read": CONTROL,
        "test_nothing_more_is_read_before_all_that_came_is_parsed": CONTROL,
        "test_slow_handshake_is_given_up": "uvicorn waits for a request for ever",
        "test_thousands_that_vanish_at_once_leave_no_trace": "uvicorn logs what it sends to those that vanished",
    },
    "aiohttp": {
        "test_page_of_another_origin_is_refused": ORIGIN,
        "test_refused_origin_is_logged_once_with_what_to_do": ORIGIN,
        "test_headers_that_are_ambiguous_or_missing_are_a_400": "aiohttp reads the request as it likes",
        "test_several_upgrade_headers_are_one_list": "aiohttp reads the request as it likes",
        "test_client_that_does_not_read_its_pongs_is_not_read": "it looks into the server of websockets",
        "test_nothing_more_is_read_before_all_that_came_is_parsed": "it looks into the server of websockets",
        "test_slow_handshake_is_given_up": "aiohttp waits for a request for ever",
        "test_many_clients_may_wait_to_be_accepted": "the backlog is that of the application's own server",
        "test_thousands_that_vanish_at_once_leave_no_trace": "aiohttp logs what it sends to those that vanished",
    },
}
# Tests that are not run with a Redis, with the reason.
CONNECTIONS = "it counts connections that read: a cluster has one for each part"
NOT_WITH = {
    "cluster": {
        "test_many_channels_are_read_by_several_connections": CONNECTIONS,
        "test_readers_without_channels_end": CONNECTIONS,
    }
}


@asynccontextmanager
async def over_websockets(hub):
    async with serve(hub, "localhost", 0) as server:
        yield server.sockets[0].getsockname()[1], server


@asynccontextmanager
async def over_asgi(hub):
    import uvicorn

    async def routes(scope, receive, send):
        if scope["type"] == "lifespan":
            raise ValueError("no lifespan, as Django says")
        status, body = answer(hub, scope["path"])
        headers = [(b"connection", b"close"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    app = asgi.HubApp(hub, "/", routes)
    limits = {"ws_max_size": hub.settings.max_message, "ws_per_message_deflate": False}
    config = uvicorn.Config(app, "localhost", 0, log_level="error", lifespan="on", **limits)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0)
        yield server.servers[0].sockets[0].getsockname()[1], server
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def over_aiohttp(hub):
    async def route(request):
        status, body = answer(hub, request.path)
        response = web.Response(status=status, body=body)
        response.force_close()
        return response

    app = web.Application()
    aiohttp.attach(hub, app, "/")
    app.router.add_get("/{path:.+}", route)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "localhost", 0)
    await site.start()
    try:
        yield site._server.sockets[0].getsockname()[1], runner
    finally:
        await runner.cleanup()


def answer(hub, path):
    """Status and body."""
    if path == "/healthz":
        return (503, hub.why_not.encode()) if hub.why_not else (200, b"ok\n")
    return (200, hub.metrics.text().encode()) if path == "/metrics" else (404, b"")


@asynccontextmanager
async def over_picows(hub):
    async with picows.serve(hub, "localhost", 0) as server:
        yield server.sockets[0].getsockname()[1], server


SERVERS = {"websockets": over_websockets, "picows": over_picows, "asgi": over_asgi, "aiohttp": over_aiohttp}
serving = over_websockets
LOOPS = {"asyncio": None, "uvloop": uvloop.new_event_loop}
loop_factory = None
REDISES = {"one": RedisServer, "sentinel": SentinelGroup, "cluster": ClusterGroup}
redis = RedisServer
