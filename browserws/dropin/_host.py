"""The drop-in's own door to JavaScript: `fetch`, and the event loop of a page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import js
from pyodide.ffi import JsException, to_js
from pyodide.webloop import WebLoop

__all__ = ["WebLoop", "fetch", "has_suspending"]

has_suspending: bool = hasattr(js.WebAssembly, "Suspending")  # JavaScript Promise Integration: tasks may block


async def fetch(url: str, method: str, headers: list[tuple[str, str]], body: bytes) -> Response:
    """Raises `ConnectionError` where the browser cannot reach the server, or the server does not allow this page to."""
    controller = js.AbortController.new()
    options = {"method": method, "headers": headers, "signal": controller.signal}
    if body:
        options["body"] = body
    try:
        answer = await js.fetch(url, to_js(options, dict_converter=js.Object.fromEntries))
    except JsException as error:
        raise ConnectionError(f"{method} {url}: {error} (CORS, or no connection: a page is not told)") from None
    return Response(answer, controller)


class Response:
    def __init__(self, answer: Any, controller: Any) -> None:
        self._answer = answer
        self._controller = controller
        self.status: int = answer.status
        self.reason: str = answer.statusText
        self.headers: list[tuple[str, str]] = [(pair[0], pair[1]) for pair in answer.headers]

    async def body(self) -> AsyncIterator[bytes]:
        if self._answer.body is None:
            return
        reader = self._answer.body.getReader()
        try:
            while not (part := await reader.read()).done:
                yield part.value.to_bytes()
        except JsException as error:
            raise ConnectionError(f"{self._answer.url}: {error}") from None

    def cancel(self) -> None:
        self._controller.abort()
