"""`websockets`: it uses the event loop's seam. What it would raise late and wrapped is raised here, by `connect()`."""

from __future__ import annotations

from typing import Any

from ..errors import NotInPages
from ..finder import Changes
from ..handshake import refuse_headers
from ..settings import current


def patch_asyncio(module: Any, changes: Changes) -> None:
    changes.wrap(module.connect, "__init__", lambda original: _checked(original, "additional_headers"))


def patch_legacy(module: Any, changes: Changes) -> None:
    changes.wrap(module.Connect, "__init__", lambda original: _checked(original, "extra_headers"))


def _checked(original: Any, argument: str) -> Any:
    def __init__(self: Any, *arguments: Any, **keywords: Any) -> None:
        headers = keywords.get(argument)
        if headers is not None and current().rewrite is None:
            refuse_headers(headers.keys() if hasattr(headers, "keys") else [name for name, _ in headers])
        for name in ("host", "port"):
            if keywords.get(name) is not None:
                raise NotInPages(f"a page connects to what the URL says: leave `{name}` out")
        original(self, *arguments, **keywords)

    return __init__
