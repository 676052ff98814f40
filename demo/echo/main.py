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
    element("connect").disabled = state != "CLOSED"
    element("close").disabled = state in ("CLOSED", "CLOSING")
    element("send").disabled = element("file").disabled = state != "OPEN"


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
    try:
        socket = WebSocket(element("url").value, onopen=opened, onmessage=received, onclose=closed)
    except InvalidURI as error:
        log("note", str(error))
        return
    show_state()


@when("click", "#close")
def close(event):
    socket.close()
    show_state()


@when("click", "#send")
def send(event):
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
