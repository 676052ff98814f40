"""`threading`, `queue` and `time.sleep`: whichever library uses them, threads become tasks, and a page goes on."""

from __future__ import annotations

import queue
import sys
import threading
import time
from typing import Any

from .. import threads
from ..finder import Changes
from ..waiting import sleeper


def patch(changes: Changes) -> None:
    for name in ("start", "is_alive", "join"):
        changes.set(threading.Thread, name, getattr(threads, name))
    changes.set(threading, "_allocate_lock", threads.Lock)  # by which the module itself makes its locks
    replace(changes, threading, "Lock", threads.Lock)
    replace(changes, threading, "RLock", threads.RLock)
    replace(changes, threading, "get_ident", threads.get_ident)
    replace(changes, queue, "SimpleQueue", threads.SimpleQueue)
    replace(changes, time, "sleep", sleeper(time.sleep))


def replace(changes: Changes, module: Any, name: str, value: Any) -> None:
    """Also in modules that have imported it from there by name."""
    before = getattr(module, name)
    for other in tuple(sys.modules.values()):
        if getattr(other, "__dict__", {}).get(name) is before and getattr(other, "__name__", "") != "_thread":
            changes.set(other, name, value)
