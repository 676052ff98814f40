"""What of `websockets` a browser cannot do, and what to do instead: arguments of `connect()`, and members of its
connections.

An argument is accepted with the values for which ignoring it changes nothing; any other is a
`TypeError` that says why.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_HEADERS = "a page cannot set headers of the handshake: send a token in the URL or in the first message"
_PINGS = "a page cannot send or see pings, the browser answers them: send messages of your own as heartbeat"
_TLS = "the browser alone decides on TLS: use a wss: URL and a certificate that it trusts"
_PROXY = "the browser uses the proxy of its own settings"
_NETWORK = "a page cannot choose how the browser reaches the server"

# name: (values that change nothing, why others cannot be)
ARGUMENTS: "dict[str, tuple[tuple[Any, ...], str]]" = {
    "additional_headers": ((None, (), [], {}), _HEADERS),
    "extra_headers": ((None, (), [], {}), _HEADERS),
    "origin": ((None,), "the browser sets the Origin header to the page's own"),
    "user_agent_header": ((), "the browser sets the User-Agent header"),
    "extensions": ((None, (), []), "the browser alone chooses extensions"),
    "compression": (("deflate",), "the browser always offers permessage-deflate: turn it off on the server"),
    "ping_interval": ((None,), _PINGS),
    "ping_timeout": ((None,), _PINGS),
    "ssl": ((None,), _TLS),
    "server_hostname": ((None,), _TLS),
    "proxy": ((True,), _PROXY),
    "proxy_ssl": ((None,), _PROXY),
    "proxy_server_hostname": ((None,), _PROXY),
    "create_connection": ((None,), "connections are always a browserws.client.ClientConnection"),
    "sock": ((None,), _NETWORK),
    "host": ((None,), _NETWORK),
    "port": ((None,), _NETWORK),
    "family": ((0,), _NETWORK),
    "local_addr": ((None,), _NETWORK),
    "unix": ((False,), _NETWORK),
}

PINGS = f"{_PINGS} (ReliableWebSocket.set_heartbeat does)"
HANDSHAKE = "a page cannot see the requests and responses of the handshake"
ADDRESSES = "a page cannot see network addresses"


def refuse(arguments: "Mapping[str, Any]") -> None:
    """Raise `TypeError` for the first argument that a browser cannot honour, or that nobody knows."""
    for name, value in arguments.items():
        if name not in ARGUMENTS:
            raise TypeError(f"connect() got an unexpected keyword argument {name!r}")
        harmless, reason = ARGUMENTS[name]
        if not any(value is other or (type(value) is type(other) and value == other) for other in harmless):
            raise TypeError(f"connect() cannot take {name}={value!r} in a browser: {reason}")
