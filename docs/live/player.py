"""Plays one example: its server behind a network in memory, and its page in front of it.

server.py has `hub`, or `serve(connection)`, written as for `websockets.serve`. It may have `main()`, which runs beside
it, and `refuse(path)`, which says whether a handshake fails. page.py is what a page would run.
"""

import asyncio
import contextlib
import linecache
import sys
import traceback

from browserws.testing import FakeNetwork
from pyodide.code import eval_code_async

FILES = ("server.py", "page.py")


class Player:
    """Plays `files` (text by name), and calls `ended` with a sentence when all has ended that they began."""

    def __init__(self, files, ended):
        self._files = files
        self._ended = ended
        self._before = asyncio.all_tasks()
        sys.modules.pop("stage", None)  # that of the example before
        self._playing = asyncio.create_task(self._play())

    def stop(self):
        """What it gives can be awaited, for the end."""
        self._playing.cancel()
        return self._playing

    async def _play(self):
        try:
            await self._execute_all()
            how = "Finished."
        except asyncio.CancelledError:
            how = "Stopped."
        except Exception as error:
            show(error)
            how = "Ended by an exception."
        await self._cancel_what_was_begun()
        self._ended(how)

    async def _execute_all(self):
        async with contextlib.AsyncExitStack() as stack:
            if "server.py" in self._files:
                await self._serve(await self._execute("server.py"), stack)
            await self._execute("page.py")
            if "server.py" in self._files:
                await asyncio.Event().wait()  # handlers go on

    async def _cancel_what_was_begun(self):
        tasks = asyncio.all_tasks() - self._before - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _serve(self, server, stack):
        hub = server.get("hub")
        if hub is not None:
            await stack.enter_async_context(hub)
        elif "serve" not in server:
            raise NameError("server.py has neither `hub` nor `serve(connection)`")
        handle = server["serve"] if hub is None else hub.handle
        stack.enter_context(FakeNetwork(handle, refuse=server.get("refuse", lambda path: False)))
        if "main" in server:
            beside = asyncio.create_task(server["main"]())
            beside.add_done_callback(lambda task: task.cancelled() or show(task.exception()))

    async def _execute(self, name):
        """The names that the file has defined."""
        source = self._files[name]
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)  # for tracebacks
        names = {"__name__": "__main__"}
        await eval_code_async(source, names, filename=name)
        return names


def show(error):
    """Its traceback, from the first line of an example on; nothing for None."""
    if error is None:
        return
    where = error.__traceback__
    while where is not None and where.tb_frame.f_code.co_filename not in FILES:
        where = where.tb_next
    traceback.print_exception(type(error), error, where)


sys.excepthook = lambda kind, error, where: show(error)  # of handlers
