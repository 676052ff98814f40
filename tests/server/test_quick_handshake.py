"""Handshakes that are read past `websockets`: only where it would read and answer the same."""

import pytest
from websockets.server import ServerProtocol

from browserws.server.quick_handshake import request_of, response_to
from tests.raw_client import handshake

KEY = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
NEEDED = [b"Host: x", b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Version: 13"]
PLAIN = [*NEEDED, KEY]


def request(*lines, first=b"GET /a?b=c HTTP/1.1"):
    return b"\r\n".join([first, *lines, b"", b""])


def read_by_websockets(data, **options):
    """The request, None if it is none, and the protocol that has read it."""
    protocol = ServerProtocol(**options)
    protocol.receive_data(data)
    events = protocol.events_received()
    return (events[0] if events else None), protocol


def items(headers):
    """But for the date."""
    return [item for item in headers.raw_items() if item[0] != "Date"]


READ = {
    "a client": handshake(8765),
    "plain": request(*PLAIN),
    "spaces and bytes": request(*PLAIN, b"X-A:", b"X-B: \t a b\t ", b"X-C:\xe9", b"x_d!: :"),
    "twice": request(*PLAIN, b"Host: y", b"Origin: http://x", b"Origin: http://y"),
    "no WebSocket": request(b"Host: x", first=b"GET /healthz HTTP/1.1"),
}
NOT_READ = {
    "in pieces": request(*PLAIN)[:-2],
    "followed by a frame": request(*PLAIN) + b"\x81\x80abcd",
    "POST": request(*PLAIN, first=b"POST / HTTP/1.1"),
    "HTTP/1.0": request(*PLAIN, first=b"GET / HTTP/1.0"),
    "a whole URL": request(*PLAIN, first=b"GET http://x/ HTTP/1.1"),
    "a path with a space": request(*PLAIN, first=b"GET /a b HTTP/1.1"),
    "a path beyond ASCII": request(*PLAIN, first="GET /é HTTP/1.1".encode()),
    "no headers": request(),
    "a name with a space": request(*PLAIN, b"X : y"),
    "a folded line": request(*PLAIN, b" y"),
    "no colon": request(*PLAIN, b"X"),
    "a control character": request(*PLAIN, b"X: \0"),
    "a bare line feed": request(*PLAIN, b"X: y\nZ: z"),
    "a body": request(*PLAIN, b"Content-Length: 3"),
    "chunks": request(*PLAIN, b"transfer-encoding: chunked"),
    "too many headers": request(*PLAIN, *[b"X: y"] * 200),
}


@pytest.mark.parametrize("data", READ.values(), ids=READ)
def test_request_is_read_as_websockets_reads_it(data):
    expected, _ = read_by_websockets(data)
    found = request_of(data)
    assert (found.path, found.method, found.protocol) == (expected.path, expected.method, expected.protocol)
    assert list(found.headers.raw_items()) == list(expected.headers.raw_items())


@pytest.mark.parametrize("data", NOT_READ.values(), ids=NOT_READ)
def test_whatever_else_comes_is_for_websockets(data):
    assert request_of(data) is None


@pytest.mark.parametrize("data", [handshake(8765), request(*PLAIN)], ids=["a client", "plain"])
def test_answer_is_that_of_websockets(data):
    expected, protocol = read_by_websockets(data)
    response, answer = protocol.accept(expected), response_to(ServerProtocol(), expected)
    assert answer.status_code == response.status_code == 101
    assert items(answer.headers) == items(response.headers)


@pytest.mark.parametrize(
    "lines",
    [
        [*NEEDED, b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR=="],
        [*NEEDED, b"Sec-WebSocket-Key: short"],
        [*PLAIN, KEY],
        NEEDED,
        [NEEDED[0], *PLAIN[2:]],
        [*NEEDED[:3], KEY],
        [*NEEDED[:3], b"Sec-WebSocket-Version: 8", KEY],
        [*NEEDED[:2], b"Connection: keep-alive, Upgrade", *PLAIN[3:]],
    ],
    ids=["odd key", "short key", "two keys", "no key", "no upgrade", "no version", "old version", "a list"],
)
def test_what_is_not_plain_is_answered_by_websockets(lines):
    assert response_to(ServerProtocol(), request_of(request(*lines))) is None


@pytest.mark.parametrize(
    "options",
    [{"origins": []}, {"subprotocols": ["a"]}, {"select_subprotocol": lambda protocol, offered: None}],
    ids=["origins", "subprotocols", "a function"],
)
def test_what_is_negotiated_is_answered_by_websockets(options):
    assert response_to(ServerProtocol(**options), request_of(request(*PLAIN))) is None
