"""A page that tests drive: `python(source)` runs there, and what happens to watched sockets is in `log`."""

import json

import js
from pyscript.ffi import create_proxy

import browserws
from browserws import ReliableWebSocket
from browserws.events import RELIABLE_EVENTS

FIELDS = ("code", "reason", "wasClean", "attempt", "delay", "state", "messages", "forgotten", "queued")


def write_down(event):
    line = {"type": event.type, "at": js.performance.now()}
    if event.type == "message":
        line["data"] = event.data if isinstance(event.data, str) else len(event.data)
    elif event.type == "error":
        line["error"] = str(getattr(event, "error", ""))
    else:
        for field in FIELDS:
            if getattr(event, field, None) is not None:
                line[field] = getattr(event, field)
    js.log.push(js.JSON.parse(json.dumps(line)))


def watch(url, options=None):
    """A ReliableWebSocket whose events are written down."""
    settings = {"reconnect_interval": 50, "max_reconnect_interval": 200, "close_timeout": 1000}
    settings.update(options or {})
    ws = ReliableWebSocket(url, settings)
    for event in RELIABLE_EVENTS:
        ws.bind(event, write_down)
    return ws


names = {"watch": watch, "js": js, "browserws": browserws}


def python(source):
    exec(source, names)


js.log = js.Array.new()
js.python = create_proxy(python)
print("ready to be driven")
