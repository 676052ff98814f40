"""Handlers that are async: each client gets a number now and then; and what was injected."""

import asyncio
import json
import os

from browserws.server.robyn import Robyn, WebSocket

INTERVAL = float(os.environ.get("UPDATES_INTERVAL", "1"))

app = Robyn(__file__)
websocket = WebSocket(app, "/updates")
watching = {}  # connection -> what sends to it

websocket.inject_global(name="updates")
websocket.inject(log=[])


@websocket.on("connect")
async def connect(ws, global_dependencies):
    async def send():
        number = 0
        while True:
            await ws.async_send_to(ws.id, json.dumps({"type": "update", "number": number}))
            await asyncio.sleep(INTERVAL)
            number += 1

    watching[ws.id] = asyncio.create_task(send())
    return json.dumps({"type": "hello", "name": global_dependencies["name"]})


@websocket.on("message")
async def message(ws, msg, router_dependencies):
    router_dependencies["log"].append(msg)
    await ws.async_broadcast(json.dumps({"type": "said", "message": msg, "count": len(router_dependencies["log"])}))
    if msg == "bye":
        ws.close()


@websocket.on("close")
async def close(ws):
    task = watching.pop(ws.id, None)
    if task is not None:
        task.cancel()


@app.get("/")
async def index(request):
    return """<!doctype html>
<title>Updates</title>
<link rel="icon" href="data:,">
<p id="number"></p>
<script>
  const socket = new WebSocket(`ws://${location.host}/updates`);
  socket.onmessage = (event) => {
    const message = JSON.parse(event.data);
    if (message.type === "update") document.getElementById("number").textContent = message.number;
  };
</script>"""


if __name__ == "__main__":
    app.start(host="127.0.0.1", port=8080)
