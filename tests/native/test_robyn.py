"""The codec for Robyn's chat room, with the server here and with Robyn 0.79 itself. In pages: tests/browser/."""

import pytest

from tests.browser.pages import robyn_client
from tests.faults.proxy import FaultProxy
from tests.native.program import run
from tests.robyn_examples.running import example, example_of_robyn


@pytest.mark.parametrize("server", [example, example_of_robyn])
def test_chat_room_whose_connections_break(server):
    with server("chat") as (port, _), FaultProxy(port) as proxy:
        run(robyn_client.main(f"ws://127.0.0.1:{proxy.port}/chat", proxy.cut))
