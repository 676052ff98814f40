"""JavaScript functions made of built-in ones, and the one place where a call of JavaScript may throw.

There is no JavaScript in this package, so no page needs `unsafe-eval` for it: what JavaScript calls
are functions that it has, bound with `Function.prototype.bind`.

On MicroPython a JavaScript exception cannot be caught: it skips `except` and `finally` and leaves the
interpreter. So no call of the package may throw. tests/unit/test_boundary.py lists every one of them
with the reason why it does not; what may throw goes through `construct`.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

import js

SEPARATOR = "\x1e"  # Unicode's record separator: rare, and one in a text changes the number of parts
BUFFER = "[object ArrayBuffer]"  # what bytes become when they are joined with texts

# What every function inherits. (MicroPython 1.24 and 1.25 bind what is read as an attribute to the object that it
# is read from, and a bound `Function.prototype` inherits nothing.)
_BIND = js.Reflect.get(js.Array, "bind")
_CALL = js.Reflect.get(js.Array, "call")


def bind(function: "Any", *arguments: "Any") -> "Any":
    """`function.bind(*arguments)`. MicroPython would bind `function.bind` to the wrong object."""
    return js.Reflect.apply(_BIND, function, js.Array.of(*arguments))


def method(owner: "Any", name: str) -> "Any":
    """A method of a JavaScript object, bound to it, as a JavaScript function."""
    return bind(js.Reflect.get(owner, name), owner)


def getter(prototype: "Any", name: str) -> "Any":
    """A JavaScript function that reads the attribute `name` of the object it is given."""
    descriptor = js.Object.getOwnPropertyDescriptor(prototype, name)
    return bind(_CALL, js.Reflect.get(descriptor, "get"))


def construct(constructor: "Any", *arguments: "Any") -> "Any":
    """`new constructor(*arguments)`; None if that throws."""
    return attempt(js.Reflect.get(js.Reflect, "construct"), None, constructor, js.Array.of(*arguments))[1]


def attempt(function: "Any", this: "Any", *arguments: "Any") -> "tuple[bool, Any]":
    """Whether `function.call(this, *arguments)` does not throw, and what it gives.

    A Promise calls what it is given at once, and becomes rejected if that throws; so the function is called, and its
    result written to `target`, by a Promise. It is never fulfilled, and Python must not see it as the result of a call:
    Pyodide would keep a future for it.
    """
    target = js.Object.new()
    make = bind(function, this, *arguments)
    executor = bind(js.Reflect.get(js.Object, "assign"), None, target, _lazy("made", make))
    promise = bind(js.Reflect.get(js.Reflect, "construct"), None, js.Promise, js.Array.of(executor))
    js.Object.assign(target, _lazy("promise", promise))
    catch, nothing = js.Reflect.get(js.Promise.prototype, "catch"), js.Array.of(js.Function.prototype)
    caught = bind(js.Reflect.get(js.Reflect, "apply"), None, catch, target.promise, nothing)
    js.Object.assign(target, _lazy("caught", caught))
    return (True, js.Reflect.get(target, "made")) if js.Reflect.has(target, "made") else (False, None)


def _lazy(name: str, function: "Any") -> "Any":
    """An object whose attribute `name` is what `function` gives when it is read."""
    source, descriptor = js.Object.new(), js.Object.new()
    js.Reflect.set(descriptor, "get", function)
    js.Reflect.set(descriptor, "enumerable", True)
    js.Reflect.defineProperty(source, name, descriptor)
    return source


def split_texts(array: "Any") -> "list[str] | None":
    """An array of texts as a list; None if there is something else in it.

    They cross as one string: one crossing costs several times what splitting a text off does.
    """
    joined = array.join(SEPARATOR)
    texts: "list[str]" = joined.split(SEPARATOR)
    return texts if len(texts) == array.length and BUFFER not in joined else None
