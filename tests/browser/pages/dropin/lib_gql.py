"""gql over WebSockets, by way of `websockets` and by way of aiohttp."""

import browserws.dropin

browserws.dropin.install()

from gql import Client, gql
from gql.transport.aiohttp_websockets import AIOHTTPWebsocketsTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.websockets import WebsocketsTransport
from tools import raised, server, url

HELLO = 'query { hello(name: "page") }'
COUNT = "subscription { count(to: 20) }"


def transports(address=None):
    address = address or server("graphql", scheme="ws")
    return WebsocketsTransport(url=address), AIOHTTPWebsocketsTransport(url=address)


async def queries():
    """queries, with both transports"""
    for transport in transports():
        async with Client(transport=transport) as session:
            assert await session.execute(gql(HELLO)) == {"hello": "Hello page"}


async def subscriptions():
    """subscriptions, with both transports"""
    for transport in transports():
        async with Client(transport=transport) as session:
            assert [result["count"] async for result in session.subscribe(gql(COUNT))] == list(range(20))


async def a_subscription_can_be_left():
    """leaving a subscription early"""
    for transport in transports():
        async with Client(transport=transport) as session:
            results = session.subscribe(gql("subscription { count(to: 100000) }"))
            async for result in results:
                if result["count"] == 3:
                    break
            await results.aclose()
            assert await session.execute(gql(HELLO)) == {"hello": "Hello page"}


async def the_older_protocol():
    """the older subprotocol, `graphql-ws`"""
    address = server("graphql", scheme="ws")
    protocol = [WebsocketsTransport.APOLLO_SUBPROTOCOL]
    async with Client(transport=WebsocketsTransport(url=address, subprotocols=protocol)) as session:
        assert [result["count"] async for result in session.subscribe(gql(COUNT))] == list(range(20))


async def errors_of_the_server():
    """errors of the server"""
    for transport in transports():
        async with Client(transport=transport) as session:
            await raised(TransportQueryError, session.execute(gql("query { nothing }")))


async def a_failed_connection():
    """a failed connection"""
    for transport in transports(url("/refuse")):
        await raised(Exception, Client(transport=transport).connect_async())


async def refuses_headers():
    """`headers`: they are named"""
    for kind in (WebsocketsTransport, AIOHTTPWebsocketsTransport):
        transport = kind(url=server("graphql", scheme="ws"), headers={"Authorization": "x"})
        error = await raised(Exception, Client(transport=transport).connect_async())
        assert "Authorization" in str(error) or "Authorization" in str(error.__cause__), error
