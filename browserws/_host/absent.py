"""Where there is no browser: nothing can be opened, and `missing` says why."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

import sys


class AbsentHost:
    page_origin = ""
    page_is_known = True
    can_hold_up = False
    missing = (
        f"WebSocket needs a browser, and this is {sys.implementation.name} on {sys.platform}: "
        "run it in Pyodide or PyScript, or test it with browserws.testing"
    )

    def parse(self, url: str) -> "str | None":
        raise NotImplementedError(self.missing)

    def clock(self) -> float:
        raise NotImplementedError(self.missing)

    def call_later(self, seconds: float, callback: "Any") -> "Any":
        raise NotImplementedError(self.missing)

    def cannot_block(self) -> str:
        return self.missing

    def open(self, *arguments: "Any") -> "Any":
        raise NotImplementedError(self.missing)


host = AbsentHost()
