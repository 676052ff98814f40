"""The hub in servers of other libraries, beyond what all tests show that are run over them (`--over`)."""

import pytest

from browserws.server import Hub
from browserws.server.adapters import robyn
from browserws.server.adapters.adapted import AdaptedConnection, Request
from tests.server import over
from tests.server.talk import Running, run


def test_page_of_another_origin_sees_the_code_that_says_why():
    async def main():
        hub = Hub()
        async with over.over_aiohttp(hub) as (port, _):
            async with Running(hub, port).socket(origin="https://evil.example") as client:
                assert await client.closed() == 4403
            async with Running(hub, port).client() as client:
                assert client.welcome["user"] == "ada"

    run(main())


def test_clients_are_sent_away_before_the_application_stops():
    async def main():
        hub = Hub()
        async with over.over_aiohttp(hub) as (port, runner), Running(hub, port).client() as client:
            await runner.cleanup()
            assert await client.closed() == 1012

    run(main())


def test_robyn_is_refused_a_hub_that_checks_origins():
    """It does not say of which origin a page is."""
    with pytest.raises(ValueError, match="origin"):
        robyn.attach(Hub(), object(), "/hub")


def test_hub_that_was_not_started_is_named():
    async def main():
        connection = AdaptedConnection(Request("/hub", None), None)
        with pytest.raises(RuntimeError, match="not running"):
            await connection.serve(Hub())

    run(main())
