"""A member of several channels that does at random what can be done, and writes down what it gets.

Driven by tests/faults/chaos.py.

It runs on CPython, too: what is of the page stands at the end.
"""

import asyncio
import json
import random
import time

from browserws import Channels

CHANNELS = ["a", "b", "c", "d"]
SEEN = ["a", "b"]  # channels that are joined with presence
PACE = 0.2  # seconds between two things that it does, on average
MAX_PENDING = 50
ACTIONS = ["publish"] * 28 + ["leave"] + ["join"] * 2


class Chaotic:
    def __init__(self, urls, name, token):
        self.name = name
        self.log = {channel: [] for channel in CHANNELS}  # [epoch, offset, user, number], "gap", "joined", "left"
        self.acknowledged = []  # [channel, number, offset, when in seconds]
        self.failed = []  # [channel, number, error]
        self.errors = []
        self.closes = []
        self.published = 0
        self.tasks = set()
        options = {
            "token": token,
            "heartbeat": 1000,
            "reconnect_interval": 50,
            "max_reconnect_interval": 500,
            "connect_timeout": 3000,
            "close_timeout": 1000,
            "min_uptime": 0,
            "timeout": 60_000,
        }
        self.channels = Channels(lambda: random.choice(urls), options)
        self.channels.bind("error", lambda event: self.errors.append(repr(event.error)))
        self.channels.bind("close", lambda event: self.closes.append([event.code, event.reason]))
        for channel in CHANNELS:
            self.join(channel)

    def join(self, name):
        log = self.log[name]
        channel = self.channels.join(name, presence=name in SEEN)
        topic = self.channels._multiplex.topics[name]
        log.append("joined")
        channel.bind("message", lambda e: log.append([topic.epoch, e.offset, e.user, e.data]))
        channel.bind("gap", lambda: log.append("gap"))
        channel.bind("left", lambda: log.append("left"))

    def publish(self, name):
        number = self.published
        self.published += 1
        task = asyncio.create_task(self._publish(name, number))
        self.tasks.add(task)

    async def _publish(self, name, number):
        try:
            offset = await self.channels.publish(name, number)
            self.acknowledged.append([name, number, offset, round(time.time(), 2)])
        except Exception as error:
            self.failed.append([name, number, repr(error)])
        self.tasks.discard(asyncio.current_task())

    async def go_on(self):
        """Until it is stopped."""
        self.running = True
        while True:
            await asyncio.sleep(random.random() * 2 * PACE)
            if not self.running:  # it was stopped meanwhile: what it left now, it would not join again
                break
            self.do_something()

    def do_something(self):
        name = random.choice(CHANNELS)
        is_in = name in self.channels.channels
        what = random.choice(ACTIONS)
        if what == "publish" and is_in and self.channels.pending < MAX_PENDING:
            self.publish(name)
        elif what == "leave" and is_in:
            self.channels.leave(name)
        elif what == "join" and not is_in:
            self.join(name)

    def join_all(self):
        for name in CHANNELS:
            if name not in self.channels.channels:
                self.join(name)

    def publish_all(self):
        """The last number in each channel."""
        for name in CHANNELS:
            self.publish(name)

    def members(self):
        return {name: sorted(self.channels._channels[name].members) for name in SEEN if name in self.channels._channels}

    def state(self):
        return [self.channels.state, self.channels.pending, len(self.tasks), self.channels.channels]

    def report(self):
        return {
            "name": self.name,
            "log": self.log,
            "acknowledged": self.acknowledged,
            "failed": self.failed,
            "errors": self.errors,
            "closes": self.closes,
            "published": self.published,
        }


try:
    import js
    from pyscript.ffi import create_proxy
except ImportError:
    pass  # on CPython
else:

    def start(urls, name, seconds, now):
        """`now` is the time since 1970 in seconds: Date.now() does not fit into an int of MicroPython."""
        global member, going
        began = js.performance.now()

        def token():
            passed = (js.performance.now() - began) / 1000
            return "%s+%d" % (name, now + int(passed + 2 + seconds * random.random()))

        member = Chaotic(json.loads(urls), name, token)
        going = asyncio.create_task(member.go_on())

    def stop():
        member.running = False
        member.join_all()

    js.start = create_proxy(start)
    js.stop = create_proxy(stop)
    js.publish_all = create_proxy(lambda: member.publish_all())
    js.members = create_proxy(lambda: json.dumps(member.members()))
    js.state = create_proxy(lambda: json.dumps(member.state()))
    js.report = create_proxy(lambda: json.dumps(member.report()))
    print("ready to be driven")
