"""What a library is told that asks for the socket below its connection."""

from __future__ import annotations

import socket
from typing import Any


class EndOfWire:
    """Stands where a socket would be: some libraries ask it for addresses, and set options that mean nothing here."""

    family = socket.AF_INET
    proto = socket.IPPROTO_TCP

    def __init__(self, host: str, port: int) -> None:
        self._peer = (host, port)

    @property
    def type(self) -> int:
        return socket.SOCK_STREAM

    def getpeername(self) -> tuple[str, int]:
        return self._peer

    def getsockname(self) -> tuple[str, int]:
        return ("0.0.0.0", 0)

    def fileno(self) -> int:
        return -1

    def setsockopt(self, *arguments: object) -> None: ...
    def getsockopt(self, *arguments: object) -> int:
        return 0

    def setblocking(self, flag: bool) -> None: ...

    def extra_info(self, secure: bool) -> dict[str, Any]:
        """For `transport.get_extra_info()`. `secure` says that the browser encrypts."""
        info = {"socket": self, "peername": self._peer, "sockname": self.getsockname()}
        if secure:
            info.update(sslcontext=BROWSERS_TLS, ssl_object=None)
        return info


BROWSERS_TLS = object()  # neither its options nor its certificates are known to a page
