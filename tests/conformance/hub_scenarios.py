"""Hubs for the conformance suite: one for each key, made when it is first asked for.

/hub/KEY                      a hub as it is
/hub/KEY/short                that keeps five messages of a channel
/hub/KEY/small                that takes messages of up to 2000 bytes
/hub/KEY/large                that takes messages of up to 256 KiB
/hub/KEY/guarded              that authenticates: a token is the user's name, "NAME+SECONDS" if it ends so soon;
                              nobody may publish to "notices" or join "secrets", and there is no "nowhere"
/hub/KEY/moderated            whose program publishes in capitals, refuses what is "rude" and answers "time?"
                              (each has the functions of `add_functions`)
/hub-do/KEY/cut               breaks all its connections
/hub-do/KEY/cut/CHANNEL/N     the same, and publishes before they can come back
/hub-do/KEY/restart           a new hub in its place, that knows nothing
/hub-do/KEY/put-out/USER/CHANNEL
/hub-do/KEY/publish/CHANNEL/N publishes the numbers 1 to N, as nobody
/hub-do/KEY/nonsense          says a message without a channel
/hub-do/KEY/once-restart      restarts when the next publish was taken, before it is answered
/hub-do/KEY/once              the connections break when the next publish was taken, before it is answered
/plain-chat/KEY               sends what comes to all that are connected, as tutorials' chat servers do
"""

import asyncio
import time

from browserws.errors import UnknownChannel
from browserws.server import Hub, Refused, Settings, User

_hubs: dict = {}
_chats: dict = {}


def authenticate(token):
    if not token or token == "wrong":
        return None
    name, _, seconds = token.partition("+")
    return User(name, time.time() + float(seconds) if seconds else None)


def authorize(user, channel, action):
    if channel == "nowhere":
        raise UnknownChannel(channel, "there is no such channel")
    return (channel, action) not in (("notices", "publish"), ("secrets", "join"))


KINDS = {
    "": {},
    "short": {"settings": Settings(history=5)},
    "small": {"settings": Settings(max_message=2000)},
    "large": {"settings": Settings(max_message=256 * 1024)},
    "moderated": {},
    "guarded": {"authenticate": authenticate, "authorize": authorize},
}


async def hub(connection, key, kind=""):
    if key not in _hubs:
        _hubs[key] = make(kind)
        await _hubs[key].start()
    await _hubs[key].handle(connection)


def make(kind):
    hub = Hub(**KINDS[kind])
    hub.kind = kind
    add_functions(hub)
    if kind == "moderated":
        hub.on("publish")(moderate)
    return hub


def moderate(message):
    if message.data == "rude":
        raise Refused("be polite")
    if message.data == "time?":
        message.answer({"time": 7})
    else:
        message.data = message.data.upper()


def add_functions(hub):
    calls = []  # of functions, in their order
    counts = {"made": 0, "closed": 0}  # what streams have made; calls that have ended before they were ready

    def function(given):
        hub.call(given.__name__)(given)

    @function
    def add(a, b):
        return a + b

    @function
    async def whoami(user):
        return user

    @function
    def raw():
        return b"\0\n\xff"

    @function
    def refuse(code):
        raise Refused("because", code)

    @function
    def fail():
        raise ValueError("secret")

    @function
    async def count(to):
        calls.append("count")
        try:
            for number in range(to):
                counts["made"] += 1
                yield number
        except BaseException:
            counts["closed"] += 1
            raise

    @function
    async def break_off():
        yield 0
        yield 1
        raise ValueError("secret")

    @function
    async def hang():
        calls.append("hang")
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            counts["closed"] += 1

    @function
    async def send_me(connection, data):
        await connection.send(data)

    hub.call("calls")(lambda: [*calls, "calls"])
    for name in counts:
        hub.call(name)(lambda name=name: counts[name])


def cut(hub):
    for connection in list(hub.connections):
        connection.abort()


async def publish(hub, channel="", count=0):
    for number in range(int(count)):
        await hub.publish(channel, number + 1)


async def restart(key):
    hub = _hubs[key]
    _hubs[key] = make(hub.kind)
    await _hubs[key].start()
    cut(hub)


async def hub_do(connection, key, what, *arguments):
    hub = _hubs[key]
    if what == "restart":
        await restart(key)
    elif what == "cut":
        cut(hub)
        await publish(hub, *arguments)
    elif what == "put-out":
        await hub.remove(*arguments, reason="put out")
    elif what == "publish":
        await publish(hub, *arguments)
    elif what == "nonsense":
        for client in list(hub.connections):
            client.send({"type": "message", "data": 1})
    elif what == "once":
        at_next_publish(hub, lambda: cut(hub))
    elif what == "once-restart":
        at_next_publish(hub, lambda: restart(key))
    await connection.send("done")
    await connection.wait_closed()


def at_next_publish(hub, action):
    real = hub.store.publish

    async def publish(*arguments):
        hub.store.publish = real
        published = await real(*arguments)
        doing = action()
        if doing is not None:
            await doing
        return published

    hub.store.publish = publish


async def plain_chat(connection, key):
    members = _chats.setdefault(key, set())
    members.add(connection)
    try:
        async for message in connection:
            for member in list(members):
                await member.send(message)
    finally:
        members.discard(connection)


SCENARIOS = {"hub": hub, "hub-do": hub_do, "plain-chat": plain_chat}
