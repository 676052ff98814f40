"""aiomqtt, against mosquitto. It connects by a call that blocks: where the browser has JSPI."""

import asyncio
import ssl

import browserws.dropin

browserws.dropin.install()

import aiomqtt
from __main__ import options
from browserws.dropin.errors import NotInPages
from tools import async_lack, blocking, raised

HOST = "127.0.0.1"


def client(**more):
    return aiomqtt.Client(HOST, options["servers"]["mqtt"], transport="websockets", websocket_path="/mqtt", **more)


async def one(messages):
    async with asyncio.timeout(5):
        return await anext(messages)


lack = async_lack(lambda: client().__aenter__())


@blocking(lack)
async def publish_and_subscribe():
    """publish and subscribe, QoS 0, 1 and 2"""
    async with client() as mqtt:
        await mqtt.subscribe("aio/#", qos=2)
        for qos in (0, 1, 2):
            for payload in (b"", "text ☃".encode(), bytes(100_000)):
                await mqtt.publish(f"aio/{qos}", payload, qos=qos)
                message = await one(mqtt.messages)
                assert (str(message.topic), message.payload, message.qos) == (f"aio/{qos}", payload, qos)


@blocking(lack)
async def many_messages():
    """many messages, in their order"""
    async with client() as mqtt:
        await mqtt.subscribe("many")
        for number in range(300):
            await mqtt.publish("many", str(number))
        for number in range(300):
            assert (await one(mqtt.messages)).payload == str(number).encode()


@blocking(lack)
async def retained_messages():
    """retained messages"""
    async with client() as mqtt:
        await mqtt.publish("kept", b"last", qos=1, retain=True)
    async with client() as mqtt:
        await mqtt.subscribe("kept")
        message = await one(mqtt.messages)
        assert message.payload == b"last" and message.retain
        await mqtt.publish("kept", b"", qos=1, retain=True)


@blocking(lack)
async def version_5():
    """MQTT 5"""
    async with client(protocol=aiomqtt.ProtocolVersion.V5) as mqtt:
        await mqtt.subscribe("five", qos=1)
        await mqtt.publish("five", b"x", qos=1)
        assert (await one(mqtt.messages)).payload == b"x"


@blocking(lack)
async def a_will_comes_after_a_lost_connection():
    """a will, and what the library says of a lost connection"""
    lost = client(will=aiomqtt.Will("will", b"gone", qos=1), identifier="twice")
    async with client() as mqtt:
        await mqtt.subscribe("will", qos=1)
        try:
            async with lost, client(identifier="twice"):  # whereupon the broker ends the other one
                await raised(aiomqtt.MqttError, one(lost.messages))
        except aiomqtt.MqttError:
            pass
        assert (await one(mqtt.messages)).payload == b"gone"


@blocking(lack)
async def a_failed_connection():
    """a failed connection: `MqttError`"""
    await raised(aiomqtt.MqttError, aiomqtt.Client(HOST, 9, transport="websockets").__aenter__())


@blocking(lack)
async def refuses_what_a_page_has_not():
    """`transport="tcp"` · `websocket_headers`: they are named · SSL contexts and options"""
    error = await raised(NotInPages, aiomqtt.Client(HOST, options["servers"]["mqtt"]).__aenter__())
    assert "websockets" in str(error)
    error = await raised(NotInPages, client(websocket_headers={"X-Key": "1"}).__aenter__())
    assert "x-key" in str(error)
    for own in ({"tls_context": ssl.SSLContext()}, {"tls_params": aiomqtt.TLSParameters(ca_certs="/own")}):
        try:
            await client(**own).__aenter__()
        except NotInPages:
            continue
        raise AssertionError(own)
