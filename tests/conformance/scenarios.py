"""What the server of the conformance suite does, by path. One source for the real server and the fake.

/echo                    sends back what comes
/close/CODE/REASON       closes with them at once; without REASON, with none
/close-after/CODE        closes when the first message comes, after sending it back three times
/drop                    breaks the connection without a closing handshake when a message comes
/flood/N                 when a message comes, sends N numbered texts
/burst-close/N           when a message comes, sends N numbered texts and closes with 4000
/greet                   sends "welcome" at once, then echoes
/subprotocol             chooses the last subprotocol offered, then sends its name
/received                answers each message with its type, size and SHA-256
/report-close/KEY        remembers under KEY the code and reason that the page closed with
/closes/KEY              sends what is remembered under KEY, as soon as it is there
/refuse                  the handshake is refused with 403
/refuse-first/KEY/N      the first N handshakes are refused, then as /greet
/hold                    the handshake is never answered
/deaf/KEY                reads nothing until /wake/KEY comes, then sends the bytes that came for each message
/deaf/KEY/SIZE           the same, and sends a text of that size at once
/wake/KEY                see /deaf
/push/KEY/N/SIZE         when a message comes, sends N messages of SIZE bytes, each with its number in front
/hub/... /hub-do/... /plain-chat/...    see hub_scenarios.py
/pushed/KEY              sends how many of them have been sent, when all have or one has waited for 0.5 s
"""

import asyncio
import hashlib
import json
from urllib.parse import unquote

import hub_scenarios

_closes: dict = {}
_handshakes: dict = {}
_wakers: dict = {}
_pushes: dict = {}


def refuses(path):
    if path.startswith("/refuse-first/"):
        _, _, key, count = path.split("/")
        _handshakes[key] = _handshakes.get(key, 0) + 1
        return _handshakes[key] <= int(count)
    return path.startswith("/refuse")


def holds(path):
    return path.startswith("/hold")


def select_subprotocol(connection, offered):
    """The last one offered; none where none is offered."""
    return offered[-1] if offered else None


# of tools.server.Site
OPTIONS = {
    "refuses": refuses,
    "holds": holds,
    "select_subprotocol": select_subprotocol,
    "close_timeout": 1,  # of the server: some scenarios leave it without an answer
}


async def serve(connection):
    name, *arguments = connection.request.path.split("?")[0].strip("/").split("/")
    try:
        await SCENARIOS[name](connection, *(unquote(a) for a in arguments))
    except Exception:
        if connection.close_code is None:  # else the page has gone, as it may at any time
            raise


async def echo(connection):
    async for message in connection:
        await connection.send(message)


async def delay(connection, milliseconds):
    async for message in connection:
        await asyncio.sleep(int(milliseconds) / 1000)
        await connection.send(message)


async def large(connection, size):
    await connection.recv()
    await connection.send(bytes(int(size)))
    await connection.send("after")
    await connection.wait_closed()


async def greet(connection):
    await connection.send("welcome")
    await echo(connection)


async def close(connection, code, reason=""):
    await connection.close(int(code), reason)


async def close_after(connection, code):
    message = await connection.recv()
    for _ in range(3):
        await connection.send(message)
    await connection.close(int(code))


async def drop(connection):
    await connection.recv()
    connection.transport.abort()


async def flood(connection, count):
    await connection.recv()
    for number in range(int(count)):
        await connection.send(str(number))
    await connection.wait_closed()


async def burst_close(connection, count):
    await connection.recv()
    for number in range(int(count)):
        await connection.send(str(number))
    await connection.close(4000, "burst")


async def subprotocol(connection):
    await connection.send(connection.subprotocol or "")
    await connection.wait_closed()


async def received(connection):
    async for message in connection:
        kind = "text" if isinstance(message, str) else "binary"
        data = message.encode() if isinstance(message, str) else bytes(message)
        await connection.send(json.dumps([kind, len(data), hashlib.sha256(data).hexdigest()]))


def _remembered(key):
    return _closes.setdefault(key, asyncio.get_running_loop().create_future())


async def report_close(connection, key):
    await connection.wait_closed()
    _remembered(key).set_result([connection.close_code, connection.close_reason])


async def closes(connection, key):  # not as escapes: MicroPython reads those of emoji wrongly
    await connection.send(json.dumps(await _remembered(key), ensure_ascii=False))


def _waker(key):
    return _wakers.setdefault(key, asyncio.Event())


async def deaf(connection, key, size=0):
    connection.transport.pause_reading()
    if size:
        await connection.send("x" * int(size))
    ends = [asyncio.ensure_future(_waker(key).wait()), asyncio.ensure_future(connection.wait_closed())]
    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    for end in ends:
        end.cancel()
    connection.transport.resume_reading()
    async for message in connection:
        await connection.send(str(len(message)))


async def wake(connection, key):
    _waker(key).set()


class Push:
    """The messages of one /push: how many were sent, and whether it waits or is done."""

    def __init__(self):
        self.sent = 0
        self.stands = asyncio.Event()


def _push(key):
    return _pushes.setdefault(key, Push())


async def push(connection, key, count, size):
    state = _push(key)
    await connection.recv()
    for number in range(int(count)):
        sending = asyncio.ensure_future(connection.send(b"%8d" % number + bytes(int(size) - 8)))
        try:
            await asyncio.wait([sending], timeout=0.5)
            if not sending.done():
                state.stands.set()
            await sending
        finally:
            sending.cancel()
        state.sent += 1
    state.stands.set()
    await connection.wait_closed()


async def pushed(connection, key):
    await _push(key).stands.wait()
    await connection.send(str(_push(key).sent))


SCENARIOS = {
    "echo": echo,
    "delay": delay,
    "large": large,
    "greet": greet,
    "close": close,
    "close-after": close_after,
    "drop": drop,
    "flood": flood,
    "burst-close": burst_close,
    "subprotocol": subprotocol,
    "received": received,
    "report-close": report_close,
    "closes": closes,
    "refuse-first": lambda connection, key, count: greet(connection),
    "deaf": deaf,
    "wake": wake,
    "push": push,
    "pushed": pushed,
    **hub_scenarios.SCENARIOS,
}
