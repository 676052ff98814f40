"""ably's realtime client, against a fake of the service."""

import browserws.dropin

browserws.dropin.install()

import asyncio

from ably import AblyRealtime
from tools import server, until


def rewrite(url, headers, subprotocols):
    """The fake has no TLS, which the library insists on."""
    return url.replace("wss://ably.test/", server("fakes", "/ably", "ws")), subprotocols


async def publish_and_subscribe():
    """connect, subscribe, publish and close"""
    with browserws.dropin.install(rewrite=rewrite):
        client = AblyRealtime("app.key:secret", endpoint="ably.test", use_binary_protocol=False)
        async with asyncio.timeout(5):
            await client.connection.once_async("connected")
        channel, heard = client.channels.get("channel"), []
        await channel.subscribe("event", lambda message: heard.append(message.data))
        await channel.publish("event", "hello ☃")
        await until(lambda: heard == ["hello ☃"])
        await client.close()
