"""`EventTarget`: handlers as `onX` attributes."""

from browserws._runtime.target import EventTarget, on


def test_attribute_is_the_one_handler_of_its_event():
    class Target(EventTarget):
        EVENTS = ("open", "close")
        onopen = on("open")
        onclose = on("close")

    target, calls = Target(), []

    def handler(event):
        calls.append(event)

    assert target.onopen is None and target.onclose is None
    target.onopen = print
    target.onopen = handler
    assert target.onopen is handler and target.onclose is None
    target._handlers.call("open", ["opened"])
    target._handlers.call("close", ["closed"])
    assert calls == ["opened"]
    target.onopen = None
    target._handlers.call("open", ["again"])
    assert target.onopen is None and calls == ["opened"]
