"""A member of a channel that publishes numbers and writes down what it gets: tests/browser/test_guarantees.py.

It runs on CPython, too: what is of the page stands at the end.
"""

import asyncio
import json

from browserws import Channels

IN_FLIGHT = 100  # publishes without an answer


class Member:
    def __init__(self, url, name):
        self.got = []  # [offset, user, number] of each message, "gap" for a gap
        self.acknowledged = []
        self.failed = []  # [number, error]
        self.errors = []
        self.welcomes = 0
        options = {"user": name, "heartbeat": 1000, "reconnect_interval": 50, "max_reconnect_interval": 500}
        self.channels = Channels(url, options)
        self.channels.bind("error", lambda event: self.errors.append(repr(event.error)))
        self.channels.bind("ready", self._welcome)
        self.channel = self.channels.join("numbers")
        self.channel.bind("message", lambda e: self.got.append([e.offset, e.user, e.data]))
        self.channel.bind("gap", lambda: self.got.append("gap"))

    def _welcome(self):
        self.welcomes += 1

    async def publish(self, count):
        for number in range(count):
            while self.channels.pending >= IN_FLIGHT:
                await asyncio.sleep(0.01)
            asyncio.create_task(self._publish(number))
            if number % 20 == 0:
                await asyncio.sleep(0.01)

    async def _publish(self, number):
        try:
            await self.channel.publish(number, timeout=60)
            self.acknowledged.append(number)
        except Exception as error:
            self.failed.append([number, repr(error)])

    def stats(self):
        counts = [len(self.got), len(self.acknowledged), len(self.failed)]
        return json.dumps(counts + [self.channels.state, self.welcomes])

    def everything(self):
        return json.dumps([self.got, self.acknowledged, self.failed, self.errors])


try:
    import js
    from pyscript.ffi import create_proxy
except ImportError:
    pass  # on CPython
else:

    def start(url, name):
        global member
        member = Member(url, name)

    def publish(count):
        global publishing
        publishing = asyncio.create_task(member.publish(count))

    js.start = create_proxy(start)
    js.publish = create_proxy(publish)
    js.stats = create_proxy(lambda: member.stats())
    js.everything = create_proxy(lambda: member.everything())
    print("ready to be driven")
