"""deepgram-sdk, against a fake of the service."""

import browserws.dropin

browserws.dropin.install()

from browserws.dropin.errors import NotInPages
from deepgram import AsyncDeepgramClient
from deepgram.core.events import EventType
from deepgram.environment import DeepgramClientEnvironment
from tools import raised, server

KEY = "key-of-the-page"


def rewrite(url, headers, subprotocols):
    """As docs/how-to/dropin.md has it."""
    if "authorization" in headers:
        subprotocols = ["token", headers.pop("authorization").removeprefix("Token ")]
        headers.pop("x-deepgram-session-id", None)
    return url, subprotocols


def connect(key=KEY):
    address = server("fakes", scheme="ws")
    environment = DeepgramClientEnvironment(base=address, production=address, agent=address, agent_rest=address)
    return AsyncDeepgramClient(api_key=key, environment=environment).listen.v1.connect(model="nova-3")


async def a_stream_is_transcribed():
    """`listen.v1.connect`, with the key as a subprotocol by `rewrite` · audio, and its results, to the end"""
    with browserws.dropin.install(rewrite=rewrite):
        async with connect() as connection:
            seen = []
            connection.on(EventType.MESSAGE, seen.append)
            for _ in range(3):
                await connection.send_media(bytes(8000))
            await connection.send_close_stream()
            await connection.start_listening()
    assert [one.type for one in seen] == ["Results"] * 3 + ["Metadata"]
    assert seen[2].channel.alternatives[0].transcript == "24000 bytes"


async def a_wrong_key():
    """a wrong key: the handshake fails, a 502"""
    with browserws.dropin.install(rewrite=rewrite):
        error = await raised(Exception, connect("another").__aenter__())
        assert error.status_code == 502, error


async def refuses_headers():
    """the key as a header, without `rewrite`: it is named"""
    error = await raised(NotInPages, connect().__aenter__())
    assert "Authorization" in str(error) and "Fern" not in str(error), error
