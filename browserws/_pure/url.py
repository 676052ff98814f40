"""Which URLs a page may open, and what they become (WHATWG WebSockets §3.1, the constructor).

The URL parser itself is the browser's and comes in as a function: it never throws.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

from ..errors import InvalidURI
from .checks import plain

_C0_AND_SPACE = "".join([chr(code) for code in range(0x21)])
SCHEMES = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}


def websocket_url(url: str, parse: "Callable[[str], str | None]", page_origin: str, page_is_known: bool) -> str:
    """The absolute `ws:` or `wss:` form of `url`; raises `InvalidURI` where the browser would refuse it.

    `parse(url)` gives the absolute form of a URL, resolved against the page, or None if it is not valid.
    `page_is_known` is False in a worker that sees its page's origin but not its path: there a URL relative to that
    path cannot be resolved.
    """
    if not isinstance(url, str):
        raise TypeError(f"url must be a str, not {type(url).__name__}")
    if not page_is_known and _is_relative_to_path(cleaned(url)):
        raise InvalidURI(
            url,
            "is relative to the page, whose path this worker cannot see: begin it with '/', or give the whole URL",
        )
    absolute = parse(cleaned(url))
    if absolute is None:
        raise InvalidURI(url, "isn't a valid URI: give a ws:, wss:, http:, https: or relative URL")
    scheme, rest = absolute.split(":", 1)
    if scheme not in SCHEMES:
        raise InvalidURI(url, f"has the scheme {scheme!r}: use ws, wss, http or https")
    if "#" in rest:
        raise InvalidURI(url, "has a fragment: a WebSocket URL ends before the '#'")
    scheme = SCHEMES[scheme]
    if scheme == "ws" and page_origin.startswith("https:") and not _is_loopback(_host(rest)):
        raise InvalidURI(url, "is not encrypted, and the page is https: use wss (mixed content)")
    return f"{scheme}:{rest}"


def cleaned(url: str) -> str:
    """`url` without what a browser ignores: control characters and spaces around it, tabs and line ends in it.

    (WHATWG URL §4.4, the first steps of the basic URL parser. Other control characters it percent-encodes.)
    """
    url = plain(url).strip(_C0_AND_SPACE)
    return url.replace("\t", "").replace("\n", "").replace("\r", "")


def _is_relative_to_path(url: str) -> bool:
    if url.startswith(("/", "\\")):
        return False
    for end in "/?#":
        url = url.split(end)[0]
    return ":" not in url


def _host(rest: str) -> str:
    """The host of `//user@host:port/path`, without the port."""
    authority = rest[2:].split("/")[0].split("?")[0].split("@")[-1]
    if authority.startswith("["):
        return authority.split("]")[0] + "]"
    return authority.split(":")[0]


def _is_loopback(host: str) -> bool:
    """Loopback addresses count as safe without encryption (W3C Secure Contexts §3.1)."""
    return (
        host == "localhost"
        or host.endswith(".localhost")
        or host == "[::1]"
        or (host.startswith("127.") and host.replace(".", "").isdigit())
    )
