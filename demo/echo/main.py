"""The echo demo: the same source on Pyodide and MicroPython, on the main thread and in a worker."""

from pyscript import document, when

from browserws import InvalidURI, WebSocket

STATES = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"]
socket = None


def element(name):
    return document.getElementById(name)


def log(kind, text):
    item = document.createElement("li")
    item.className = kind
    item.textContent = text
    element("log").prepend(item)


def describe(data):
    if isinstance(data, str):
        return data
    head = " ".join("%02x" % byte for byte in bytes(data[:16]))
    return "%d bytes: %s%s" % (len(data), head, " …" if len(data) > 16 else "")


def show_state():
    state = STATES[socket.readyState] if socket else "CLOSED"
    element("state").textContent = state.lower() if socket else "ready"
    element("state").setAttribute("data-state", state if socket else "READY")
    enable(element("connect"), state == "CLOSED")
    enable(element("close"), state in ("CONNECTING", "OPEN"))
    enable(element("send"), state == "OPEN")
    element("file").disabled = state != "OPEN"


def enable(button, wanted):
    """One that is `disabled` would lose the focus of who uses the keyboard, with the press that disables it."""
    button.disabled = False
    button.setAttribute("aria-disabled", "false" if wanted else "true")


def is_enabled(name):
    return element(name).getAttribute("aria-disabled") == "false"


def opened():
    log("note", "open: " + socket.url)
    show_state()


def received(event):
    log("received", describe(event.data))


def closed(event):
    log("note", "closed: %d %s" % (event.code, event.reason or ("clean" if event.wasClean else "not clean")))
    show_state()


@when("click", "#connect")
def connect(event):
    global socket
    if not is_enabled("connect"):
        return
    try:
        socket = WebSocket(element("url").value, onopen=opened, onmessage=received, onclose=closed)
    except InvalidURI as error:
        log("note", str(error))
        return
    show_state()


@when("click", "#close")
def close(event):
    if is_enabled("close"):
        socket.close()
        show_state()


@when("click", "#send")
def send(event):
    if is_enabled("send"):
        text = element("text").value
        socket.send(text)
        log("sent", text)


@when("change", "#file")
async def send_file(event):
    file = element("file").files.item(0)
    data = await read(file)
    socket.send(data)
    log("sent", file.name + ", " + describe(data))
    element("file").value = ""


async def read(file):
    """The bytes of a file that was chosen on the page, as hexadecimal text: the same in all four places."""
    buffer = await file.arrayBuffer()
    return bytes.fromhex(document.defaultView.Uint8Array.new(buffer).toHex())


show_state()
