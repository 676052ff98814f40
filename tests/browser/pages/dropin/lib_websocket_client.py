"""websocket-client, which blocks: where the browser has JavaScript Promise Integration."""

import os
import threading

import browserws.dropin

browserws.dropin.install()

import websocket
from browserws.dropin.errors import NotInPages
from tools import Ticking, blocking, raised_by, url


def asserted_lack():
    assert "JSPI" in str(raised_by(NotInPages, websocket.create_connection, url("/echo")))


@blocking(asserted_lack)
async def messages_go_both_ways():
    """`create_connection`: text and binary messages"""
    ws = websocket.create_connection(url("/echo"))
    for message in ("text ☃", "x" * 70_000):
        ws.send(message)
        assert ws.recv() == message
    data = os.urandom(1 << 20)
    ws.send_binary(data)
    assert ws.recv() == data
    ws.ping("hello")
    assert ws.recv_data_frame(control_frame=True)[0] == websocket.ABNF.OPCODE_PONG
    ws.close()
    assert not ws.connected


@blocking(asserted_lack)
async def the_page_goes_on():
    """the page and other tasks go on while a call blocks; `timeout`"""
    ws = websocket.create_connection(url("/echo"), timeout=0.1)
    async with Ticking() as page:
        raised_by(websocket.WebSocketTimeoutException, ws.recv)
        assert page.ticks > 0
    ws.send("still there")
    assert ws.recv() == "still there"
    ws.close()


@blocking(asserted_lack)
async def subprotocols_are_agreed_on():
    """subprotocols"""
    ws = websocket.create_connection(url("/echo"), subprotocols=["first", "second"])
    assert ws.getsubprotocol() == "second"
    ws.close()


@blocking(asserted_lack)
async def the_server_closes():
    """the server's close code"""
    ws = websocket.create_connection(url("/close/4001/enough"))
    code, data = ws.recv_data()
    assert code == websocket.ABNF.OPCODE_CLOSE and data == b"\x0f\xa1enough"
    ws.close()


@blocking(asserted_lack)
async def an_app_runs():
    """`WebSocketApp.run_forever`, with its callbacks"""
    said = []

    def on_message(app, message):
        said.append(message)
        if len(said) == 3:
            app.close()

    def on_open(app):
        for message in ("one", "two", "three"):
            app.send(message)

    app = websocket.WebSocketApp(
        url("/echo"),
        on_open=on_open,
        on_message=on_message,
        on_error=lambda app, error: said.append(error),
        on_close=lambda app, code, reason: said.append((code, reason)),
    )
    assert app.run_forever() is False
    assert said == ["one", "two", "three", (1000, None)], said


@blocking(asserted_lack)
async def an_app_connects_again():
    """`run_forever(reconnect=...)`"""
    opened = []

    def on_open(app):
        opened.append(app)
        app.send("x")  # whereupon the server breaks the connection
        if len(opened) == 3:
            app.keep_running = False
            app.close()

    app = websocket.WebSocketApp(url("/drop"), on_open=on_open)
    app.run_forever(reconnect=0.01)
    assert len(opened) == 3


@blocking(asserted_lack)
async def an_app_pings():
    """`run_forever(ping_interval=...)`, answered in the page"""
    ponged = []

    def on_pong(app, data):
        ponged.append(data)
        app.close()

    websocket.WebSocketApp(url("/echo"), on_pong=on_pong).run_forever(ping_interval=0.1, ping_timeout=0.05)
    assert ponged == [b""]


@blocking(asserted_lack)
async def two_threads_read():
    """threads that read and write one connection"""
    ws, heard = websocket.create_connection(url("/echo")), []
    threads = [threading.Thread(target=lambda: heard.append(ws.recv())) for _ in range(2)]
    for thread in threads:
        thread.start()
    ws.send("one")
    ws.send("two")
    for thread in threads:
        thread.join()
    assert heard == ["one", "two"]
    ws.close()


@blocking(asserted_lack)
async def a_refused_handshake_is_502():
    """a refused handshake, which is a 502"""
    error = raised_by(websocket.WebSocketBadStatusException, websocket.create_connection, url("/refuse"))
    assert error.status_code == 502


@blocking(asserted_lack)
async def refuses_what_a_page_has_not():
    """`header`: they are named · proxies, `sslopt`"""
    error = raised_by(NotInPages, websocket.create_connection, url("/echo"), header={"X-Key": "1"})
    assert "x-key" in str(error).lower()
    raised_by(NotInPages, websocket.create_connection, url("/echo"), http_proxy_host="proxy", proxy_type="http")
    raised_by(NotInPages, websocket.create_connection, url("/echo"), sslopt={"cert_reqs": 0})
