"""What an HTTP request gets that becomes no WebSocket, or may not: /healthz, /metrics, and pages; whichever server it
came to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from websockets.datastructures import Headers

from .access import values
from .hub import Hub

SINGLE_HEADERS = ("Host", "Origin")  # RFC 9112 §3.2, RFC 6454 §7.3: with two of them nobody knows which one counts


@dataclass(frozen=True)
class Answer:
    status: HTTPStatus
    body: bytes
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/plain; charset=utf-8"})


Pages = Callable[[str], Answer | None]  # of a path without its query; None where there is nothing


class Answers:
    """`pages` are asked last."""

    def __init__(self, hub: Hub, has_metrics: bool, pages: Pages | None) -> None:
        self._hub = hub
        self._has_metrics = has_metrics
        self._pages = pages

    def answer(self, target: str, headers: Headers) -> Answer | None:
        """None for a handshake that may go on. `target` is the path, with the query."""
        if any(len(values(headers, name)) > 1 for name in SINGLE_HEADERS) or not values(headers, "Host"):
            return _text(HTTPStatus.BAD_REQUEST, "one Host header, and at most one Origin header\n")
        if any("websocket" in value.lower() for value in values(headers, "Upgrade")):
            if self._hub.access.allows_page(headers):
                return None
            return _text(HTTPStatus.FORBIDDEN, "pages of this origin may not connect\n")
        path = target.split("?")[0]
        if path == "/healthz":
            return _text(HTTPStatus.SERVICE_UNAVAILABLE if self._hub.why_not else HTTPStatus.OK, f"{self._health}\n")
        if path == "/metrics" and self._has_metrics:
            return _text(HTTPStatus.OK, self._hub.metrics.text())
        page = self._pages and self._pages(path)
        return page or _text(HTTPStatus.NOT_FOUND, "there is a WebSocket here, and /healthz\n")

    @property
    def _health(self) -> str:
        return self._hub.why_not or "ok"


def _text(status: HTTPStatus, text: str) -> Answer:
    return Answer(status, text.encode())
