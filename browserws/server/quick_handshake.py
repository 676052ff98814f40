"""Opening handshakes as browsers send them, at a quarter of the cost; all others are for `websockets` (RFC 6455 §4.2).

`websockets` reads and checks a request line by line, as it may come in pieces and be whatever it likes. Most come in
one piece, and are plain. What is not, is not read here, and so has the answer that `websockets` gives.
"""

from __future__ import annotations

import re

from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol
from websockets.utils import accept_key

REQUEST = re.compile(
    rb"GET (/[!-~]*) HTTP/1\.1\r\n((?:[-\w!#$%&'*+.^`|~]+:[\t\x20-\x7e\x80-\xff]*\r\n){1,100})\r\n", re.A
)
KEY = re.compile(r"[A-Za-z0-9+/]{21}[AQgw]==")  # 16 bytes in base64
OF_A_BODY = ("Transfer-Encoding", "Content-Length")


def request_of(data: bytes) -> Request | None:
    """The request, if `data` is nothing else."""
    found = REQUEST.fullmatch(data)
    if found is None:
        return None
    headers = Headers()
    for line in found[2].decode("latin-1").split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        headers[name] = value.strip(" \t")
    return None if any(name in headers for name in OF_A_BODY) else Request(found[1].decode(), headers)


def response_to(protocol: ServerProtocol, request: Request) -> Response | None:
    """That the protocol is switched, if nothing is to be negotiated and nothing is wrong."""
    if protocol.origins is not None or protocol.available_extensions or protocol.available_subprotocols:
        return None
    if "select_subprotocol" in vars(protocol):
        return None
    headers = request.headers
    connection, upgrade = headers.get_all("Connection"), headers.get_all("Upgrade")
    keys, versions = headers.get_all("Sec-WebSocket-Key"), headers.get_all("Sec-WebSocket-Version")
    if (connection, upgrade, versions) != (["Upgrade"], ["websocket"], ["13"]) or len(keys) != 1:
        return None
    if (request.method, request.protocol) != ("GET", "HTTP/1.1") or not KEY.fullmatch(keys[0]):
        return None
    accepted = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": accept_key(keys[0])}
    return Response(101, "Switching Protocols", Headers(accepted))
