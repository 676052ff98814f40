"""A python-socketio server with rooms, as its documentation has them; in a thread, where pages reach it."""

import asyncio
import contextlib
import threading

import socketio
from aiohttp import web


class Chat(socketio.AsyncNamespace):
    async def on_connect(self, sid, environ, auth):
        if not auth or auth.get("token") == "stolen":
            raise socketio.exceptions.ConnectionRefusedError("who are you?")
        await self.save_session(sid, auth)

    async def on_enter(self, sid, room):
        if room == "secret":
            return {"error": "members only"}
        await self.enter_room(sid, room)

    async def on_exit(self, sid, room):
        await self.leave_room(sid, room)

    async def on_say(self, sid, room, what):
        user = (await self.get_session(sid))["user"]
        await self.emit("said", (room, what, user), room=room)

    async def on_ask(self, sid, question):
        """Asked back: the client has to answer."""
        return await self.server.call("question", question, to=sid, namespace=self.namespace, timeout=5)

    async def on_throw_out(self, sid):
        await self.disconnect(sid)


@contextlib.contextmanager
def running(namespace="/", events=Chat):
    """Its URL, for a codec."""
    loop = asyncio.new_event_loop()
    app = web.Application()
    sio = socketio.AsyncServer(
        async_mode="aiohttp", cors_allowed_origins="*", namespaces=[namespace], ping_interval=0.2
    )
    sio.register_namespace(events(namespace))
    sio.attach(app)
    runner = web.AppRunner(app)

    async def start():
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return site._server.sockets[0].getsockname()[1]

    async def stop():
        await sio.shutdown()
        await runner.cleanup()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    port = asyncio.run_coroutine_threadsafe(start(), loop).result()
    try:
        yield f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket"
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
