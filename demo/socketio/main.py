"""A chat with the client of python-socketio. Two lines let it connect from a page: the first two below."""

import browserws.dropin

browserws.dropin.install()

import asyncio
import time
from importlib.metadata import version

import socketio
from pyscript import document, when, window

sio = socketio.AsyncClient(reconnection_delay_max=5)
me = room = ""
typing_until = {}  # by name
last_typed = 0.0


# --- what comes from the server, as python-socketio's documentation has it ---


@sio.event
async def connect():
    """Also after each reconnection: then the server knows nothing of the room that this client was in."""
    await join(room)
    show_state("OPEN", "connected", f"by {sio.transport()}")


@sio.event
async def disconnect(reason):
    show_state("CONNECTING", "connection lost, python-socketio reconnects")
    typing_until.clear()
    await members([])


@sio.event
async def connect_error(data):
    """The server refuses, and says why; or there is no connection."""
    element("trouble").textContent = data["message"] if isinstance(data, dict) else str(data)


@sio.event
async def message(data):
    add("own" if data["name"] == me else "", data["name"], data["text"])
    typing_until.pop(data["name"], None)


@sio.event
async def joined(name):
    add("note", name, "has come")


@sio.event
async def left(name):
    add("note", name, "has gone")
    typing_until.pop(name, None)


@sio.event
async def members(names):
    element("members").replaceChildren(*[make("bdi", name) for name in names])


@sio.event
async def typing(name):
    typing_until[name] = time.monotonic() + 2


# --- what goes to the server ---


async def enter(name):
    """Connect: by HTTP polling first, which then becomes a WebSocket, as is python-socketio's way."""
    show_state("CONNECTING", "connecting")
    element("trouble").textContent = ""
    await sio.connect(window.location.origin, auth={"name": name})


async def join(name):
    """The server's answer is what its event handler returns."""
    global room
    room = name
    names = await sio.call("join", room)
    element("room").value = room
    others = "nobody else is" if len(names) == 1 else f"{', '.join(names)} are"
    add("note", "", f"You are in {room}: {others} here.")


@when("submit", "#entrance")
async def on_enter(event):
    global me, room
    me, room = element("name").value.strip(), element("first-room").value.strip()
    element("enter").disabled = True
    try:
        await enter(me)
    except socketio.exceptions.ConnectionError:
        show_state("CLOSED", "not connected")
        element("enter").disabled = False
        return
    element("me").textContent = me
    element("entrance").hidden = True
    element("chat").hidden = False
    element("text").focus()


@when("submit", "#join")
async def on_join(event):
    name = element("room").value.strip()
    if name and is_open():
        element("log").replaceChildren()
        await join(name)


@when("submit", "#say")
async def on_say(event):
    text = element("text").value
    if text.strip() and is_open():
        element("text").value = ""
        await sio.emit("message", text)


@when("input", "#text")
async def on_typing(event):
    global last_typed
    if is_open() and time.monotonic() > last_typed + 1:
        last_typed = time.monotonic()
        await sio.emit("typing")


# --- the page ---


def element(name):
    return document.getElementById(name)


def make(tag, text, kind=""):
    node = document.createElement(tag)
    node.textContent = text
    node.className = kind
    return node


def add(kind, name, text):
    item = make("li", "", kind)
    item.append(make("bdi", name), make("span", text, "text"))
    element("log").append(item)
    element("log").scrollTop = element("log").scrollHeight


def show_state(state, text, transport=""):
    element("state").textContent = text
    element("state").setAttribute("data-state", state)
    element("transport").textContent = transport
    element("send").disabled = state != "OPEN"


def is_open():
    return element("state").getAttribute("data-state") == "OPEN"


async def show_typing():
    while True:
        names = [name for name, until in typing_until.items() if until > time.monotonic()]
        element("typing").textContent = ", ".join(names) + " is typing …" if names else ""
        await asyncio.sleep(0.3)


showing = asyncio.create_task(show_typing())
show_state("READY", f"python-socketio {version('python-socketio')} is ready")
element("enter").disabled = False
element("name").focus()
