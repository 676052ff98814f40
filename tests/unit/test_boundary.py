"""No call of JavaScript throws: on MicroPython, such an exception skips `except` and `finally` and leaves Python.

`JAVASCRIPT` has every call of `browserws/_host` that JavaScript carries out, with the reason why it does not
throw. A new call has to be listed, so somebody has to think of a reason, or let it go through `construct`.
Reading an attribute is not listed: the getters of the browser's own objects do not throw (Web IDL §3.7.6).
"""

import ast

from tools.paths import ROOT

HOST = ROOT / "browserws" / "_host"

PLAIN = "takes plain values, for which it never throws"

JAVASCRIPT = {
    # --- javascript.py: functions made of built-in ones ---
    "js.Reflect.get": "throws if its first argument is no object: it is an object of the browser, everywhere",
    "js.Reflect.apply": "throws what the function throws: bind, canParse, catch do not; _apply: see its callers",
    "js.Reflect.construct": "of URL, with arguments for which URL.canParse said yes (WHATWG URL §6.1)",
    "js.Reflect.set": PLAIN,
    "js.Reflect.has": PLAIN,
    "js.Reflect.defineProperty": "gives False where Object.defineProperty throws",
    "js.Array.of": PLAIN,
    "js.Array.new": PLAIN,
    "js.Object.new": PLAIN,
    "js.Object.getOwnPropertyDescriptor": "of a prototype that has it: getter() is called for those only",
    "js.Object.getPrototypeOf": "throws for null and undefined only: it gets an event",
    "js.Object.hasOwn": "throws for null and undefined only: an event has a prototype",
    "js.Object.assign": "reads a getter of _lazy: a Promise catches what its executor throws, and `catch` never throws",
    "js.Promise.withResolvers": PLAIN,
    "js.RegExp.new": "a constant pattern",
    "array.join": "throws above the longest string (2**29 characters): on MicroPython no text of the array is "
    "long and there are at most 200; on Pyodide the exception is caught",
    # --- browser.py, link.py ---
    "js.JSON.parse": "what json.dumps wrote of plain str and int",
    "js.MessageChannel.new": PLAIN,
    "self._post": "postMessage of null: it can be cloned; or setImmediate with a function",
    "js.setTimeout": "a function, and a product of two numbers: MicroPython makes a plain number of it",
    "js.clearTimeout": PLAIN,
    "self.js.addEventListener": "throws for what is neither function nor object: it gets functions",
    "self.js.removeEventListener": "as addEventListener",
    "self._queue.splice": PLAIN,
    "events.map": "the getter throws for an event of another class: all are the browser's, of one socket, and "
    "the getter comes from the prototype of one of them",
    # --- micropython.py, pyodide.py ---
    "part.some": "RegExp.prototype.test with its own RegExp: turns anything of the array into a text",
    "array.slice": PLAIN,
    "js.Uint8Array.new": "a view of an ArrayBuffer that nobody has transferred, or as long as bytes that Python has",
    "array.set": "throws beyond its end: a part of as many bytes as are left there",
    "array.subarray": PLAIN,
    "array.subarray(start, start + PART).join": "of numbers",
    "array.toHex": "throws above the longest string: it gets 16 KiB at most",
    "js.Uint8Array.fromHex": "throws for what is not hexadecimal: it is what memoryview.hex() wrote",
    "getattr(js.Buffer, 'from')": "Node: of a Uint8Array, or of what memoryview.hex() wrote",
    "getattr(js.Buffer, 'from')(array).toString": "Node: as array.toHex",
    "js.performance.now": PLAIN,
    "getattr(target, name)": "send throws while CONNECTING only (WHATWG WebSockets §3.1): WebSocket.send() looks at "
    "the state before. write gives a promise. `checks.message` makes a plain str or a memoryview of the data",
    "array.to_py": "Pyodide: of texts and ArrayBuffers",
    "data.assign_to": "Pyodide: of an ArrayBuffer, to a memoryview that is as long",
    "data.to_bytes": "Pyodide: of an ArrayBuffer",
    "data.to_memoryview": "Pyodide: of an ArrayBuffer",
    "to_js": "Pyodide: of a contiguous memoryview of bytes",
    "create_proxy": PLAIN,
    "proxy.getBuffer": "Pyodide: of a contiguous memoryview of bytes",
    "proxy.destroy": "Pyodide: once",
    "view.release": "Pyodide: once",
    "send": "Pyodide: as getattr(target, name)",
    "write": "Pyodide: as getattr(target, name)",
    "socket.close": "code and reason were checked (checks.close_arguments), here and where _apply calls it",
    "can_run_sync": "Pyodide's own",
    "run_sync": "Pyodide's own: raises what the awaitable raises",
    # --- stream.py ---
    "then": "of a Promise, with functions",
    "connection.writable.getWriter": "throws if it has one: this one is new",
    "js.WritableStream.new": "throws for a bad strategy: it has none",
    "connection.readable.pipeTo": "gives a promise, rejected where it cannot",
    "connection.readable.pipeTo(js.WritableStream.new(sink)).then": "of a Promise, with functions",
    "self._write": "WritableStreamDefaultWriter.write gives a promise, rejected where it cannot",
    "self._write(data).then": "of a Promise, with functions",
    "self.js.stream.close": "code and reason were checked (checks.close_arguments)",
    "resume": "the resolve function of a Promise",
    # --- storage.py: what may throw goes through _call, which is attempt() ---
    "js.Date.now": PLAIN,
    "self._session.getItem": "gives null for what is not there",
    "js.navigator.locks.request": "gives a promise, rejected where it cannot",
    "js.navigator.locks.request(name, options, self._listener(granted)).then": "of a Promise, with a function",
    "answer.resolve": "the resolve function of a Promise",
    "self._release": "the resolve function of a Promise",
    "event.target.result.createObjectStore": "in the upgrade of a database that is new, each name once",
    "transaction.objectStore": "of a transaction that was just begun, the store that it is for",
    "transaction.objectStore(self._store).clear": "of a transaction that was just begun, for writing",
    "self._begin('readonly')[1].objectStore": "as transaction.objectStore; of None, it is Python's exception",
    "self._begin('readonly')[1].objectStore(self._store).getAll": "of a transaction that was just begun",
    "store.clear": "of a transaction that was just begun, for writing",
    "store.put": "of a transaction that was just begun, for writing: a text under a text",
    "store.delete": "of a transaction that was just begun, for writing",
    "transaction.commit": "of a transaction that was just begun: nothing has ended it yet",
    "self._database.close": PLAIN,
    "setattr": "of an event handler of a request: any function",
    # --- page.py ---
    "getattr(js, target).addEventListener": "as self.js.addEventListener",
    "getattr(js, target).removeEventListener": "as self.js.addEventListener",
}

# What Python itself carries out: built-in functions, methods of Python's objects, our own functions and classes.
PYTHON = set(
    """
    AbsentHost BrowserHost Delayed ImportError NoSocket NotImplementedError OSError PageStorage RefusedLink
    SocketLink StreamLink StreamState TABLE.move TypeVar _apply _bytes _call _end _giver _hex _lazy _object _plain _read
    _write asyncio.sleep attempt dumps loads self._begin self._lock self._note self._open_database self._texts.pop
    self.journal texts.items
    base.startswith bind bool bytearray bytes bytes.fromhex callback callbacks.on_end callbacks.on_messages construct
    data.encode data.hex data.tobytes
    ffi.listener ffi.release getattr getter hasattr host.call_later int isinstance joined.split json.dumps json.loads
    len list max memoryview message method min print_exception range report self._base self._base().startswith
    self._callback self._callbacks.on_failure self._callbacks.on_messages self._callbacks.on_open
    self._can_read_without_python self._close_when_written self._end self._end_without_close self._ffi.close
    self._ffi.close_details self._ffi.listener self._ffi.message self._ffi.messages self._ffi.release self._ffi.sender
    self._ffi.writer self._finish_if_over self._grace.cancel self._has_ended self._host.call_later
    self._host.soon self._listener self._listeners.append self._listeners.items self._listeners.values
    self._move self._on_close self._on_error self._quiet_listener self._refused self._resume_sender self._take
    self._taken self._tasks.append self._tell_end self._then self._timer.cancel self._unwritten.append
    self._unwritten.pop self.cancel self.ffi.block self.ffi.listener self.flush self.is_open split_texts str
    _raise collector.threshold convert receive self._begin_flood self._end_flood self._ffi.flood sys.excepthook task
    time.monotonic type watch_page watched.append
    Unread ValueError in_its_turn read read_into self._check self._ffi.read self._ffi.read_into
    """.split()
)


def calls():
    """Every call in `_host`, as it is written: what is called, and where."""
    for file in sorted(HOST.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func), f"{file.name}:{node.lineno}"


def test_every_call_of_javascript_has_a_reason_not_to_throw():
    unknown = [f"{where}: {call}" for call, where in calls() if call not in PYTHON and call not in JAVASCRIPT]
    assert unknown == [], "say in JAVASCRIPT why it does not throw, or let it go through construct()"
    known = {call for call, _ in calls()}
    assert (PYTHON | set(JAVASCRIPT)) - known == set(), "these are called no more"


def test_sockets_are_made_by_construct_alone():
    """Firefox and WebKit throw where the page's policy forbids the address."""
    made = [call for call, _ in calls() if call.startswith(("js.WebSocket", "js.WebSocketStream"))]
    assert made == []
    sources = "".join(file.read_text() for file in HOST.glob("*.py"))
    assert sources.count("js.WebSocket,") == sources.count("js.WebSocketStream,") == 1
    assert "construct(js.WebSocket," in sources and "construct(js.WebSocketStream," in sources
