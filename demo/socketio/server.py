"""The server of this demo: python-socketio with the usual chat events. It knows nothing of browserws."""

import socketio
from socketio.exceptions import ConnectionRefusedError as Refused

LONGEST = 2000  # characters of a message


class Chat(socketio.AsyncNamespace):
    """Who is connected has a name, and is in one room at a time."""

    def __init__(self):
        super().__init__("/")
        self.names = {}  # by session ID
        self.rooms = {}

    def now(self):
        """For the list of demos."""
        return f"{len(self.names) or 'nobody'} here"

    async def on_connect(self, sid, environ, auth):
        name = auth.get("name") if isinstance(auth, dict) else None
        if not isinstance(name, str) or not 0 < len(name) <= 30:
            raise Refused("a name of 1 to 30 characters is needed")
        self.names[sid] = name

    async def on_join(self, sid, room):
        """Answers with the names of those who are there."""
        if not isinstance(room, str) or not 0 < len(room) <= 40:
            return []
        await self.leave(sid)
        self.rooms[sid] = room
        await self.enter_room(sid, room)
        await self.emit("joined", self.names[sid], room=room, skip_sid=sid)
        return await self.tell_members(room)

    async def on_message(self, sid, text):
        if sid in self.rooms and isinstance(text, str):
            said = {"name": self.names[sid], "text": text[:LONGEST]}
            await self.emit("message", said, room=self.rooms[sid])

    async def on_typing(self, sid):
        if sid in self.rooms:
            await self.emit("typing", self.names[sid], room=self.rooms[sid], skip_sid=sid)

    async def on_disconnect(self, sid, reason):
        await self.leave(sid)
        self.names.pop(sid, None)

    async def leave(self, sid):
        room = self.rooms.pop(sid, None)
        if room is not None:
            await self.leave_room(sid, room)
            await self.emit("left", self.names[sid], room=room)
            await self.tell_members(room)

    async def tell_members(self, room):
        names = sorted(self.names[sid] for sid in self.rooms if self.rooms[sid] == room)
        await self.emit("members", names, room=room)
        return names


def attach(app):
    """Let an application of aiohttp serve it, at /socket.io/. The chat."""
    sio = socketio.AsyncServer(async_mode="aiohttp")
    chat = Chat()
    sio.register_namespace(chat)
    sio.attach(app)
    return chat
