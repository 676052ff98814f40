"""The chat, live data and editor demos in a FastAPI application: its routes, its files and the hub, on one port.

    python -m demo.fastapi.app      needs what `make setup` gets, and fastapi, uvicorn and pycrdt from PyPI

The texts of the editor outlast the program: they are kept in texts.db, or the file that the variable TEXTS names.
"""

import asyncio
import contextlib
import os
import sqlite3
import sys

import pycrdt
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles

from browserws.server import Hub, Message, Settings
from browserws.server.adapters.asgi import HubApp
from tools.paths import ROOT, RUNTIMES
from tools.runtimes import runtimes
from tools.server import ISOLATION
from tools.ticker import Ticker

LARGEST = 256 * 1024  # bytes of a message: the editor sends a whole text when it comes back

hub = Hub(settings=Settings(rate=1000, max_message=LARGEST))
texts = sqlite3.connect(os.environ.get("TEXTS", "texts.db"))
texts.execute("CREATE TABLE IF NOT EXISTS texts (channel TEXT PRIMARY KEY, state BLOB)")


@hub.on("publish")
def keep_text(channel: str, message: Message):
    """What the editor publishes are updates of Yjs, which pycrdt merges into one."""
    if channel.startswith("doc.") and isinstance(message.data, bytes):
        found = texts.execute("SELECT state FROM texts WHERE channel = ?", [channel]).fetchone()
        try:
            state = pycrdt.merge_updates(found[0], message.data) if found else message.data
        except ValueError:
            return  # no update: pages ignore it, too
        with texts:
            texts.execute("REPLACE INTO texts VALUES (?, ?)", [channel, state])


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI):
    """The hub runs when this begins, and its channels are empty: it keeps them in memory."""
    for channel, state in texts.execute("SELECT channel, state FROM texts").fetchall():
        await hub.publish(channel, state)
    prices = asyncio.create_task(Ticker(hub).run())
    yield
    prices.cancel()


app = FastAPI(title="browserws in FastAPI", lifespan=lifespan)


@app.get("/rooms/{room}")
async def room(room: str) -> dict[str, list[str]]:
    """Who is in a room of the chat."""
    return {"members": await hub.members(room)}


@app.post("/rooms/{room}")
async def announce(room: str, text: str) -> dict[str, int]:
    """Say something in a room of the chat."""
    return {"offset": await hub.publish(room, {"text": text}, user="the server")}


# --- the demos' files ---


class Files(StaticFiles):
    """Packages of npm import each other's modules without `.js`."""

    def lookup_path(self, path: str):
        found = super().lookup_path(path)
        return found if found[1] else super().lookup_path(path + ".js")


@app.middleware("http")
async def isolate(request: Request, call_next):
    """Workers of PyScript need pages that are isolated from those of other sites."""
    response = await call_next(request)
    response.headers.update({**ISOLATION, "Cache-Control": "no-cache"})
    return response


@app.get("/runtimes.json")
def which_runtimes():
    return runtimes()


@app.get("/")
def first() -> RedirectResponse:
    return RedirectResponse("/editor/")


for path, folder in RUNTIMES.items():
    app.mount(path.rstrip("/"), Files(directory=folder, follow_symlink=True))
app.mount("/", Files(directory=ROOT / "demo", packages=[("browserws.server", "pages")], html=True))

app = HubApp(hub, "/hub", app)

if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]) if sys.argv[1:] else 8000, ws_max_size=LARGEST)
