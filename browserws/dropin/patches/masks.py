"""Masks (RFC 6455 §5.3): the browser puts them on what it sends, so those of a library are put on and off in vain.

In a page each of the two takes 20 ms for a MiB. A mask of zeros changes nothing, and then nobody has to look.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from ..finder import Changes
from ..frames import NO_MASK


class Zeros:
    """Stands where `websockets.frames` has the module `secrets`, of which it uses this function."""

    @staticmethod
    def token_bytes(size: int) -> bytes:
        return bytes(size)


def patch_websockets(module: Any, changes: Changes) -> None:
    changes.set(module, "secrets", Zeros)
    changes.wrap(module, "apply_mask", lambda apply: partial(_applied, apply))


def _applied(apply: Any, data: Any, mask: Any) -> Any:
    return data if mask == NO_MASK else apply(data, mask)


def patch_aiohttp(module: Any, changes: Changes) -> None:
    changes.wrap(module.WebSocketWriter, "__init__", _writer)
    changes.wrap(module, "websocket_mask", lambda apply: partial(_masked, apply))


def _writer(original: Any) -> Any:
    def __init__(self: Any, *arguments: Any, **keywords: Any) -> None:
        original(self, *arguments, **keywords)
        self.get_random_bits = int  # 0

    return __init__


def _masked(apply: Any, mask: Any, data: Any) -> None:
    if mask != NO_MASK:
        apply(mask, data)
