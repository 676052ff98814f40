"""What a page keeps under a name, over reloads: IndexedDB, and `sessionStorage` beside it.

Each name is a database, `browserws:NAME`, with a few object stores. A page has one of them for itself, by a Web Lock
that it holds until it ends. Writing takes a few milliseconds, and what is being written when the page goes is lost; so
what has to be kept then is written to `sessionStorage`, which takes no time, and is known in the same tab after the
reload, with the number of the page's store. Where IndexedDB cannot be had, `sessionStorage` has everything. Workers
do not have it. (Web Locks; Indexed Database API 3.0; WHATWG HTML §12.2.)
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from .interface import Ffi

    class JsStorage(Protocol):
        def getItem(self, key: str) -> object: ...

    class JsDatabase(Protocol):
        onversionchange: object

        def close(self) -> None: ...


import asyncio

import js

from .._pure.json_text import dumps, loads
from .javascript import attempt, method

STORES = 8  # pages of a name that are kept at a time
TRIES = 10  # to get the lock of the store that was ours: a page that was left may still have it ...
PAUSE = 0.05  # s between them


class PageStorage:
    def __init__(self, ffi: "Ffi", name: str) -> None:
        self._ffi = ffi
        self._name = "browserws:" + name
        session = _call(js.Reflect, "get", js.self, "sessionStorage")[1]
        self._session: "JsStorage | None" = session if hasattr(session, "getItem") else None
        self._database: "JsDatabase | None" = None
        self._store = ""
        self._texts: "dict[str, str]" = {}  # in sessionStorage
        self._release: "Callable[[None], object] | None" = None  # the lock
        self._listeners: "list[Any]" = []

    def time(self) -> float:
        now: float = js.Date.now()
        return now

    async def open(self) -> "tuple[list[str], str]":
        if not hasattr(js.navigator, "locks") or not hasattr(js.Promise, "withResolvers"):
            raise OSError("there are no Web Locks")
        noted = None if self._session is None else self._session.getItem(self._name)
        store, texts, journal = loads(noted) if isinstance(noted, str) else ("0", {}, "")
        for self._store in [store] * TRIES + [str(number) for number in range(STORES)]:
            if await self._lock():
                break
            await asyncio.sleep(PAUSE)
        else:
            raise OSError(f"{STORES} pages have it already")
        if self._store != store:
            texts, journal = {}, ""
        try:
            return await self._open_database(), journal
        except OSError:
            if self._session is None:
                raise
        self._texts = texts
        return [key + "\n" + text for key, text in texts.items()], journal

    async def _lock(self) -> bool:
        """Get the lock of the store, if nobody has it; it is held until `_release` is called."""
        answer, end = js.Promise.withResolvers(), js.Promise.withResolvers()

        def granted(lock: "Any") -> "Any":
            answer.resolve(bool(lock))
            return end.promise if lock else None

        self._release = end.resolve
        options = js.Object.new()
        options.ifAvailable = True
        name = self._name + ":" + self._store
        js.navigator.locks.request(name, options, self._listener(granted)).then(None, answer.reject)
        has_it: bool = await answer.promise
        return has_it

    async def _open_database(self) -> "list[str]":
        is_open, request = _call(js.indexedDB, "open", self._name, 1)
        if not is_open:
            raise OSError("it is forbidden")
        request.onupgradeneeded = self._listener(_create)
        await _end(request, "onsuccess", "onerror")
        database: "JsDatabase" = request.result
        database.onversionchange = method(database, "close")  # somebody deletes it
        self._database = database
        request = self._begin("readonly")[1].objectStore(self._store).getAll()
        await _end(request, "onsuccess", "onerror")
        return [request.result[index] for index in range(request.result.length)]

    def _begin(self, mode: str) -> "tuple[bool, Any]":
        """A transaction; False if the database was closed."""
        options = js.Object.new()
        options.durability = "relaxed"
        return _call(self._database, "transaction", self._store, mode, options)

    async def write(self, texts: "dict[str, str | None]", anew: bool) -> None:
        if self._database is None:
            self._texts = {} if anew else self._texts
            for key, text in texts.items():
                self._texts.pop(key, None)
                if text is not None:
                    self._texts[key] = text
            if not self._note(""):
                raise OSError("sessionStorage is full")
            return
        begun, transaction = self._begin("readwrite")
        if not begun:
            raise OSError("the database is closed")
        store = transaction.objectStore(self._store)
        if anew:
            store.clear()
        for key, text in texts.items():
            if text is None:
                store.delete(key)
            else:
                store.put(key + "\n" + text, key)
        transaction.commit()
        await _end(transaction, "oncomplete", "onabort")

    def journal(self, text: str) -> None:
        if self._session is not None:
            self._note(text)

    def _note(self, journal: str) -> bool:
        return _call(self._session, "setItem", self._name, dumps([self._store, self._texts, journal]))[0]

    def close(self, forget: bool) -> None:
        if forget:
            self._texts = {}
            self.journal("")
        if self._database is not None:
            begun, transaction = self._begin("readwrite")
            if forget and begun:
                transaction.objectStore(self._store).clear()
            self._database.close()
        if self._release is not None:
            self._release(None)
        listeners, self._listeners = self._listeners, []
        for listener in listeners:
            self._ffi.release(listener)

    def _listener(self, callback: "Any") -> "Any":
        self._listeners.append(self._ffi.listener(callback))
        return self._listeners[-1]


def _call(owner: "Any", name: str, *arguments: "Any") -> "tuple[bool, Any]":
    """Call a method that may throw."""
    return attempt(js.Reflect.get(owner, name), owner, *arguments)


def _create(event: "Any") -> None:
    for number in range(STORES):
        event.target.result.createObjectStore(str(number))


async def _end(request: "Any", good: str, bad: str) -> None:
    """Wait for the end of a request or a transaction; `OSError` if it failed."""
    end = js.Promise.withResolvers()
    setattr(request, good, end.resolve)
    setattr(request, bad, end.resolve)
    await end.promise
    if request.error:
        raise OSError(f"{request.error.name}: {request.error.message}")
