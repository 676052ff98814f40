"""The rooms of socketio_server.py, as Flask-SocketIO has them:  .build/foreign/servers/bin/python FILE

Prints its port and serves until its input ends.
"""

import sys
import threading

from flask import Flask, request, session
from flask_socketio import ConnectionRefusedError as Refused
from flask_socketio import Namespace, SocketIO, call, disconnect, emit, join_room, leave_room
from werkzeug.serving import WSGIRequestHandler, make_server


class Chat(Namespace):
    def on_connect(self, auth):
        if not auth or auth.get("token") == "stolen":
            raise Refused("who are you?")
        session["user"] = auth.get("user")

    def on_enter(self, room):
        if room == "secret":
            return {"error": "members only"}
        join_room(room)
        return None

    def on_exit(self, room):
        leave_room(room)

    def on_say(self, room, what):
        emit("said", (room, what, session["user"]), to=room)

    def on_ask(self, question):
        """Asked back: the client has to answer."""
        return call("question", question, to=request.sid, timeout=5)

    def on_echo(self, *data):
        return data

    def on_transport(self):
        return self.socketio.server.transport(request.sid, self.namespace)

    def on_throw_out(self):
        disconnect()


class Quiet(WSGIRequestHandler):
    def log(self, *arguments):
        """Nothing."""


def main():
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "of a test"
    sio = SocketIO(app, async_mode="threading", cors_allowed_origins="*", ping_interval=0.2)
    for namespace in ("/", "/chat"):
        sio.on_namespace(Chat(namespace))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
