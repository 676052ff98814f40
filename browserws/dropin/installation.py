"""What `install()` does: the patches, as long as they are wanted, and the settings that they go by."""

from __future__ import annotations

from types import TracebackType

from .._host import current as host
from .finder import Changes, Finder
from .patches import PATCHES
from .settings import Rewrite, Settings, current, use


class Installation:
    """What `install()` returns: a context manager that takes it back at its end."""

    def __init__(self, before: Settings | None) -> None:
        self._before = before

    def __enter__(self) -> Installation:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._before is None:
            uninstall()
        elif _finder is not None:
            use(self._before)


_finder: Finder | None = None


def install(rewrite: Rewrite | None, http: bool, backpressure: bool) -> Installation:
    from ._host import fetch

    return apply(Settings(rewrite, http, fetch, backpressure))


def apply(settings: Settings) -> Installation:
    """Install with these settings; with others, if it is installed already."""
    global _finder
    if settings.rewrite is not None and not callable(settings.rewrite):
        raise TypeError(f"rewrite must be a function, not {type(settings.rewrite).__name__}")
    if settings.backpressure and not host().supports_backpressure:
        raise NotImplementedError("backpressure needs WebSocketStream, which this browser does not have")
    before = None if _finder is None else current()
    use(settings)
    if _finder is None:
        _finder = Finder(PATCHES, Changes())
        _finder.install()
    return Installation(before)


def uninstall() -> None:
    global _finder
    finder, _finder = _finder, None
    if finder is not None:
        finder.uninstall()
