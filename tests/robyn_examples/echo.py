"""An echo with its page."""

from browserws.server.robyn import Robyn, WebSocket

app = Robyn(__file__)
websocket = WebSocket(app, "/ws")


@websocket.on("connect")
def connect(ws):
    print("here is", ws.id)
    return "connected"


@websocket.on("message")
def message(ws, msg):
    return f"Echo: {msg}"


@websocket.on("close")
def close(ws):
    print("gone is", ws.id)


@app.get("/")
def index(request):
    return """<!doctype html>
<title>Echo</title>
<link rel="icon" href="data:,">
<input id="text"><button onclick="socket.send(document.getElementById('text').value)">Send</button>
<button onclick="socket.close(1000)">Close</button>
<pre id="log"></pre>
<script>
  const log = (line) => { document.getElementById("log").textContent += line + "\\n"; };
  const socket = new WebSocket(`ws://${location.host}/ws`);
  socket.onmessage = (event) => log(event.data);
  socket.onclose = (event) => log(`closed ${event.code} ${event.wasClean}`);
</script>"""


if __name__ == "__main__":
    app.start(host="127.0.0.1", port=8080)
