"""What the standard library builds of threads and sockets, where threads are tasks."""

import browserws.dropin

browserws.dropin.install()

import contextlib
import io
import queue
import socket
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor, as_completed

import simple_websocket
from browserws.dropin.errors import NotInPages
from tools import Ticking, blocking, raised_by, server, url


def lacks():
    assert "JSPI" in str(raised_by(NotInPages, threading.Thread(target=print).start))


def in_thread(function, *arguments):
    thread = threading.Thread(target=function, args=arguments)
    thread.start()
    return thread


@blocking(lacks)
async def threads_run():
    """`threading.Thread`, `join`, `is_alive`, `current_thread`, `Timer`; the page and other tasks go on"""
    seen = []

    def work(name):
        for _ in range(3):
            time.sleep(0.01)
            seen.append((name, threading.current_thread()))

    async with Ticking() as page:
        threads = [in_thread(work, name) for name in "ab"]
        assert all(thread.is_alive() for thread in threads)
        for thread in threads:
            thread.join()
        assert page.ticks > 0
    assert seen == [(name, thread) for _ in range(3) for name, thread in zip("ab", threads, strict=True)]
    assert not any(thread.is_alive() for thread in threads)
    assert threading.current_thread() is threading.main_thread()
    assert len({thread.ident for thread in [*threads, threading.main_thread()]}) == 3
    rang = threading.Event()
    threading.Timer(0.01, rang.set).start()
    assert rang.wait(1)


@blocking(lacks)
async def an_error_in_a_thread():
    """an exception in a thread comes to `threading.excepthook`, as everywhere"""
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        in_thread(lambda: 1 / 0).join()
    assert "ZeroDivisionError" in said.getvalue()
    raised_by(RuntimeError, threading.current_thread().join)


@blocking(lacks)
async def queues_and_pools():
    """`queue.Queue`, thread pools, conditions"""
    numbers = queue.Queue(maxsize=2)

    def put():
        for number in [*range(6), None]:
            numbers.put(number)

    in_thread(put)
    assert list(iter(numbers.get, None)) == list(range(6))
    raised_by(queue.Empty, numbers.get, timeout=0.01)
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(lambda seconds: time.sleep(seconds) or seconds, seconds) for seconds in (0.1, 0, 0.05)]
        assert [future.result() for future in as_completed(waiting)] == [0, 0.05, 0.1]


@blocking(lacks)
async def locks_have_turns():
    """a lock that another thread has does not stop the page, and who waits has a turn"""
    lock, stop, seen = threading.RLock(), threading.Event(), []

    def greedy():
        while not stop.is_set():
            with lock, lock:
                time.sleep(0.001)

    thread = in_thread(greedy)
    time.sleep(0.01)  # from here on the thread has the lock, but for the moments between
    for _ in range(3):
        with lock:
            seen.append(1)
    stop.set()
    thread.join()
    with lock:
        in_thread(lambda: seen.append(lock.acquire(timeout=0.01))).join()
    assert lock.acquire(timeout=0) and seen == [1, 1, 1, False]
    lock.release()


@blocking(lacks)
async def libraries_with_own_sockets():
    """libraries with sockets of their own: `urllib.request`, simple-websocket"""
    with urllib.request.urlopen(server("http", "/answer"), data=b"hello", timeout=5) as answer:
        assert b'"body": "hello"' in answer.read()
    ws = simple_websocket.Client.connect(url("/echo"))
    for message in ("text ☃", bytes(100_000)):
        ws.send(message)
        assert ws.receive(timeout=5) == message
    assert ws.receive(timeout=0.01) is None
    ws.close()
    ws.thread.join()
    raised_by(simple_websocket.ConnectionClosed, ws.receive)


@blocking(lacks)
async def refuses_what_a_page_has_not():
    """servers, Unix sockets, bytes that are neither HTTP nor WebSocket"""
    raised_by(NotInPages, socket.socket().bind, ("", 0))
    raised_by(NotInPages, socket.socket, 1)
    raised_by(OSError, socket.socket().recv, 1)
    one = socket.create_connection(("localhost", 1))
    assert "neither" in str(raised_by(NotInPages, one.sendall, b"\x01\x02"))
    one.close()
