"""The list of demos: what goes on in each of them, as the server says once a second, and how connected."""

from pyscript import document

from browserws import LiveDataClient, ReliableWebSocket

live = LiveDataClient("/hub", {"max_reconnect_interval": 5000})
echo = ReliableWebSocket("/echo", {"max_reconnect_interval": 5000})
echo.set_heartbeat(1000, "ping", "ping")


def show(name, text):
    document.querySelector('[data-now="%s"]' % name).textContent = text


def show_demos(update):
    if live.state == "OPEN":
        for name, text in update.data.items():
            show(name, text)
        show("echo", "" if echo.latency is None else "round trip %.1f ms" % echo.latency)


@live.bind("state")
def show_state(event):
    is_open = event.state == "OPEN"
    if not is_open:
        for place in document.querySelectorAll("[data-now]"):
            place.textContent = ""
    show("reliable", "connected" if is_open else "reconnects")
    state = document.getElementById("state")
    state.textContent = "the server is up" if is_open else "no connection to the server"
    state.setAttribute("data-state", "OPEN" if is_open else "CONNECTING")
    state.hidden = False


live.subscribe("demos", show_demos)
live.subscribe("sensor.temperature", lambda update: show("dashboard", "%.1f °C" % update.data))
