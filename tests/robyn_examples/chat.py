"""A chat room: the user's name is in the query; there are a list of users and private messages."""

import json
import os

from browserws.server.robyn import Robyn, WebSocket

app = Robyn(__file__, **({"redis": os.environ["CHAT_REDIS"]} if "CHAT_REDIS" in os.environ else {}))
websocket = WebSocket(app, "/chat")
users = {}  # connection -> name


@websocket.on("connect")
def connect(ws):
    name = ws.query_params.get("username", "Anonymous")
    users[ws.id] = name
    ws.sync_send_to(ws.id, json.dumps({"type": "welcome", "message": f"Welcome, {name}!"}))
    ws.sync_send_to(ws.id, json.dumps({"type": "user_list", "users": list(users.values())}))
    ws.sync_broadcast(json.dumps({"type": "user_joined", "username": name}))


@websocket.on("message")
def message(ws, msg):
    data = json.loads(msg)
    said = {"type": data["type"], "username": users[ws.id], "message": data.get("message")}
    if data["type"] == "message":
        ws.sync_broadcast(json.dumps(said))
    elif data["type"] == "private_message":
        for connection, name in users.items():
            if name == data["to"]:
                ws.sync_send_to(connection, json.dumps({**said, "to": name}))
    elif data["type"] == "user_list":
        return json.dumps({"type": "user_list", "users": list(users.values())})


@websocket.on("close")
def close(ws):
    name = users.pop(ws.id, None)
    if name is not None and name not in users.values():
        ws.sync_broadcast(json.dumps({"type": "user_left", "username": name}))


@app.get("/")
def index(request):
    return """<!doctype html>
<title>Chat</title>
<link rel="icon" href="data:,">
<input id="name"><button onclick="join()">Join</button>
<input id="to"><input id="text"><button onclick="say()">Send</button>
<pre id="log"></pre>
<script>
  const value = (id) => document.getElementById(id).value;
  let socket;
  function join() {
    socket = new WebSocket(`ws://${location.host}/chat?username=${encodeURIComponent(value("name"))}`);
    socket.onmessage = (event) => { document.getElementById("log").textContent += event.data + "\\n"; };
  }
  function say() {
    const whom = value("to") ? {type: "private_message", to: value("to")} : {type: "message"};
    socket.send(JSON.stringify({...whom, message: value("text")}));
  }
</script>"""


if __name__ == "__main__":
    app.start(host="127.0.0.1", port=8080)
