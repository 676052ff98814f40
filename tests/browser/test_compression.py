"""A hub that compresses (`--compression deflate`), and pages, whose browsers compress what they send it."""

import pytest

from tests.server.process import HubProcess

TEXTS = ["short", "a word, and the same again; " * 1000, "ü" * 20_000, "bytes " * 5000]
PAGE = """
from browserws import Channels, WebSocket

ws = WebSocket(URL)
channels = Channels(URL)
room = channels.join("room")
got = []

@room.bind("message")
def keep(event):
    got.append(event.data if isinstance(event.data, str) else bytes(event.data).decode())

for text in TEXTS[:-1]:
    room.publish(text)
room.publish(TEXTS[-1].encode())
"""


@pytest.fixture
def hub(site):
    hub = HubProcess("--compression", "deflate", "--origin", site.url())
    yield hub
    hub.kill()


def test_page_and_hub_read_what_the_other_has_compressed(remote, hub):
    remote.run(f"URL, TEXTS = 'ws://localhost:{hub.port}/', {TEXTS}" + PAGE)
    remote.page.wait_for_function("() => (python('js.value = len(got)'), globalThis.value === 4)", polling=100)
    assert remote.value("'|'.join(got)") == "|".join(TEXTS)
    assert "permessage-deflate" in remote.value("ws.extensions")
    remote.run("ws.close(); channels.close()")
