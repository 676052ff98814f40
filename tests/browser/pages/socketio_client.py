"""What a page does with a server of Socket.IO (socketio_server.py): plain enough for MicroPython, too."""

import asyncio

from browserws import ChannelError, Channels
from browserws.protocols.socketio import SocketIOCodec


class Rooms(SocketIOCodec):
    def __init__(self, namespace):
        super().__init__(namespace)
        self.pings = 0
        self.is_pinged = asyncio.Event()

    def decode(self, frame):
        if frame == "2":
            self.pings += 1
            if self.pings == 3:  # the server sends the next one when the last was answered
                self.is_pinged.set()
        return super().decode(frame)

    def auth(self, user, token):
        return {"user": user, "token": token}

    def join(self, channel):
        return "enter", channel

    def leave(self, channel):
        return "exit", channel

    def publish(self, channel, data):
        return ("ask", data) if channel == "@server" else ("say", channel, data)

    def message(self, event, arguments):
        return arguments if event == "said" else None

    def refused(self, arguments):
        return arguments[0].get("error") if arguments and isinstance(arguments[0], dict) else None


async def heard(reader, texts):
    for text in texts:
        event = await reader.__anext__()
        assert (event.data, event.user) == (text, "ada"), (event.data, event.user)


async def talk(url, namespace):
    codec = Rooms(namespace)
    ada = Channels(url, {"user": "ada", "codec": codec})
    bob = Channels(url, {"user": "bob", "codec": Rooms(namespace)})
    room, here = await ada.join("lobby"), await bob.join("lobby")
    other = await bob.join("other")
    reader, nothing = here.__aiter__(), []
    other.bind("message", nothing.append)
    said = ["hello", {"a": [1, None, "ü😀"]}, b"\x00\xff", {"bytes": [b"deep", 2]}]
    for what in said:
        assert await room.publish(what) is None
    await heard(reader, said)
    await ada.publish("@server", "are you there?")  # which asks back before it answers
    try:
        await ada.join("secret")
    except ChannelError as error:
        assert "members only" in str(error)
    else:
        raise AssertionError("it was let in")
    await codec.is_pinged.wait()
    ada.reconnect()
    await room.publish("again")
    await heard(reader, ["again"])
    await here.leave()
    assert nothing == [] and bob.channels == ["other"]
    ada.close()
    bob.close()


async def be_refused(url, namespace):
    errors = []
    eve = Channels(url, {"user": "eve", "token": "stolen", "codec": Rooms(namespace)})
    ended = asyncio.Event()
    eve.bind("error", lambda event: errors.append(str(event.error)))
    eve.bind("close", ended.set)
    await ended.wait()
    assert eve.state == "CLOSED" and "who are you?" in errors[0], errors


async def main(url, namespace):
    await talk(url, namespace)
    await be_refused(url, namespace)
