"""Fakes of services that only their own libraries speak with: OpenAI, Supabase, Deepgram, Centrifugo, Ethereum,
Slack, SignalR, Ably.

As much of each protocol as the tests in pages/dropin/ need. A path of one server is a service.
"""

import http
import json

from websockets.asyncio.server import serve

KEY = "key-of-the-page"


def authorized(ws, request):
    """What a browser can send instead of a header: OpenAI and Deepgram take the key as a subprotocol."""
    offered = request.headers.get("Sec-WebSocket-Protocol", "")
    if request.path.startswith(("/v1/realtime", "/v1/listen")) and KEY not in offered:
        return ws.respond(http.HTTPStatus.UNAUTHORIZED, "no key\n")
    return None


def subprotocol(ws, offered):
    """The one that is none of a key."""
    return next((name for name in offered if KEY not in name), None)


async def service(ws):
    path = ws.request.path.split("?")[0]
    await SERVICES[path](ws)


# --- OpenAI: realtime ---


async def openai(ws):
    assert ws.subprotocol == "realtime" and "model=" in ws.request.path
    count = 0

    async def say(kind, **fields):
        nonlocal count
        count += 1
        await ws.send(json.dumps({"type": kind, "event_id": f"event_{count}", **fields}))

    session = {"type": "realtime", "id": "sess_1", "object": "realtime.session", "output_modalities": ["audio"]}
    await say("session.created", session=session)
    asked = ""
    async for text in ws:
        event = json.loads(text)
        if event["type"] == "session.update":
            session.update(event["session"])
            await say("session.updated", session=session)
        elif event["type"] == "conversation.item.create":
            asked = event["item"]["content"][0]["text"]
        elif event["type"] == "response.create":
            place = {"response_id": "resp_1", "item_id": "item_1", "output_index": 0, "content_index": 0}
            for word in ("You", " said ", asked):
                await say("response.output_text.delta", delta=word, **place)
            await say("response.output_text.done", text=f"You said {asked}", **place)
            await say("response.done", response={"id": "resp_1", "object": "realtime.response", "status": "completed"})
        elif event["type"] == "input_audio_buffer.append":
            await say("error", error={"type": "invalid_request_error", "message": "no audio here"})


# --- Supabase: Phoenix channels ---


async def supabase(ws):
    async def say(topic, event, payload, ref=None):
        await ws.send(json.dumps({"topic": topic, "event": event, "payload": payload, "ref": ref}))

    async for text in ws:
        message = json.loads(text)
        topic, event, payload = message["topic"], message["event"], message["payload"]
        if event == "phx_join":
            wanted = payload["config"]["postgres_changes"]
            changes = [{**change, "id": number} for number, change in enumerate(wanted, 1)]
            await say(topic, "phx_reply", {"status": "ok", "response": {"postgres_changes": changes}}, message["ref"])
            for change in changes:
                data = {"schema": change["schema"], "table": change["table"], "type": "INSERT", "errors": None}
                data.update(commit_timestamp="2026-01-01T00:00:00Z", columns=[], record={"id": 7, "text": "☃"})
                await say(topic, "postgres_changes", {"ids": [change["id"]], "data": data})
        elif event == "broadcast" and payload["event"] == "cut":
            ws.transport.abort()  # as a bad network does
        elif event == "broadcast":
            await say(topic, "broadcast", payload)
        elif event == "heartbeat":
            await say("realtime:heartbeats", "broadcast", {"event": "heard", "payload": {}})
        elif event == "phx_leave":
            await say(topic, "phx_reply", {"status": "ok", "response": {}}, message["ref"])
            await say(topic, "phx_close", {}, message["ref"])


# --- Deepgram: listening ---


async def deepgram(ws):
    assert ws.subprotocol == "token"
    size = 0
    async for message in ws:
        if isinstance(message, bytes):
            size += len(message)
            said = [{"transcript": f"{size} bytes", "confidence": 0.9, "words": []}]
            result = {"type": "Results", "channel_index": [0, 1], "duration": 1.0, "start": 0.0, "is_final": True}
            await ws.send(json.dumps({**result, "channel": {"alternatives": said}}))
        elif json.loads(message)["type"] == "CloseStream":
            metadata = {"type": "Metadata", "request_id": "1", "sha256": "", "created": "", "duration": 1.0}
            await ws.send(json.dumps({**metadata, "channels": 1}))
            return  # closes with 1000


# --- Centrifugo, JSON and no recovery ---

channels = {}  # the connections that have subscribed to each
history = {}  # the last publications


async def centrifugo(ws):
    async def reply(command):
        kind = next(name for name in command if name != "id")
        arguments = command[kind]
        channel = arguments.get("channel")
        if kind == "connect":
            return {"connect": {"client": "client-1", "version": "0.0.0", "ping": 25, "pong": True}}
        if kind == "subscribe":
            channels.setdefault(channel, set()).add(ws)
        if kind == "unsubscribe":
            channels[channel].discard(ws)
        if kind == "publish":
            if channel == "closed":
                return {"error": {"code": 103, "message": "permission denied"}}
            publication = {"data": arguments["data"]}
            history[channel] = [publication]
            for other in channels.get(channel, ()):
                await other.send(json.dumps({"push": {"channel": channel, "pub": publication}}))
        answers = {
            "presence": {"presence": {"client-1": {"client": "client-1", "user": "42"}}},
            "presence_stats": {"num_clients": 1, "num_users": 1},
            "history": {"publications": history.get(channel, []), "offset": 1, "epoch": "e"},
        }
        return {kind: answers.get(kind, {})}

    try:
        async for text in ws:
            for line in text.splitlines():
                command = json.loads(line)
                if command:  # {} is a pong
                    await ws.send(json.dumps({"id": command["id"], **await reply(command)}))
    finally:
        for subscribed in channels.values():
            subscribed.discard(ws)


# --- An Ethereum node ---

HEAD = {"number": "0x10", "hash": "0x" + "ab" * 32, "parentHash": "0x" + "cd" * 32}


async def ethereum(ws):
    async for text in ws:
        call = json.loads(text)
        results = {"eth_blockNumber": "0x10", "eth_chainId": "0x1", "eth_subscribe": "0x5", "eth_unsubscribe": True}
        answer = {"jsonrpc": "2.0", "id": call["id"]}
        if call["method"] in results:
            answer["result"] = results[call["method"]]
        else:
            answer["error"] = {"code": -32601, "message": "no such method"}
        await ws.send(json.dumps(answer))
        if call["method"] == "eth_subscribe":
            for _ in range(3):
                head = {"subscription": "0x5", "result": HEAD}
                await ws.send(json.dumps({"jsonrpc": "2.0", "method": "eth_subscription", "params": head}))


# --- Slack: Socket Mode ---


async def slack(ws):
    """Sends the second event when the first was acknowledged."""
    await ws.send(json.dumps({"type": "hello", "num_connections": 1}))
    for number in range(2):
        event = {"type": "message", "text": f"message {number}"}
        envelope = {"envelope_id": f"envelope-{number}", "type": "events_api", "accepts_response_payload": False}
        await ws.send(json.dumps({**envelope, "payload": {"event": event}}))
        async for text in ws:
            if json.loads(text).get("envelope_id") == envelope["envelope_id"]:
                break
    await ws.wait_closed()


# --- SignalR ---

END = "\x1e"


async def signalr(ws):
    async def say(**message):
        await ws.send(json.dumps(message) + END)

    async for data in ws:
        for text in (data if isinstance(data, str) else data.decode()).split(END)[:-1]:
            message = json.loads(text)
            kind = message.get("type")
            if "protocol" in message:
                await say()
            elif kind == 1:
                await say(type=1, target="ReceiveMessage", arguments=message["arguments"])
            elif kind == 4:
                for number in range(3):
                    await say(type=2, invocationId=message["invocationId"], item=number)
                await say(type=3, invocationId=message["invocationId"])


# --- Ably ---


async def ably(ws):
    details = {"connectionKey": "key", "maxIdleInterval": 15000, "connectionStateTtl": 120000, "maxMessageSize": 65536}
    await ws.send(json.dumps({"action": 4, "connectionId": "c", "connectionDetails": details}))
    async for text in ws:
        message = json.loads(text)
        action, channel = message["action"], message.get("channel")
        if action == 10:
            await ws.send(json.dumps({"action": 11, "channel": channel, "flags": 0, "channelSerial": "s"}))
        elif action == 15:
            serial, messages = message["msgSerial"], message["messages"]
            await ws.send(json.dumps({"action": 1, "msgSerial": serial, "count": 1, "res": [{"serials": ["s"]}]}))
            place = {"action": 15, "channel": channel, "id": "i", "connectionId": "c", "timestamp": 1}
            await ws.send(json.dumps({**place, "messages": messages}))
        elif action == 7:
            await ws.send(json.dumps({"action": 8}))
            return


SERVICES = {
    "/ably": ably,
    "/link": slack,
    "/signalr": signalr,
    "/ethereum": ethereum,
    "/v1/realtime": openai,
    "/realtime/v1/websocket": supabase,
    "/v1/listen": deepgram,
    "/connection/websocket": centrifugo,
}


async def fakes():
    """A server of them all; its port."""
    server = await serve(service, "localhost", 0, process_request=authorized, select_subprotocol=subprotocol)
    return server.sockets[0].getsockname()[1]
