"""openai's realtime API, against a fake of the service."""

import browserws.dropin

browserws.dropin.install()

import openai
from browserws.dropin.errors import NotInPages
from tools import raised, server

KEY = "key-of-the-page"


def rewrite(url, headers, subprotocols):
    """As docs/how-to/dropin.md has it."""
    if "authorization" in headers:
        key = headers.pop("authorization").removeprefix("Bearer ")
        subprotocols = ["realtime", f"openai-insecure-api-key.{key}"]
    return url, subprotocols


def client(key=KEY):
    return openai.AsyncOpenAI(api_key=key, websocket_base_url=server("fakes", "/v1", "ws"))


async def a_text_is_answered():
    """`realtime.connect`, with the key as a subprotocol by `rewrite` · sessions, items and the events of a response"""
    with browserws.dropin.install(rewrite=rewrite):
        async with client().realtime.connect(model="gpt-realtime") as connection:
            assert (await connection.recv()).type == "session.created"
            await connection.session.update(session={"type": "realtime", "output_modalities": ["text"]})
            assert (await connection.recv()).session.output_modalities == ["text"]
            content = [{"type": "input_text", "text": "snow ☃"}]
            await connection.conversation.item.create(item={"type": "message", "role": "user", "content": content})
            await connection.response.create()
            deltas = []
            async for event in connection:
                if event.type == "response.output_text.delta":
                    deltas.append(event.delta)
                elif event.type == "response.output_text.done":
                    assert event.text == "".join(deltas) == "You said snow ☃"
                elif event.type == "response.done":
                    break
            assert event.response.status == "completed"


async def errors_of_the_service():
    """errors of the service"""
    with browserws.dropin.install(rewrite=rewrite):
        async with client().realtime.connect(model="gpt-realtime") as connection:
            await connection.recv()
            await connection.input_audio_buffer.append(audio="AAAA")
            assert (await connection.recv()).error.message == "no audio here"


async def a_wrong_key():
    """a wrong key: the handshake fails, a 502"""
    with browserws.dropin.install(rewrite=rewrite):
        error = await raised(Exception, client("another").realtime.connect(model="gpt-realtime").enter())
        assert error.response.status_code == 502


async def refuses_headers():
    """the key as a header, without `rewrite`: it is named"""
    error = await raised(NotInPages, client().realtime.connect(model="gpt-realtime").enter())
    assert "Authorization" in str(error) and "Stainless" not in str(error), error
