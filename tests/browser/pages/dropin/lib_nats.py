"""nats-py, against nats-server."""

import asyncio

import browserws.dropin

browserws.dropin.install()

import nats
import nats.errors
from browserws.dropin.errors import NotInPages
from tools import raised, server


def connect(**options):
    return nats.connect(server("nats", scheme="ws"), **options)


async def publish_and_subscribe():
    """publish and subscribe"""
    connection = await connect()
    subscription = await connection.subscribe("page.*")
    for number in range(200):
        await connection.publish("page.x", str(number).encode())
    for number in range(200):
        assert (await subscription.next_msg(5)).data == str(number).encode()
    await connection.close()


async def large_messages():
    """messages of 100 kB and more"""
    connection = await connect()
    subscription = await connection.subscribe("large")
    for size in (0, 100_000, 900_000):
        await connection.publish("large", bytes(size))
        assert len((await subscription.next_msg(5)).data) == size
    await connection.close()


async def request_and_reply():
    """request and reply"""
    connection = await connect()

    async def answer(message):
        await message.respond(message.data[::-1])

    await connection.subscribe("reverse", cb=answer)
    answers = await asyncio.gather(*[connection.request("reverse", b"%d0" % n, timeout=5) for n in range(1, 10)])
    assert [answer.data for answer in answers] == [b"0%d" % n for n in range(1, 10)]
    await connection.close()


async def drain():
    """`drain`, and closing"""
    connection = await connect()
    seen = []

    async def keep(message):
        seen.append(message.data)

    await connection.subscribe("drained", cb=keep)
    for _ in range(50):
        await connection.publish("drained", b"x")
    await connection.drain()
    assert len(seen) == 50 and connection.is_closed


async def refuses_plain_nats():
    """`nats://`, which is TCP: use `ws://` or `wss://`"""
    address = server("nats", scheme="nats")
    error = await raised(Exception, nats.connect(address, connect_timeout=0.2, allow_reconnect=False))
    assert isinstance(error, (NotInPages, TimeoutError, nats.errors.Error)), error
