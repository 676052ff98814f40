"""The network of the stand-in for a browser, beside that of the library.

In the program that runs a foreign suite, an event loop has two kinds of outgoing connections: those that a library
asks for end in this program, as they would in a page; those of the stand-in go to the network.
"""

import asyncio
import contextvars
from ssl import SSLContext

from browserws._host import use
from browserws.dropin.errors import NotInPages
from browserws.dropin.patches.event_loop import create_connection as create_wire
from browserws.native import Endpoint, link
from browserws.native.host import NativeHost

is_browser = contextvars.ContextVar("is_browser", default=False)  # whether what runs is the stand-in
unix_paths = {}  # by the name of a host: the unix socket on which it is

create_connection = asyncio.SelectorEventLoop.create_connection
create_unix_connection = asyncio.SelectorEventLoop.create_unix_connection


class Connect(link.connect):
    """A browser follows no redirects of a WebSocket."""

    def process_redirect(self, error):
        return error


class Browser(NativeHost):
    """`browserws.native`, with the network of a program. `authorities` is the SSL context by which it verifies."""

    authorities = None

    def _open(self, marks, url, protocols, callbacks):
        if url.startswith("wss:") and self.authorities is not None:
            url = Endpoint(url, ssl=self.authorities)
        context = contextvars.copy_context()
        context.run(is_browser.set, True)
        return context.run(super()._open, marks, url, protocols, callbacks)


async def connect(loop, protocol_factory, host=None, port=None, *, ssl=None, **options):
    if not is_browser.get():
        ssl = True if is_the_browsers(ssl) else ssl
        return await create_wire(loop, protocol_factory, host, port, ssl=ssl, **options)
    options["ssl"] = ssl
    if host in unix_paths:
        return await create_unix_connection(loop, protocol_factory, unix_paths[host])
    return await create_connection(loop, protocol_factory, host, port, **options)


def is_the_browsers(context):
    """Whether it trusts whom the browser does: then it can be left to the browser, as it has to be in a page."""
    authorities = Browser.authorities
    return (
        authorities is not None
        and isinstance(context, SSLContext)
        and context.get_ca_certs() == authorities.get_ca_certs()
    )


async def connect_unix(loop, protocol_factory, path=None, **options):
    if is_browser.get():
        return await create_unix_connection(loop, protocol_factory, path, **options)
    raise NotInPages("a page has no unix sockets")


def install():
    asyncio.SelectorEventLoop.create_connection = connect
    asyncio.SelectorEventLoop.create_unix_connection = connect_unix
    link.connect = Connect
    use(Browser())
