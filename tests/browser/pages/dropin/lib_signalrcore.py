"""signalrcore, against a fake of a hub: it reads its own sockets in threads."""

import browserws.dropin

browserws.dropin.install()

import threading

from browserws.dropin.errors import NotInPages
from signalrcore.hub_connection_builder import HubConnectionBuilder
from tools import blocking, raised_by, server


def new_hub(**options):
    address = server("fakes", "/signalr", "ws")
    return HubConnectionBuilder().with_url(address, options={"skip_negotiation": True, **options}).build()


def asserted_lack():
    assert "JSPI" in str(raised_by(NotInPages, new_hub().start))


@blocking(asserted_lack)
async def messages_and_streams():
    """`start`, which connects and reads in threads, `on`, `send` and `stop` · streams"""
    hub, opened, heard, ended = new_hub(), threading.Event(), threading.Event(), threading.Event()
    messages, items = [], []

    def on_message(arguments):
        messages.append(arguments)
        heard.set()

    hub.on_open(opened.set)
    hub.on("ReceiveMessage", on_message)
    hub.start()
    assert opened.wait(5)
    hub.send("SendMessage", ["me", "hello ☃"])
    assert heard.wait(5) and messages == [["me", "hello ☃"]]
    hub.stream("Counter", [3]).subscribe(
        {"next": items.append, "complete": lambda message: ended.set(), "error": messages.append}
    )
    assert ended.wait(5) and items == [0, 1, 2]
    hub.stop()


@blocking(asserted_lack)
async def refuses_headers():
    """`headers`: they are named"""
    errors, came = [], threading.Event()
    hub = new_hub(headers={"X-Key": "1"})
    hub.on_error(errors.append)
    try:
        hub.start()
    except NotInPages as error:
        errors.append(error)
        came.set()
    assert came.wait(5) and "x-key" in str(errors[0]).lower(), errors
