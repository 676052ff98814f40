"""What happens to the page: the network comes and goes, the tab is hidden, frozen, put into the back-forward cache.

A worker only hears of the network. (WHATWG HTML §9.3 and §7.4.6, Page Visibility, Page Lifecycle.)
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

import js

EVERYWHERE = ("online", "offline")
WINDOW = ("pagehide", "pageshow")
DOCUMENT = ("visibilitychange", "resume")


def watch_page(ffi: "Any", callback: "Callable[[str], None]") -> "Callable[[], None]":
    """Calls back with "online", "offline", "pagehide", "pageshow", "resume" and "visible"; gives what ends it."""

    def happened(event: "Any") -> None:
        if event.type != "visibilitychange":
            callback(event.type)
        elif js.document.visibilityState == "visible":
            callback("visible")

    if not hasattr(js, "self"):  # Node
        return lambda: None
    listener = ffi.listener(happened)
    watched = [(js.self, name) for name in EVERYWHERE]
    if not hasattr(js, "WorkerGlobalScope"):
        watched += [(js.self, name) for name in WINDOW] + [(js.document, name) for name in DOCUMENT]
    for target, name in watched:
        target.addEventListener(name, listener)

    def forget() -> None:
        for target, name in watched:
            target.removeEventListener(name, listener)
        ffi.release(listener)

    return forget
