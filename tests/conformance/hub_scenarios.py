"""Hubs for the conformance suite: one for each key, made when it is first asked for.

/hub/KEY                      a hub as it is
/hub/KEY/short                that keeps five messages of a channel
/hub/KEY/small                that takes messages of up to 2000 bytes
/hub/KEY/large                that takes messages of up to 256 KiB
/hub/KEY/guarded              that authenticates: a token is the user's name, "NAME+SECONDS" if it ends so soon;
                              nobody may publish to "notices" or join "secrets", and there is no "nowhere"
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

import time

from browserws.errors import UnknownChannel
from browserws.server import Hub, Settings, User

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
    "guarded": {"authenticate": authenticate, "authorize": authorize},
}


async def hub(connection, key, kind=""):
    if key not in _hubs:
        _hubs[key] = Hub(**KINDS[kind])
        _hubs[key].kind = kind
        await _hubs[key].start()
    await _hubs[key].handle(connection)


def cut(hub):
    for connection in list(hub.connections):
        connection.abort()


async def publish(hub, channel="", count=0):
    for number in range(int(count)):
        await hub.publish(channel, number + 1)


async def restart(key):
    hub = _hubs[key]
    _hubs[key] = Hub(**KINDS[hub.kind])
    _hubs[key].kind = hub.kind
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
