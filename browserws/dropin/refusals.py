"""What no page can do, whichever library asks for it."""

from __future__ import annotations

from .errors import NotInPages


def refuse_own_tls(ssl: object) -> None:
    """Only whether there is TLS can be said, in a page."""
    if ssl not in (None, False, True):
        raise NotInPages(
            "a page cannot have an SSL context of its own: the browser verifies certificates, by its own authorities. "
            "Leave `ssl` out"
        )


def refuse_source(name: str, address: object) -> None:
    if address is not None and address != ("", 0):  # which says: any
        raise NotInPages(f"a page cannot choose the address that it connects from: leave `{name}` out")


def refuse_other_name(host: str, name: object) -> None:
    """A certificate is verified for the host that the browser connects to."""
    if name and name != host:
        raise NotInPages(f"a page cannot connect to {host} and ask for {name}: the URL has to say what is meant")
