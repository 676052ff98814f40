"""What happens to the page: the network comes and goes, the tab is hidden, frozen, put into the back-forward cache,
its Content Security Policy forbids a URL.

A worker only hears of the network and of the policy. (WHATWG HTML §9.3 and §7.4.6, Page Visibility, Page Lifecycle,
CSP Level 3 §5.)
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .interface import Ffi

import js

EVERYWHERE = ("online", "offline")
WINDOW = ("pagehide", "pageshow")
DOCUMENT = ("visibilitychange", "resume")
POLICY = "securitypolicyviolation"


def watch_page(ffi: "Ffi", callback: "Callable[..., None]") -> "Callable[[], None]":
    """Calls back with "online", "offline", "pagehide", "pageshow", "resume", "visible", and "forbidden" with the URL;
    gives what ends it.
    """

    def happened(event: "Any") -> None:
        if event.type == POLICY:
            if event.disposition == "enforce" and event.effectiveDirective == "connect-src":
                callback("forbidden", str(event.blockedURI))
        elif event.type != "visibilitychange":
            callback(event.type)
        elif js.document.visibilityState == "visible":
            callback("visible")

    if not hasattr(js, "self"):  # Node
        return lambda: None
    listener = ffi.listener(happened)
    watched = [("self", name) for name in EVERYWHERE]
    if hasattr(js, "WorkerGlobalScope"):
        watched.append(("self", POLICY))
    else:
        watched += [("self", name) for name in WINDOW] + [("document", name) for name in DOCUMENT + (POLICY,)]
    # Looked up each time: MicroPython 1.26 forgets an object when the first of several proxies of it goes.
    for target, name in watched:
        getattr(js, target).addEventListener(name, listener)

    def forget() -> None:
        for target, name in watched:
            getattr(js, target).removeEventListener(name, listener)
        ffi.release(listener)

    return forget
