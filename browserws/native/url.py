"""URLs as a browser would write them (WHATWG URL §4.4), as far as a program meets them."""

from __future__ import annotations

from urllib.parse import SplitResult, quote, unquote, urlsplit

from ..errors import InvalidURI

DEFAULT_PORTS = {"ws": 80, "http": 80, "wss": 443, "https": 443}
FORBIDDEN_IN_HOST = set(" #%/<>?@[\\]^|")  # WHATWG URL §3.5, "forbidden domain code points", with control characters
SAFE_IN_USER = "!$%&()*+,-.:_~"  # beside letters and digits, what stays as it is
SAFE_IN_PATH = SAFE_IN_USER + "/';=@[\\]|"
SAFE_IN_QUERY = SAFE_IN_USER + "/;=?@[\\]^`{|}"


def parse(url: str) -> str | None:
    """The absolute form of a URL, None if it is not valid; `InvalidURI` for one that is relative."""
    before, fragment_mark, fragment = url.partition("#")
    try:
        parts = urlsplit(before)
        port = parts.port
    except ValueError:
        return None
    if not parts.scheme:
        raise InvalidURI(url, "is relative, and this is no page: give the whole URL")
    if parts.scheme not in DEFAULT_PORTS:
        return url
    host = _host(parts)
    if host is None:
        return None
    authority = parts.netloc.rpartition("@")[0]
    if authority:  # `websockets` wants a password, if an empty one
        authority = quote(authority + ":" * (":" not in authority), safe=SAFE_IN_USER) + "@"
    authority += host if port in (None, DEFAULT_PORTS[parts.scheme]) else f"{host}:{port}"
    path = quote(parts.path, safe=SAFE_IN_PATH) or "/"
    query = "?" + quote(parts.query, safe=SAFE_IN_QUERY) if parts.query else ""
    return f"{parts.scheme}://{authority}{path}{query}{fragment_mark}{fragment}"


def _host(parts: SplitResult) -> str | None:
    """The host in ASCII, None if there is none or it is none."""
    try:
        host = unquote(parts.hostname or "", errors="strict")
        if ":" in host:
            return f"[{host}]"  # urlsplit has looked at it
        host = host.encode("idna").decode().lower()
    except UnicodeError:
        return None
    bad = any(character in FORBIDDEN_IN_HOST or not "!" <= character <= "~" for character in host)
    return None if bad or not host else host
