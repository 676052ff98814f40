"""Libraries written for CPython, in a page, unchanged: `websockets`, aiohttp, python-socketio, gql and others.

    import browserws.dropin
    browserws.dropin.install()

    import socketio                         # before or after, it makes no difference
    ...                                     # the library's own documentation holds

`install()` puts a virtual peer in the place of the network: it reads the HTTP and WebSocket bytes that the library
writes, carries them over the browser's own WebSocket and `fetch`, and answers with the bytes that a server would send.
What a page cannot do (request headers, TLS options, proxies) is refused by name: `NotInPages`.

This module can be imported everywhere; the rest of the package needs Pyodide.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .installation import Installation
    from .settings import Rewrite

import sys

__all__ = ["install", "uninstall"]


def install(*, rewrite: "Rewrite | None" = None, http: bool = True, backpressure: bool = False) -> "Installation":
    """Let libraries connect by way of the browser, those imported before and those imported later.

        with browserws.dropin.install(): ...        takes it back at the end

    `rewrite(url, headers, subprotocols)` is called before each WebSocket is opened and returns the URL and the
    subprotocols to use instead. It takes out of `headers`, a dict with names in lower case, what it has put into them:
    a page cannot send headers, so what is left there is refused (but for those that mean nothing in a page, such as
    User-Agent). With `http=False`, only WebSockets are carried. `backpressure=True` pauses the server while the library
    does not read: this needs the browser's WebSocketStream, and costs speed. Without it, messages wait in the browser.

    Calling it again changes these. Raises `NotImplementedError` on MicroPython, outside a browser, and for
    `backpressure` in a browser that has none.
    """
    reason = _why_not()
    if reason:
        raise NotImplementedError(reason)
    from . import installation

    return installation.install(rewrite, http, backpressure)


def uninstall() -> None:
    """Take back what `install()` has changed; harmless where it has changed nothing. Open connections stay open."""
    if "browserws.dropin.installation" in sys.modules:
        from . import installation

        installation.uninstall()


def _why_not() -> str:
    """Why libraries cannot be carried here, "" if they can."""
    if sys.implementation.name == "micropython":
        return "browserws.dropin needs Pyodide: MicroPython cannot run libraries written for CPython"
    if sys.platform != "emscripten":
        return (
            f"browserws.dropin needs a browser, and this is {sys.implementation.name} on {sys.platform}: "
            "here libraries have sockets of their own"
        )
    from .._host import current

    return current().missing
