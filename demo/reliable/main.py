"""The reliable demo: what a ReliableWebSocket does, shown while it does it."""

import asyncio

from pyscript import document, when

from browserws import BufferFull, ConnectionClosed, ReliableWebSocket

SHOWN = 60  # seconds on the time line
STEP = 0.5  # seconds between two looks

ws = ReliableWebSocket("/moody", {"auto_connect": False, "max_reconnect_interval": 8000})
ws.set_heartbeat(2000, "ping", "ping")
history = []  # [state, how many looks it lasted]; one that nobody saw counts as half a look
sent = 0


def element(name):
    return document.getElementById(name)


def log(kind, text):
    item = document.createElement("li")
    item.className = kind
    item.textContent = text
    element("log").prepend(item)


def show_state(event):
    history.append([event.state, 0.5])
    for node in document.querySelectorAll("#states g[data-state]"):
        node.setAttribute("class", "lit" if node.getAttribute("data-state") == ws.state else "")
    element("state").textContent = ws.state.lower()
    element("state").setAttribute("data-state", ws.state)
    element("send").disabled = ws.state in ("CLOSING", "CLOSED")
    element("reconnect").disabled = False
    element("close").disabled = ws.state in ("CLOSING", "CLOSED")
    for button in document.querySelectorAll("[data-fault]"):
        button.disabled = ws.state != "OPEN"


def show_figures():
    element("queued").textContent = str(ws.queued)
    element("latency").textContent = "–" if ws.latency is None else "%.1f ms" % ws.latency


def show_history():
    """The time line: a piece for each state, as wide as it was long."""
    while sum([steps for _, steps in history]) > SHOWN / STEP:
        history.pop(0)
    line = element("timeline")
    line.replaceChildren()
    for state, steps in history:
        piece = document.createElement("i")
        piece.setAttribute("data-state", state)
        piece.setAttribute("style", "width: %.2f%%" % (steps * STEP * 100 / SHOWN))
        line.append(piece)


@ws.bind("connecting")
def connecting(event):
    element("attempts").textContent = str(event.attempt)
    element("delay").textContent = "–"


@ws.bind("reconnecting")
def reconnecting(event):
    element("delay").textContent = "%.1f s" % (event.delay / 1000)
    log("note", "retry %d in %.1f s" % (event.attempt, event.delay / 1000))


@ws.bind("open")
def opened():
    log("note", "open")


@ws.bind("close")
def closed(event):
    log("note", "closed: %d %s" % (event.code, event.reason))


@ws.bind("undelivered")
def undelivered(event):
    texts = [message for message in event.messages + event.queued if not message.startswith("!")]
    if texts:
        log("note", "perhaps lost: " + ", ".join(texts))


@ws.bind("giveup")
def giveup(event):
    log("note", "gave up: " + event.reason)


@ws.bind("message")
def message(event):
    log("received", event.data)


@when("click", "#send")
def send(event):
    global sent
    sent += 1
    try:
        went_out = ws.send("message %d" % sent)
        log("sent", "message %d%s" % (sent, "" if went_out else " (queued)"))
    except (BufferFull, ConnectionClosed) as error:
        log("note", str(error))
    show_figures()


@when("click", "[data-fault]")
def misbehave(event):
    fault = event.target.getAttribute("data-fault")
    log("note", "the server is asked to: " + fault[1:])
    ws.send(fault)


@when("click", "#reconnect")
def reconnect(event):
    ws.reconnect()


@when("click", "#close")
def close(event):
    ws.close()


async def look():
    while True:
        if history:
            history[-1][1] += 1
        show_history()
        show_figures()
        await asyncio.sleep(STEP)


ws.bind("statechange", show_state)
ws.reconnect()
looking = asyncio.create_task(look())
