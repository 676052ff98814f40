"""Locks of the drop-in, without a page: what of them needs no waiting. (The rest: pages/dropin/lib_threads.py.)"""

import asyncio
import queue
import threading

import pytest

from browserws.dropin import threads, waiting
from browserws.dropin.errors import NotInPages
from browserws.dropin.finder import Changes
from browserws.dropin.patches.threading import replace


def in_a_task(test):
    """A lock asks which task it is."""

    def run():
        asyncio.run(test())

    return run


@in_a_task
async def test_a_lock_that_another_has_is_not_got_without_waiting():
    lock = threads.Lock()
    assert lock.acquire() and lock.locked()
    assert not lock.acquire(blocking=False) and not lock.acquire(timeout=0)
    lock.release()
    assert lock.acquire(timeout=0)


class Nowhere:
    @staticmethod
    def cannot_block():
        return "JavaScript called"


def test_where_nothing_can_block_a_lock_is_refused_and_the_page_goes_on(monkeypatch):
    monkeypatch.setattr(waiting, "current", Nowhere)
    lock = threads.Lock()
    with lock, pytest.raises(NotInPages, match="JavaScript called"):
        lock.acquire()
    assert lock.acquire(timeout=0), "who was refused has left the queue"


@in_a_task
async def test_a_lock_is_released_once():
    with pytest.raises(RuntimeError, match="unlocked"):
        threads.Lock().release()
    with pytest.raises(RuntimeError, match="un-acquired"):
        threads.RLock().release()


@in_a_task
async def test_a_task_has_a_reentrant_lock_and_another_has_not():
    lock = threads.RLock()

    async def other():
        return lock.acquire(blocking=False)

    with lock, lock:
        assert not await asyncio.create_task(other())
    assert await asyncio.create_task(other())


@in_a_task
async def test_conditions_are_built_on_these_locks():
    condition = threading.Condition(threads.RLock())
    with condition, condition:
        condition.notify_all()
    with pytest.raises(RuntimeError):
        condition.notify_all()


def test_a_queue_that_is_empty_says_so():
    items = threads.SimpleQueue()
    items.put_nowait(1)
    assert items.qsize() == 1 and items.get_nowait() == 1 and items.empty()
    with pytest.raises(queue.Empty):
        items.get_nowait()


def test_names_that_were_imported_before_are_replaced_too(monkeypatch):
    import logging

    monkeypatch.setattr(logging, "Lock", threading.Lock, raising=False)
    changes = Changes()
    before = threading.Lock
    replace(changes, threading, "Lock", threads.Lock)
    assert threading.Lock is logging.Lock is threads.Lock
    changes.undo()
    assert threading.Lock is logging.Lock is before
