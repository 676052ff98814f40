"""What a page does in the chat room of Robyn (tests/robyn_examples/chat.py): plain enough for MicroPython, too."""

import asyncio

from browserws import ChannelError, ChatClient
from browserws.protocols.robyn import RobynChatCodec

EVENTS = ("message", "private", "join", "leave", "members", "state", "error")


class Person:
    """A chat client that remembers its events."""

    def __init__(self, url, name):
        options = {"codec": RobynChatCodec(name), "reconnect_interval": 50, "jitter": False, "close_timeout": 200}
        self.chat = ChatClient(f"{url}?username={name}", name, options)
        self._events = []
        self._is_new = asyncio.Event()
        for kind in EVENTS:
            self.chat.bind(kind, self._add)

    def _add(self, event):
        self._events.append(event)
        self._is_new.set()

    async def hear(self, kind, **fields):
        """The next event of this kind with these fields; what came before is forgotten."""
        while True:
            while self._events:
                event = self._events.pop(0)
                if event.type == kind and all(getattr(event, name) == value for name, value in fields.items()):
                    return event
            self._is_new.clear()
            await self._is_new.wait()

    async def enter(self, room):
        self.chat.connect()
        await self.chat.join_room(room)


async def main(url, cut=None):
    """`cut`, where there is one, breaks all connections; else the page reconnects by itself."""
    ada, bob = Person(url, "ada"), Person(url, "bob")
    await ada.enter("lobby")
    await bob.enter("hall")  # there is one room, whatever a page calls it
    await ada.hear("members", members=["ada", "bob"])
    await bob.hear("members", members=["ada", "bob"])
    try:
        await ada.chat.join_room("other")
    except ChannelError as error:
        assert "one room" in str(error), error
    else:
        raise AssertionError("there are two rooms")
    await ada.chat.send_message("hello ü😀", "lobby")
    await ada.hear("message", room="lobby", user="ada", text="hello ü😀", own=True)
    await bob.hear("message", room="hall", user="ada", text="hello ü😀", own=False)
    await ada.chat.send_private("bob", "psst")
    await ada.hear("private", to="bob", text="psst", own=True)
    await bob.hear("private", user="ada", to="bob", text="psst", own=False)
    if cut is None:
        ada.chat.connect()
        await ada.hear("state", state="OPEN")
    else:
        cut()
        await ada.hear("state", state="OPEN")
        await bob.hear("state", state="OPEN")
    await bob.chat.send_message("back", "hall")
    await bob.hear("message", text="back", own=True)
    await ada.chat.send_message("again", "lobby")
    await ada.hear("message", text="again")
    await bob.hear("message", user="ada", text="again")
    assert bob.chat.members("hall") == ["ada", "bob"], bob.chat.members("hall")
    bob.chat.disconnect()
    await ada.hear("leave", user="bob")
    assert ada.chat.members("lobby") == ["ada"]
    ada.chat.disconnect()
