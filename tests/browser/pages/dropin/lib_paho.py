"""paho-mqtt, against mosquitto, which blocks: where the browser has JavaScript Promise Integration."""

import browserws.dropin

browserws.dropin.install()

import threading

import paho.mqtt.client as mqtt
from __main__ import options
from browserws.dropin.errors import NotInPages
from tools import Ticking, blocking, raised_by


def new_client(**more):
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, transport="websockets", **more)
    client.reconnect_delay_set(0.01, 0.01)
    return client


def connect(client):
    client.connect("127.0.0.1", options["servers"]["mqtt"])


def asserted_lack():
    assert "JSPI" in str(raised_by(NotInPages, connect, new_client()))


@blocking(asserted_lack)
async def loop_forever():
    """`loop_forever`, callbacks, publish and subscribe with QoS 0, 1 and 2, a clean disconnect"""
    said = []
    client = new_client()

    @client.connect_callback()
    def on_connect(client, userdata, flags, reason, properties):
        client.subscribe("paho/#", qos=2)

    @client.subscribe_callback()
    def on_subscribe(client, userdata, mid, reasons, properties):
        for qos in (0, 1, 2):
            client.publish(f"paho/{qos}", b"x" * 70_000, qos=qos)

    @client.message_callback()
    def on_message(client, userdata, message):
        said.append((message.topic, len(message.payload), message.qos))
        if len(said) == 3:
            client.disconnect()

    @client.disconnect_callback()
    def on_disconnect(client, userdata, flags, reason, properties):
        said.append(str(reason))

    connect(client)
    client.loop_forever()
    assert sorted(said[:3]) == [(f"paho/{qos}", 70_000, qos) for qos in (0, 1, 2)]
    assert said[3:] == ["Normal disconnection"], said


@blocking(asserted_lack)
async def it_reconnects():
    """automatic reconnection, and the page goes on while `loop_forever` blocks"""
    connected = []
    client = new_client(client_id="again")

    @client.connect_callback()
    def on_connect(client, userdata, flags, reason, properties):
        connected.append(page.ticks)
        if len(connected) == 3:
            client.disconnect()
        else:
            client.socket().close()

    async with Ticking() as page:
        connect(client)
        client.loop_forever()
    assert len(connected) == 3 and connected[0] < connected[2]


@blocking(asserted_lack)
async def retained_and_loop():
    """retained messages; `loop`"""
    client = new_client()
    connect(client)
    came = []
    client.on_message = lambda client, userdata, message: came.append((message.payload, message.retain))
    published = client.publish("paho-kept", b"last", qos=1, retain=True)
    while not published.is_published():
        client.loop(0.1)
    client.subscribe("paho-kept")
    while not came:
        client.loop(0.1)
    assert came == [(b"last", True)]
    client.publish("paho-kept", b"", retain=True)
    client.disconnect()
    client.loop(0)


@blocking(asserted_lack)
async def in_a_thread():
    """`loop_start`, `wait_for_publish`, `loop_stop`"""
    client, came = new_client(), threading.Event()
    client.on_message = lambda client, userdata, message: came.set()
    connect(client)
    client.loop_start()
    client.subscribe("paho-thread", qos=1)
    client.publish("paho-thread", b"hello", qos=1).wait_for_publish(5)
    assert came.wait(5)
    client.disconnect()
    client.loop_stop()


@blocking(asserted_lack)
async def refuses_what_a_page_has_not():
    """`transport="tcp"` · TLS options · headers: they are named"""
    raised_by(NotInPages, connect, mqtt.Client(mqtt.CallbackAPIVersion.VERSION2))
    raised_by(NotInPages, new_client().tls_set, ca_certs="/own")
    raised_by(NotInPages, new_client().tls_insecure_set, True)
    client = new_client()
    client.ws_set_options(headers={"X-Key": "1"})
    assert "x-key" in str(raised_by(NotInPages, connect, client))
