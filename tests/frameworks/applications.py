"""The hub in an application of each framework:  python -m tests.frameworks.applications NAME PORT

Each has an HTTP route, /hello, beside the hub at /hub. Run by the Python of tools/frameworks.py.
"""

import contextlib
import sys

from browserws.server import Hub, Settings
from browserws.server.adapters import aiohttp as hub_in_aiohttp
from browserws.server.adapters import robyn as hub_in_robyn
from browserws.server.adapters.asgi import HubApp

HELLO = "hello over HTTP"
PATHS = {"fastapi": "/hub/"}  # where the hub is mounted, Starlette wants the slash; /hub elsewhere


@contextlib.asynccontextmanager
async def lifespan(app):
    """For an application in which the hub is mounted."""
    async with app.state.hub:
        yield


def starlette(hub):
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    app = Starlette(routes=[Route("/hello", lambda request: PlainTextResponse(HELLO))])
    return HubApp(hub, "/hub", app)


def fastapi(hub):
    from fastapi import FastAPI
    from fastapi.responses import PlainTextResponse

    app = FastAPI(lifespan=lifespan)
    app.state.hub = hub
    app.get("/hello", response_class=PlainTextResponse)(lambda: HELLO)
    app.mount("/hub", HubApp(hub))
    return app


def litestar(hub):
    from litestar import Litestar, get

    @get("/hello", media_type="text/plain")
    async def hello() -> str:
        return HELLO

    return HubApp(hub, "/hub", Litestar([hello]))


def quart(hub):
    from quart import Quart

    app = Quart(__name__)
    app.get("/hello")(lambda: HELLO)
    return HubApp(hub, "/hub", app)


def django(hub):
    from django.conf import settings
    from django.core.asgi import get_asgi_application
    from django.http import HttpResponse
    from django.urls import path

    settings.configure(ROOT_URLCONF=(path("hello", lambda request: HttpResponse(HELLO)),), ALLOWED_HOSTS=["*"])
    return HubApp(hub, "/hub", get_asgi_application())


def run_aiohttp(hub, port):
    from aiohttp import web

    async def hello(request):
        return web.Response(text=HELLO)

    app = web.Application()
    app.router.add_get("/hello", hello)
    hub_in_aiohttp.attach(hub, app, "/hub")
    web.run_app(app, host="localhost", port=port, print=None)


def run_robyn(hub, port):
    sys.argv = sys.argv[:1]  # Robyn reads the command line
    from robyn import Robyn

    app = Robyn(__file__)
    app.get("/hello")(lambda: HELLO)
    hub_in_robyn.attach(hub, app, "/hub")
    app.start(host="127.0.0.1", port=port)


def main(name, port):
    hub = Hub(settings=Settings(origins=("*",)))
    if name in ("aiohttp", "robyn"):
        globals()["run_" + name](hub, port)
    else:
        import uvicorn

        app = globals()[name](hub)
        uvicorn.run(app, host="localhost", port=port, log_level="warning", ws_max_size=hub.settings.max_message)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
