"""centrifuge-python, against a fake of Centrifugo."""

import asyncio
import contextlib
import logging
import signal

import browserws.dropin

browserws.dropin.install()

import js
from __main__ import options
from browserws.dropin.errors import NotInPages
from centrifuge import CentrifugeError, Client, SubscriptionEventHandler
from pyodide.code import eval_code_async
from pyodide.http import pyfetch
from tools import raised, server, until


def client(**options):
    return Client(server("fakes", "/connection/websocket", "ws"), **options)


class Seen(SubscriptionEventHandler):
    def __init__(self):
        self.messages = []

    async def on_publication(self, context):
        self.messages.append(context.pub.data)


async def publish_and_subscribe():
    """connect, subscribe and publish"""
    centrifuge, seen = client(), Seen()
    subscription = centrifuge.new_subscription("channel", events=seen)
    await centrifuge.connect()
    await subscription.subscribe()
    await subscription.ready()
    for number in range(50):
        await subscription.publish({"number": number, "text": "☃"})
    await until(lambda: len(seen.messages) == 50)
    assert seen.messages == [{"number": number, "text": "☃"} for number in range(50)]
    await centrifuge.disconnect()


async def between_clients():
    """what one client publishes, others get · history"""
    one, other, seen = client(), client(), Seen()
    subscription = one.new_subscription("between", events=seen)
    await asyncio.gather(one.connect(), other.connect())
    await subscription.subscribe()
    await subscription.ready()
    await other.publish("between", "hello")
    await until(lambda: seen.messages == ["hello"])
    assert [entry.data for entry in (await subscription.history(limit=1)).publications] == ["hello"]
    await asyncio.gather(one.disconnect(), other.disconnect())


async def errors_of_the_server():
    """errors of the server"""
    centrifuge = client()
    await centrifuge.connect()
    error = await raised(CentrifugeError, centrifuge.publish("closed", "x"))
    assert error.code == 103
    await centrifuge.disconnect()


@contextlib.contextmanager
def logged():
    """What is logged meanwhile."""
    lines, root = [], logging.getLogger()
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())
    root.addHandler(handler)
    level = root.level
    root.setLevel("INFO")
    try:
        yield lines
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


async def its_own_example():
    """the `example.py` of its sdist, 190 lines with handlers of signals, with two lines in front of it"""
    example = await (await pyfetch("/foreign/programs/example.py")).string()
    assert len(example.splitlines()) > 100
    program = "import browserws.dropin\nbrowserws.dropin.install()\n" + example
    address = server("fakes", "/connection/websocket", "ws")
    program = program.replace("ws://localhost:8000/connection/websocket", address)  # nothing else is replaced

    async def interrupt():
        await until(lambda: signal.getsignal(signal.SIGTERM) != signal.SIG_DFL)
        signal.raise_signal(signal.SIGTERM)

    with logged() as lines:
        interruption = asyncio.create_task(interrupt())
        if hasattr(js.WebAssembly, "Suspending"):
            exec(program, {"__name__": "__main__"})
        else:  # `asyncio.run` cannot block there, so this waits for what it would run
            names = {"__name__": "example"}
            exec(program, names)
            await names["run_example"]()
        await interruption
    for number in (signal.SIGTERM, signal.SIGINT):
        assert asyncio.get_running_loop().remove_signal_handler(number)
    assert "publication: {'input': 'test'}" in lines and lines[-1] == "successfully completed service shutdown", lines
    assert not [line for line in lines if "error" in line], lines


async def refuses_headers():
    """`headers`: they are named, in centrifuge-python's log"""
    errors = []
    handler = logging.Handler()
    handler.emit = lambda record: errors.append(record.exc_info and record.exc_info[1])
    logger = logging.getLogger("centrifuge")
    logger.addHandler(handler)
    centrifuge = client(headers={"X-Key": "1"})
    await centrifuge.connect()
    await until(lambda: any(isinstance(error, NotInPages) and "X-Key" in str(error) for error in errors))
    await centrifuge.disconnect()
    logger.removeHandler(handler)


async def pasted():
    await eval_code_async(options["program"], {})
    centrifuge = client()
    await centrifuge.connect()
    assert [entry.data for entry in (await centrifuge.history("news", limit=1)).publications] == [
        {"hello": "from a page"}
    ]
    await centrifuge.disconnect()


async def fails_or_not():
    await eval_code_async(options["program"], {})
