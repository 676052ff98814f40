from browserws import ReliableWebSocket
from stage import panel

pane = panel("ReliableWebSocket")
ws = ReliableWebSocket("/echo", {"max_reconnect_interval": 3000})


def show():
    pane.show(f"{ws.state}, {ws.bufferedAmount} bytes wait")


def send(text):
    went_out = ws.send(text)
    pane.add(("sent: " if went_out else "waits: ") + text)
    show()


@ws.bind("message")
def on_message(event):
    pane.add(event.data)
    show()


@ws.bind("reconnecting")
def on_reconnecting(event):
    pane.add(f"attempt {event.attempt} in {event.delay:.0f} ms")


ws.bind("statechange", show)
ws.bind("undelivered", lambda event: pane.add(f"perhaps lost: {event.messages}"))
pane.field("message", send)
send("hello")
