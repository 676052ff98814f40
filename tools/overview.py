"""What the list of demos shows of each: a few words once a second, in the channel `demos` of the hub."""

import asyncio

CHANNEL = "demos"


class Overview:
    """`shows` are functions that return the words, by the demo's name; they may be async."""

    def __init__(self, hub, shows):
        self._hub = hub
        self._shows = {
            "hub": lambda: count(len(hub.connections), "connection"),
            "chat": lambda: self._members("lobby", "in the lobby"),
            "editor": lambda: self._members("doc.notes", "writing"),
            **shows,
        }

    async def run(self):
        while True:
            if self._hub.connections:
                await self._hub.publish(CHANNEL, {name: await words(show) for name, show in self._shows.items()})
            await asyncio.sleep(1)

    async def _members(self, channel, where):
        members = len(await self._hub.members(channel))
        return f"{count(members, 'person', 'people') if members else 'nobody'} {where}"


async def words(show):
    said = show()
    return await said if asyncio.iscoroutine(said) else said


def count(number, noun, plural=None):
    """For example "1 connection"."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
