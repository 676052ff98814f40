"""Runs the functions of this folder's other files, which are fetched when they are needed."""

import asyncio
import gc
import importlib
import json
import sys
import time
import traceback
from pathlib import Path

from pyodide.http import pyfetch

SOURCES = Path("/sources")
SOURCES.mkdir()
sys.path.insert(0, str(SOURCES))
SECONDS = 30  # for each function
ENDS_WITHIN = 5  # s in which the tasks of a library end
options = {}  # of the function that runs: `from __main__ import options`


async def load(name):
    if name not in sys.modules:
        response = await pyfetch(f"dropin/{name}.py")
        (SOURCES / f"{name}.py").write_text(await response.string())
        importlib.invalidate_caches()
    return importlib.import_module(name)


async def run(file, name, text):
    """What went wrong: an exception, or something that was left behind. "" if nothing did."""
    options.clear()
    options.update(json.loads(text))
    before = asyncio.all_tasks()
    try:
        await load("tools")
        function = getattr(await load(file), name)
        async with asyncio.timeout(SECONDS):
            await function()
        await nothing_left(before)
    except BaseException:
        return traceback.format_exc()
    return ""


async def nothing_left(before):
    """No task, and no connection that has not ended."""
    from browserws.dropin.wire import Wire

    end = time.monotonic() + ENDS_WITHIN
    while time.monotonic() < end:
        tasks = [task for task in asyncio.all_tasks() - before if task is not asyncio.current_task()]
        gc.collect()
        wires = [thing for thing in gc.get_objects() if type(thing) is Wire and not thing._lost]
        if not tasks and not wires:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"left behind: {tasks} {wires}")


run  # noqa: B018 - the last value is what the page gets
