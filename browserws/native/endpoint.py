"""`Endpoint`: a URL, and what only a program can do to reach it."""

from __future__ import annotations

import re
import socket
import ssl as ssl_module
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack, cast

from websockets.datastructures import Headers, HeadersLike
from websockets.extensions.base import ClientExtensionFactory

from .._pure import numbers, unsupported

# RFC 9110 §5.1 and §5.5: what a field's name and its value are
NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")

NONE_MEANS_SOMETHING = ("compression", "proxy", "user_agent_header")  # "do not"; of the others, "as usual"
OURS = ("create_connection", "extra_headers")  # no program can choose them either
MORE = ("max_size", "path", "ssl_handshake_timeout", "ssl_shutdown_timeout")  # of websockets, and unknown to a page
NAMES = tuple(name for name in (*unsupported.ARGUMENTS, *MORE) if name not in OURS)


class ProgramOptions(TypedDict, total=False):
    """Options of `Endpoint`: arguments of `websockets.connect`, which says what they mean."""

    additional_headers: HeadersLike | None
    origin: str | None
    user_agent_header: str | None
    extensions: Sequence[ClientExtensionFactory] | None
    compression: str | None
    max_size: int | None
    ping_interval: float | None
    ping_timeout: float | None
    ssl: ssl_module.SSLContext | bool | None
    ssl_handshake_timeout: float | None
    ssl_shutdown_timeout: float | None
    server_hostname: str | None
    proxy: str | bool | None
    proxy_ssl: ssl_module.SSLContext | bool | None
    proxy_server_hostname: str | None
    sock: socket.socket | None
    host: str | None
    port: int | None
    family: int
    local_addr: tuple[str, int] | None
    unix: bool
    path: str | None


class Endpoint(str):
    """A URL with options of `websockets.connect`: request headers, TLS, proxies, pings, compression, and others.

        chat = ChatClient(Endpoint("wss://example.org/hub", additional_headers={"Authorization": "Bearer x"}), "bot")

    It stands wherever browserws takes a URL, also as what a function gives that is asked for one before each attempt.
    `options` are its options. None is what is not given, but for `proxy`, `compression` and `user_agent_header`, which
    it turns off. Two defaults are those of a page: no pings (`ping_interval`), and messages of any size. With
    `max_size`, a larger message is not even read: the connection ends with 1009 for the server, and 1006 here.

    Raises `TypeError` and `ValueError` for options that there are not, or that cannot be.
    """

    options: Mapping[str, object]

    def __new__(cls, url: str, **options: Unpack[ProgramOptions]) -> Endpoint:
        self = super().__new__(cls, url)
        self.options = _checked({**getattr(url, "options", {}), **options})
        return self

    def absolute(self, url: str) -> Endpoint:
        """Another URL with the same options."""
        return Endpoint(url, **cast(ProgramOptions, self.options))

    def __repr__(self) -> str:
        """Without the options: headers may have secrets."""
        return f"Endpoint({str(self)!r}, ...)"


def _checked(options: Mapping[str, Any]) -> dict[str, Any]:
    for name in options:
        if name not in NAMES:
            unsupported.refuse({name: options[name]})  # with the reason, if it is known
    given = {name: value for name, value in options.items() if value is not None or name in NONE_MEANS_SOMETHING}
    for name in ("max_size", "ping_interval", "ping_timeout"):
        if name in given:
            given[name] = numbers.limit(name, given[name])
    if "additional_headers" in given:
        given["additional_headers"] = _header_pairs(given["additional_headers"])
    for name in ("ssl", "proxy_ssl"):
        if name in given and given[name] is not True and not isinstance(given[name], ssl_module.SSLContext):
            raise TypeError(f"{name} is an ssl.SSLContext or True, not {given[name]!r}")
    return given


def _header_pairs(headers: HeadersLike) -> list[tuple[str, str]]:
    """Name and value of each, checked: what would be more than one line of the request is refused."""
    if isinstance(headers, Mapping):  # in `Headers`, one may come several times
        headers = headers.raw_items() if isinstance(headers, Headers) else headers.items()
    pairs: list[tuple[Any, Any]] = list(cast(Any, headers))
    for name, value in pairs:
        if not isinstance(name, str) or not isinstance(value, str):
            raise TypeError(f"a header and its value are str, not {type(name).__name__} and {type(value).__name__}")
        if not NAME.fullmatch(name) or not VALUE.fullmatch(value):
            raise ValueError(f"the header {name!r} has characters that cannot be sent, in its name or value")
    return pairs
