"""`Keeper`: keeps what `Channels` need after a reload in the page's storage. What that is, is in `_pure/kept.py`."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .._host.interface import Host, Storage
    from .._pure.kept import KeptMultiplex

import asyncio

from ..errors import WebSocketException
from .signal import Signal

TIMEOUT = 5  # s that storage may take to open
LOOK_AGAIN = 1  # s, while messages wait for the application


class Keeper:
    """`run()` carries out what the multiplex wants; `on_open()` is called when what was kept is there, or cannot be
    had; `emit_error(error)` emits an event.
    """

    def __init__(
        self,
        host: "Host",
        storage: "Storage",
        multiplex: "KeptMultiplex",
        run: "Callable[[], None]",
        on_open: "Callable[[], None]",
        emit_error: "Callable[[Exception], None]",
    ) -> None:
        self.is_open = False
        self._host, self._storage, self._multiplex = host, storage, multiplex
        self._run, self._on_open, self._emit_error = run, on_open, emit_error
        self._news = Signal()
        self._unwritten: "dict[str, str | None]" = {}  # what is being written, and when the page goes, what would be
        self._is_anew = True  # all is to be written
        self._is_leaving = False
        self._looks_again = self._is_over = False
        self._forget_page = host.watch_page(self._on_page)
        self._task = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        try:
            texts, journal = await asyncio.wait_for(self._storage.open(), TIMEOUT)
            if self._is_over:
                self._storage.close(True)
                return
            self._multiplex.restore(texts, journal)
            while not self._is_over:
                await self._write()
                while not self._is_over and (self._is_leaving or not self._multiplex.is_dirty):
                    await self._news.wait()
        except Exception as error:
            if self._is_over:
                return
            self.end()
            self.is_open = False
            self._emit_error(WebSocketException(f"nothing is kept for a reload: {error!r}"))
            self._go_on()
            self._multiplex.stored(self._host.clock(), self._multiplex.gate)
            self._run()

    async def _write(self) -> None:
        gate, is_anew, self._is_anew = self._multiplex.gate, self._is_anew, False
        self._unwritten = self._multiplex.changes()
        await self._storage.write(self._unwritten, is_anew)
        if self._is_leaving or self._is_over:
            return
        self._unwritten = {}
        self._storage.journal("")
        self._go_on()
        self._multiplex.stored(self._host.clock(), gate)
        if self._multiplex.changed and not self._looks_again:
            self._looks_again = True
            self._host.call_later(LOOK_AGAIN, self._look_again)
        self._run()

    def _go_on(self) -> None:
        """At the first time: it is known what was kept, and that it is this page's."""
        if not self.is_open:
            self.is_open = True
            self._multiplex.emit_restored()
            self._on_open()

    def save(self) -> None:
        """Keep what has changed: now, or when what is being written is written."""
        if not self._multiplex.is_dirty or not self.is_open:
            return
        if self._is_leaving:
            self._unwritten.update(self._multiplex.changes())
            self._storage.journal(self._multiplex.journal(self._unwritten))
        else:
            self._news.set()

    def _look_again(self) -> None:
        """Whether messages that waited have been taken."""
        self._looks_again = False
        self._multiplex.is_dirty = self._multiplex.keeps
        self.save()

    def end(self) -> None:
        """Keep nothing any more, and forget what was kept."""
        self._is_over = self.is_open = True
        self._multiplex.keeps = self._multiplex.is_dirty = False
        forget_page, self._forget_page = self._forget_page, _nothing
        forget_page()
        self._storage.close(True)
        self._news.set()

    def _on_page(self, what: str, detail: str = "") -> None:
        self._is_leaving = what == "pagehide" or (self._is_leaving and what != "pageshow")
        if what == "pagehide":
            self._multiplex.is_dirty = self._multiplex.keeps
        elif what == "pageshow":
            self._is_anew = True
            self._multiplex.mark_all()
        self.save()


def _nothing() -> None: ...
