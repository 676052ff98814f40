"""Where there is neither a browser nor `browserws.native`: nothing can be opened, and `missing` says why."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

import sys


class AbsentHost:
    page_origin = ""
    page_is_known = True
    supports_backpressure = False
    endpoint = None
    missing = (
        f"WebSocket needs a browser, and this is {sys.implementation.name} on {sys.platform}: "
        'run it in Pyodide or PyScript, test it with "browserws[testing]", or pip install "browserws[native]"'
    )

    def cannot_block(self) -> str:
        return self.missing

    def _refuse(self, *arguments: "Any") -> "NoReturn":
        raise NotImplementedError(self.missing)

    parse = clock = call_later = watch_page = storage = block = open = open_stream = _refuse


host = AbsentHost()
