"""httpcore, which httpx stands on: it begins TLS on an open connection, which a page cannot; the browser does it."""

from __future__ import annotations

import ssl
from typing import Any

from ..errors import NotInPages
from ..finder import Changes
from ..refusals import refuse_own_tls
from ..wire import Wire


def patch(module: Any, changes: Changes) -> None:
    changes.wrap(module.AnyIOStream, "start_tls", _start_tls)
    changes.wrap(module.AnyIOStream, "write", _write)


def _write(original: Any) -> Any:
    """httpcore takes what anyio makes of a refusal for a network error, and goes on to read."""

    async def write(self: Any, *arguments: Any, **keywords: Any) -> Any:
        try:
            return await original(self, *arguments, **keywords)
        except Exception as error:
            cause: BaseException | None = error
            while cause is not None and not isinstance(cause, NotInPages):
                cause = cause.__cause__ or cause.__context__
            raise cause or error from None

    return write


def _start_tls(original: Any) -> Any:
    async def start_tls(self: Any, ssl_context: Any, *arguments: Any, **keywords: Any) -> Any:
        wire = getattr(self._stream, "_transport", None)  # of anyio's SocketStream
        if not isinstance(wire, Wire):
            return await original(self, ssl_context, *arguments, **keywords)
        if ssl_context.verify_mode == ssl.CERT_NONE:
            refuse_own_tls(ssl_context)
        wire.secure = True
        return self

    return start_tls
