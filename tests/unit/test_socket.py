"""`Socket`, on which the public classes stand: whose it is, what it passes on, and how its end is told."""

import asyncio

from suite import turns

from browserws._host.callbacks import Callbacks
from browserws._runtime.socket import Socket, check_url
from browserws.codes import Close
from browserws.testing import FakeNetwork


async def silent(connection):
    await connection.wait_closed()


def listener(log=None):
    """Callbacks that write down what they are given."""
    log = [] if log is None else log
    names = ("open", "messages", "failure", "end")
    return Callbacks(bytes, *[lambda *given, name=name: log.append((name, *given)) for name in names])


def run(test, server=silent):
    """`test(socket, network)` with an open socket."""

    async def main():
        with FakeNetwork(server) as network:
            socket = Socket("/", None, listener())
            await turns()
            assert socket.ready_state == 1
            await test(socket, network)

    asyncio.run(main())


def test_url_that_knows_how_it_is_made_absolute_is_asked():
    """As an Endpoint is, which keeps its options."""

    class Url(str):
        def absolute(self, url):
            return ("whole", url)

    with FakeNetwork(silent):
        assert check_url(Url("/x")) == ("whole", check_url("/x"))


def test_address_is_resolved_against_the_page_of_its_own_host():
    """A page may change its host while a socket reconnects, as a test that ends does."""

    async def main():
        here = FakeNetwork(silent, page="https://here.test/")
        with here, FakeNetwork(silent, page="https://there.test/"):
            assert Socket("/x", None, listener(), host=here).js.url == "wss://here.test/x"
            assert Socket("/x", None, listener()).js.url == "wss://there.test/x"

    asyncio.run(main())


def test_what_the_browser_says_of_an_event_is_passed_on():
    log = []

    async def main():
        with FakeNetwork(silent):
            socket = Socket("/", None, listener(log))
            source = object()
            socket._on_open(source)
            socket._on_failure(source)
            socket._on_end(1000, "bye", True, source)
            assert log == [("open", source), ("failure", source), ("end", 1000, "bye", True, source)]
            socket._link._ended = True

    asyncio.run(main())


def test_connection_that_never_opened_has_failed_whatever_the_browser_says():
    """WHATWG WebSockets §3.1: close() while CONNECTING fails the connection, which is 1006."""
    log = []

    async def main():
        with FakeNetwork(silent):
            socket = Socket("/", None, listener(log))
            socket.close(4001, "too late")
            socket._on_end(4001, "too late", True, None)
            assert log == [("end", 1006, "", False, None)]
            socket._link._ended = True

    asyncio.run(main())


def test_aborted_connection_was_closed_without_a_reason_and_without_an_answer():
    seen = []

    async def server(connection):
        await connection.wait_closed()
        seen.append((connection.close_code, connection.close_reason))

    async def test(socket, network):
        socket.abort()
        await turns()
        error = socket.why_not_sendable()
        assert (error.rcvd, error.sent, error.rcvd_then_sent) == (None, Close(1000, ""), None)

    run(test, server)
    assert seen == [(1000, "")]


def test_close_of_the_server_is_answered_with_the_same():
    async def server(connection):
        await connection.close(4000, "enough")

    async def main():
        with FakeNetwork(server):
            socket = Socket("/", None, listener())
            await turns(6)
            error = socket.why_not_sendable()
            assert error.rcvd == error.sent == Close(4000, "enough") and error.rcvd_then_sent is True

    asyncio.run(main())


def test_close_of_both_sides_has_its_order():
    async def test(socket, network):
        socket.close(3000, "bye")
        await turns(6)
        error = socket.why_not_sendable()
        assert (error.rcvd, error.sent, error.rcvd_then_sent) == (Close(3000, "bye"), Close(3000, "bye"), False)

    run(test)


def test_connection_that_broke_had_no_close_frame_at_all():
    async def test(socket, network):
        network.connections[0].transport.abort()
        await turns(6)
        error = socket.why_not_sendable()
        assert (error.rcvd, error.sent, error.rcvd_then_sent) == (None, None, None)

    run(test)
