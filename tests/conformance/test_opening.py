"""Addresses, subprotocols, and the way to `open`, or to failure."""

from suite import Recorder, connected, here, raised, raised_by, turns

from browserws import ConnectionClosed, InvalidHandshake, InvalidURI, NotOpen, WebSocket, connect, supported


async def test_supported_is_true_in_a_browser():
    assert supported or here.server.startswith("ws://fake")


async def test_open_comes_first_and_the_state_follows():
    recorder = Recorder("/greet")
    assert recorder.ws.readyState == WebSocket.CONNECTING == 0
    await recorder.open()
    assert recorder.ws.readyState == WebSocket.OPEN == 1
    assert await recorder.message() == "welcome"
    close = await recorder.done()
    assert recorder.ws.readyState == WebSocket.CLOSED == 3
    assert recorder.types() == ["open", "message", "close"]
    assert close.code == 1000 and close.wasClean is True and close.reason == ""


async def test_events_name_their_socket_and_have_none_where_javascript_has_undefined():
    recorder = await connected("/greet")
    await recorder.message()
    await recorder.done()
    for event in recorder.events:
        assert event.target is recorder.ws
    opened, message, closed = recorder.events
    assert opened.data is None and opened.code is None and closed.data is None and message.wasClean is None
    raised(AttributeError, lambda: message.nonsense)


async def test_url_is_absolute_and_protocol_empty():
    recorder = await connected("/echo")
    assert recorder.ws.url == here.server + "/echo"
    assert recorder.ws.protocol == "" and recorder.ws.bufferedAmount == 0
    assert isinstance(recorder.ws.extensions, str)
    await recorder.done()


async def test_address_relative_to_the_server():
    if not here.is_page:
        raised(InvalidURI, WebSocket, "/echo")
        return
    ws = WebSocket("/echo")
    assert ws.url == here.server + "/echo"
    ws.close()


async def test_address_relative_to_the_page():
    if not here.is_page:
        raised(InvalidURI, WebSocket, "echo")
    elif here.page_path_known:
        ws = WebSocket("echo")
        assert ws.url.startswith(here.server) and ws.url.endswith("/echo")
        ws.close()
    else:
        assert "begin it with '/'" in str(raised(InvalidURI, WebSocket, "echo"))


async def test_http_address_becomes_ws():
    ws = WebSocket("http" + here.server[2:] + "/echo")
    assert ws.url == here.server + "/echo"
    ws.close()


async def test_addresses_that_a_browser_refuses_are_refused_by_name():
    for url, says in [
        ("ftp://example.org/", "the scheme 'ftp'"),
        (here.server + "/echo#part", "has a fragment"),
        (here.server + "/echo#", "has a fragment"),
        ("ws://", "isn't a valid URI"),
        ("ws://localhost:99999/", "isn't a valid URI"),
    ]:
        error = raised(InvalidURI, WebSocket, url)
        assert says in str(error), str(error)
        assert error.uri == url
    assert str(raised(TypeError, WebSocket, 3)) == "url must be a str, not int"


async def test_white_space_and_control_characters_are_treated_as_by_the_browser():
    """WHATWG URL §4.4: stripped at the ends, tabs and line ends dropped inside, others percent-encoded."""
    for url, becomes in [
        (" \0\n" + here.server + "/echo\n", "/echo"),
        (here.server + "/ec\n\tho\r", "/echo"),
        (here.server + "/echo?a\0b\x1fc", "/echo?a%00b%1Fc"),
        ("\n/echo\0", "/echo"),
    ][: 4 if here.is_page else 3]:  # the last is relative
        ws = WebSocket(url)
        assert ws.url == here.server + becomes, ws.url
        ws.close()
    raised(InvalidURI, WebSocket, "ws://a\0b/")


class Text(str):
    """A str that is not quite one: MicroPython would hand it to JavaScript as an object."""


async def test_subclasses_of_str_and_int_are_taken_as_what_they_are():
    class Code(int):
        pass

    recorder = await connected(Address("/subprotocol"), [Text("first"), Text("chat")])
    assert recorder.ws.url == here.server + "/subprotocol"
    assert await recorder.message() == "chat" == recorder.ws.protocol
    recorder.ws.close(Code(3456), Text("bye"))
    close = await recorder.closed()
    assert (close.code, close.reason) == (3456, "bye")


class Address(Text):
    """A path that stays a subclass of str behind the server's address."""

    def __radd__(self, server):
        return Address(server + self[:])


async def test_unknown_keyword_is_a_type_error():
    assert "onmesage" in str(raised(TypeError, WebSocket, here.server + "/echo", onmesage=print))


async def test_the_server_chooses_among_the_subprotocols():
    recorder = await connected("/subprotocol", ["chat", "superchat"])
    assert await recorder.message() == "superchat"
    assert recorder.ws.protocol == "superchat"
    await recorder.done()


async def test_one_subprotocol_as_a_string():
    recorder = await connected("/subprotocol", "chat")
    assert recorder.ws.protocol == "chat"
    await recorder.done()


async def test_every_character_that_a_subprotocol_may_have_is_accepted():
    allowed = "".join(chr(c) for c in range(0x21, 0x7F) if chr(c) not in '()<>@,;:\\"/[]?={}')
    recorder = await connected("/subprotocol", [allowed])
    assert recorder.ws.protocol == allowed
    await recorder.done()


async def test_every_character_that_a_subprotocol_may_not_have_is_refused():
    forbidden = [chr(c) for c in range(0x21)] + list('()<>@,;:\\"/[]?={}') + ["\x7f", "\x80", "é", "€"]
    for character in forbidden:
        error = raised(ValueError, WebSocket, here.server + "/subprotocol", ["a" + character])
        assert "is not a subprotocol" in str(error)
    raised(ValueError, WebSocket, here.server + "/subprotocol", [""])
    raised(ValueError, WebSocket, here.server + "/subprotocol", "")


async def test_repeated_subprotocols_and_wrong_types_are_refused():
    address = here.server + "/subprotocol"
    assert "twice" in str(raised(ValueError, WebSocket, address, ["a", "b", "a"]))
    raised(TypeError, WebSocket, address, 5)
    raised(TypeError, WebSocket, address, [5])
    recorder = await connected("/subprotocol", ["a", "A"])  # case matters
    await recorder.done()


async def test_refused_handshake_is_an_error_then_a_close():
    recorder = Recorder("/refuse")
    close = await recorder.closed()
    assert recorder.types() == ["error", "close"]
    assert close.code == 1006 and close.wasClean is False


async def ends_once(address):
    events = []
    ws = WebSocket(address)
    recorder = Recorder("/echo")
    ws.bind("error", lambda event: events.append((event.type, ws.readyState)))
    ws.bind("close", lambda event: (events.append((event.type, event.code)), recorder._news.set()))
    await recorder.until(lambda: len(events) == 2)
    assert events == [("error", 3), ("close", 1006)]
    await recorder.done()
    assert len(events) == 2


async def test_address_forbidden_by_the_page_ends_once():
    """Browsers fire `error` alone for these: without care, such a socket never ends."""
    await ends_once(here.blocked)


async def test_port_forbidden_by_the_browser_ends_once():
    """WebKit fires `error` alone, and its socket is still connecting then (WHATWG Fetch §2.9 lists the ports)."""
    await ends_once(here.forbidden_port)


async def test_socket_that_the_browser_refuses_to_make_ends_like_one_that_fails():
    """Firefox and WebKit throw where the page's policy forbids the address; nothing of that reaches Python."""
    with here.no_sockets():
        recorder = Recorder("/echo")
        asked = Recorder("/echo")
        asked.ws.close(3000)
        aborted = Recorder("/echo")
        aborted.ws._socket.abort()
    assert recorder.ws.readyState == WebSocket.CONNECTING and asked.ws.readyState == WebSocket.CLOSING
    assert (recorder.ws.url, recorder.ws.protocol) == (here.server + "/echo", "")
    assert (recorder.ws.bufferedAmount, recorder.ws.extensions) == (0, "")
    raised(NotOpen, recorder.ws.send, "x")
    for opened in (recorder, asked):
        close = await opened.closed()
        assert opened.types() == ["error", "close"]
        assert (close.code, close.reason, close.wasClean) == (1006, "", False)
        assert opened.ws.readyState == WebSocket.CLOSED
    assert aborted.types() == ["close"]
    await turns(10)
    assert recorder.types() == asked.types() == ["error", "close"] and aborted.types() == ["close"]
    raised(ConnectionClosed, recorder.ws.send, "x")


async def test_connect_where_the_browser_refuses_to_make_a_socket_is_an_invalid_handshake():
    for options in ({}, {"backpressure": "prefer"}):
        with here.no_sockets():
            await raised_by(InvalidHandshake, connect(here.server + "/echo", **options)._open())
