"""What the store has of a channel, on its way to one client: what it has missed, and `history`.

It is sent no faster than the client takes it, and than its budget allows.
"""

from __future__ import annotations

import asyncio

from ..._pure import protocol
from .. import frames
from ..connection import Connection
from ..frames import Frame, Message
from ..membership import Membership
from ..room import Room
from ..sockets import HIGH_WATER
from ..stores import Entry


class Replay:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._store = connection.services.store
        self._unflushed = 0  # bytes that were written since the client was last seen to keep up

    async def catch_up(self, membership: Membership, room: Room, offset: int) -> int:
        """Send what came after an offset; the offset up to which the client has it then.

        What the store has dropped meanwhile, the client misses in the offsets.
        """
        epoch = room.epoch
        while not membership.has_left:
            if room.epoch != epoch:  # the client was sent the reset
                epoch, offset = room.epoch, room.began
            if offset >= room.offset:
                break
            entries = await self._connection.retry(self._store.between, room.channel, epoch, offset, room.offset)
            if not entries and room.epoch == epoch:
                break
            for entry in entries:
                if room.epoch != epoch or membership.has_left:
                    break
                self._connection.outlet.write(frames.of_entry(room.channel, entry))
                offset = entry.offset
                self._connection.services.metrics.recovered += 1
                await self.charge(len(entry.data))
        return offset

    async def history(self, request: Message) -> None:
        channel, max_message = request["channel"], self._connection.services.settings.max_message
        self._connection.check_joined(channel)
        limit = min(request.get("limit", protocol.HISTORY), protocol.MAX_HISTORY)
        epoch, entries = await self._connection.retry(self._store.history, channel, limit, request.get("before"))
        self._connection.outlet.write(history_frame(request["id"], channel, epoch, entries, max_message))
        await self.charge(sum(len(entry.data) for entry in entries))

    async def charge(self, size: int) -> None:
        """So many bytes were written because the client asked for them: wait until it may have more, and takes it."""
        wait = self._connection.budget.take("replayed", size)
        if wait > 0:
            await asyncio.sleep(wait)
        self._unflushed += size
        if self._unflushed >= HIGH_WATER:
            self._unflushed = 0
            await self._connection.outlet.ready()
            self._connection.keep_alive()


def history_frame(number: int, channel: str, epoch: str, entries: list[Entry], limit: int) -> Frame:
    """The answer to a history request: of the entries, the newest that fit into `limit` bytes, at least one."""
    head = frames.dumps({"type": "history", "id": number, "channel": channel, "epoch": epoch})
    limit -= len(head.encode()) + len(',"messages":[]')
    texts: list[str] = []
    for entry in reversed(entries):
        text = _entry_text(entry)
        limit -= len(text.encode()) + 1
        if limit < 0 and texts:
            break
        texts.append(text)
    return Frame(f'{head[:-1]},"messages":[{",".join(reversed(texts))}]}}')


def _entry_text(entry: Entry) -> str:
    head = frames.dumps({"offset": entry.offset, "user": entry.user, "time": entry.time})
    if isinstance(entry.data, bytes):
        return f'{head[:-1]},"hex":"{entry.data.hex()}"}}'
    return f'{head[:-1]},"data":{entry.data}}}'
