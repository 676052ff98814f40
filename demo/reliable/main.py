"""The reliable demo: what a ReliableWebSocket does, shown while it does it."""

import asyncio

from pyscript import document, when

from browserws import BufferFull, ConnectionClosed, ReliableWebSocket

SHOWN = 60  # seconds on the time line
STEP = 0.5  # seconds between two looks
MEANINGS = {  # of close codes
    1000: "the connection was closed, as you wanted",
    1006: "the connection was lost, or none came about",
    1012: "the server said that it restarts",
    4403: "the server said that we may not connect: there is no use in trying again",
}
FAULTS = {  # what the server is asked to do, by a message that it understands
    "!cut": "the server drops the connection",
    "!swallow": "the server answers nothing any more: the heartbeat will notice",
    "!refuse 8": "the server drops the connection, and takes no other for 8 seconds",
    "!close 1012": "the server closes the connection with 1012",
    "!close 4403": "the server closes the connection with 4403",
}

ws = ReliableWebSocket("/moody", {"auto_connect": False, "max_reconnect_interval": 8000})
ws.set_heartbeat(2000, "ping", "ping")
history = []  # [state, how many looks it lasted]; one that nobody saw counts as half a look
sent = 0
queues = False  # something was queued since the last connection


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
    enable(element("send"), ws.state not in ("CLOSING", "CLOSED"))
    enable(element("reconnect"), True)
    enable(element("close"), ws.state not in ("CLOSING", "CLOSED"))
    for button in document.querySelectorAll("[data-fault]"):
        enable(button, ws.state == "OPEN")


def enable(button, wanted):
    """One that is `disabled` would lose the focus of who uses the keyboard, with the press that disables it."""
    button.disabled = False
    button.setAttribute("aria-disabled", "false" if wanted else "true")


def is_enabled(event):
    return event.target.getAttribute("aria-disabled") == "false"


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
    delay = "%.1f s" % (event.delay / 1000)
    element("delay").textContent = delay
    log("note", "it tries again in %s (retry %d), and keeps what you send meanwhile" % (delay, event.attempt))


@ws.bind("open")
def opened():
    global queues
    log("note", "connected, and what was queued went out" if queues else "connected")
    queues = False


@ws.bind("close")
def closed(event):
    said = MEANINGS.get(event.code, "the connection was closed")
    log("note", "%s (%d%s)" % (said, event.code, ": " + event.reason if event.reason else ""))


@ws.bind("undelivered")
def undelivered(event):
    texts = [message for message in event.messages + event.queued if not message.startswith("!")]
    if texts:
        log("note", "nobody knows whether these have arrived: " + ", ".join(texts))


@ws.bind("giveup")
def giveup(event):
    log("note", "gave up: " + event.reason)


@ws.bind("message")
def message(event):
    log("received", event.data)


@when("click", "#send")
def send(event):
    global sent, queues
    if not is_enabled(event):
        return
    sent += 1
    try:
        went_out = ws.send("message %d" % sent)
        queues = queues or not went_out
        log("sent", "message %d%s" % (sent, "" if went_out else " (queued)"))
    except (BufferFull, ConnectionClosed) as error:
        log("note", str(error))
    show_figures()


@when("click", "[data-fault]")
def misbehave(event):
    fault = event.target.getAttribute("data-fault")
    if is_enabled(event):
        log("note", FAULTS[fault])
        ws.send(fault)


@when("click", "#reconnect")
def reconnect(event):
    ws.reconnect()


@when("click", "#close")
def close(event):
    if is_enabled(event):
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
