"""The hub in applications of other frameworks, each with its real server: an HTTP route, messages, and the end."""

import pytest

from tests.browser.test_frameworks import NAMES, application, get
from tests.frameworks.applications import HELLO, PATHS
from tests.server.talk import Running, run


@pytest.mark.parametrize("name", NAMES)
def test_application_has_the_hub_beside_its_routes(name):
    async def main(process, port):
        hub = Running(None, port)
        hub.url += PATHS.get(name, "/hub")
        async with hub.client() as ada:
            await ada.ask("join", channel="c")
            await ada.ask("publish", channel="c", data="é" * 9000)
            assert (await ada.receive("message"))["data"] == "é" * 9000
            async with hub.socket() as other:
                await other.send("ping")
                assert await other.closed() == (1006 if name == "robyn" else 4400)
            if name != "robyn":  # which goes on while there are connections
                process.terminate()
                assert await ada.closed() == 1012

    with application(name) as (process, port):
        assert get(port, "/hello") == HELLO
        run(main(process, port))
