"""uvicorn fastapi_app:app --ws-max-size 65536"""

from contextlib import asynccontextmanager

from fastapi import FastAPI

from browserws.server import Hub
from browserws.server.adapters.asgi import HubApp

hub = Hub()


@asynccontextmanager
async def lifespan(app):
    async with hub:
        yield


app = FastAPI(lifespan=lifespan)
app.mount("/hub", HubApp(hub))


@app.post("/announce")
async def announce(text: str):
    await hub.publish("lobby", {"text": text})
    return {"here": sorted(await hub.members("lobby"))}
