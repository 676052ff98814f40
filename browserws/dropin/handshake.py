"""The opening handshake: what of a library's request a page can do, and what a server would answer (RFC 6455 §4)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from urllib.parse import urlsplit

import h11

from .errors import NotInPages
from .settings import Rewrite

Headers = list[tuple[str, str]]

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

# The browser writes these itself, and a server gets on without the library's.
BROWSERS_OWN = {
    "host", "connection", "upgrade", "user-agent", "cookie", "origin", "pragma", "cache-control", "content-length",
    "sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions", "sec-websocket-protocol",
    "x-goog-api-client",
}  # fmt: skip
# For a WebSocket these mean nothing, either: what an answer may be, the type of a body that is not there, and what
# generated clients (by Stainless, by Fern) and Ably's say of the machine and of themselves.
WITHOUT_MEANING = ("accept", "content-type", "x-stainless-", "x-fern-", "ably-agent", "x-ably-version")

FAILED = (
    "The browser could not open the WebSocket, and does not tell a page why: the server may be unreachable, or have "
    "refused the handshake, or its certificate.\n"
)


def is_upgrade(headers: Iterable[tuple[str, str]]) -> bool:
    return any(name.lower() == "upgrade" and value.lower() == "websocket" for name, value in headers)


def decoded(request: h11.Request) -> Headers:
    """Its headers as text, names in lower case."""
    return [(name.decode("ascii"), value.decode("latin-1")) for name, value in request.headers]


def refuse_headers(headers: Iterable[str]) -> None:
    """Raise `NotInPages` for the names of headers that would be lost."""
    lost = [name for name in headers if not (name.lower() in BROWSERS_OWN or name.lower().startswith(WITHOUT_MEANING))]
    if lost:
        raise NotInPages(
            f"a page cannot send headers with a WebSocket: {', '.join(lost)}. Send it as a part of the URL, a "
            "subprotocol or the first message, whichever the server takes: "
            "browserws.dropin.install(rewrite=...) can move it there"
        )


def url_of(secure: bool, schemes: tuple[str, str], host: str, request: h11.Request) -> str:
    """The URL that is meant. `schemes` are the plain and the secure one; `host` is where the library connects."""
    target = request.target.decode("latin-1")
    if not target.startswith("/"):
        raise NotInPages(f"a page cannot use a proxy: the library asks one for {target}")
    named = next((value for name, value in decoded(request) if name == "host"), host)
    there, meant = urlsplit("//" + host), urlsplit("//" + named)
    wanted, other = there.hostname, meant.hostname
    if wanted != other and not is_address(wanted or ""):
        raise NotInPages(f"a page cannot connect to {wanted} and ask for {other}")
    if meant.port is None and there.port != (443 if secure else 80):
        named += f":{there.port}"  # which some libraries leave out of the header
    return f"{schemes[secure]}://{named}{target}"


def is_address(host: str) -> bool:
    """Whether it may be what a name was resolved to."""
    return ":" in host or host.replace(".", "").isdigit()


class Handshake:
    """A request to open a WebSocket. Raises `NotInPages` for what a page cannot send."""

    def __init__(self, url: str, headers: Headers, rewrite: Rewrite | None) -> None:
        values = [value for name, value in headers if name == "sec-websocket-protocol"]
        self.offered = [name.strip() for value in values for name in value.split(",")]
        self._key = next((value for name, value in headers if name == "sec-websocket-key"), "")
        self.url = url
        self.subprotocols = list(self.offered)
        others = dict(headers)
        if rewrite is not None:
            self.url, self.subprotocols = rewrite(url, others, self.subprotocols)
        refuse_headers(others)

    def accepted(self, subprotocol: str) -> bytes:
        """The answer when the WebSocket is open. A subprotocol that was not the library's choice is not for it."""
        digest = hashlib.sha1(self._key.encode() + GUID, usedforsecurity=False).digest()
        lines = [
            "HTTP/1.1 101 Switching Protocols",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Accept: " + base64.b64encode(digest).decode(),
        ]
        if subprotocol in self.offered:
            lines.append("Sec-WebSocket-Protocol: " + subprotocol)
        return "\r\n".join([*lines, "", ""]).encode()


def failed() -> bytes:
    """The answer when it could not be opened."""
    body = FAILED.encode()
    lines = [
        "HTTP/1.1 502 Bad Gateway",
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body
