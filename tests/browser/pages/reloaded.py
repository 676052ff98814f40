"""A page that is loaded again and again, on the main thread or in a worker: tests/browser/test_reload.py.

On the main thread it writes down in `sessionStorage`, at once, what it got and how much it has published; in a worker
it tells another page what it got, and asks the hub how much it has published.
"""

import asyncio

import js
from pyscript import config

from browserws import Channels

COUNT = config["count"]
IS_WORKER = not hasattr(js, "sessionStorage")
OPTIONS = {"user": "page", "persist": "reload", "reconnect_interval": 20, "max_reconnect_interval": 200}

newest = 0
told = js.BroadcastChannel.new("told")


def write_down(what):
    if IS_WORKER:
        told.postMessage(what)
    else:
        js.sessionStorage.setItem("told", (js.sessionStorage.getItem("told") or "") + what + " ")


async def next_number():
    if not IS_WORKER:
        return int(js.sessionStorage.getItem("published") or 0)
    while channels.pending:
        await asyncio.sleep(0.01)
    last = await up.history(1)
    return last[0].data + 1 if last else 0


async def publish(restored):
    """As far as the hub has come, and a little further."""
    await down
    write_down("restored:%d" % restored)
    number = await next_number()
    while number < COUNT:
        while channels.pending > 50 or number > newest + 20:
            await asyncio.sleep(0.01)
        up.publish(number)
        number += 1
        if not IS_WORKER:
            js.sessionStorage.setItem("published", str(number))
        if number % 2:
            await asyncio.sleep(0.01)


def got(event):
    global newest
    newest = event.data
    write_down(str(newest))


def begin(event):
    global publishing
    publishing = asyncio.create_task(publish(event.pending))


channels = Channels(config["hub"], OPTIONS)
channels.bind("error", lambda event: write_down("error:" + repr(event.error).replace(" ", "_")))
channels.bind("restored", begin)
down = channels.join("down")
up = channels.join("up")
down.bind("gap", lambda event: write_down("gap"))
down.bind("message", got)
