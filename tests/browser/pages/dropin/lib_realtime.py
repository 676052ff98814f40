"""realtime, the client of Supabase's, against a fake of the service."""

import browserws.dropin

browserws.dropin.install()

from realtime import AsyncRealtimeClient, RealtimePostgresChangesListenEvent, RealtimeSubscribeStates
from tools import server, until


def client(**options):
    """With a short `timeout` in seconds: so long the library has a task for each broadcast, which nobody answers."""
    options = {"token": "key", "initial_backoff": 0.05, "timeout": 2, **options}
    return AsyncRealtimeClient(server("fakes", "/realtime/v1"), **options)


async def joined(realtime):
    channel, seen = realtime.channel("room"), []
    channel.on_broadcast("message", lambda payload: seen.append(payload["payload"]))
    await channel.subscribe()
    await until(lambda: channel.is_joined)
    return channel, seen


async def broadcasts():
    """joining a channel, broadcasts both ways, leaving it"""
    realtime = client()
    await realtime.connect()
    channel, seen = await joined(realtime)
    for number in range(50):
        await channel.send_broadcast("message", {"number": number, "text": "☃"})
    await until(lambda: len(seen) == 50)
    assert seen == [{"number": number, "text": "☃"} for number in range(50)]
    await realtime.remove_channel(channel)
    assert not realtime.is_connected


async def changes_of_a_table():
    """`on_postgres_changes`"""
    realtime, seen, states = client(), [], []
    channel = realtime.channel("table")
    channel.on_postgres_changes(RealtimePostgresChangesListenEvent.Insert, seen.append, table="messages")
    await channel.subscribe(lambda state, error: states.append(state))
    await until(lambda: seen)
    assert states == [RealtimeSubscribeStates.SUBSCRIBED]
    assert seen[0]["data"]["record"] == {"id": 7, "text": "☃"}
    await realtime.close()


async def heartbeats():
    """heartbeats"""
    realtime, seen = client(), []
    realtime.channel("heartbeats").on_broadcast("heard", seen.append)
    await realtime.connect()
    await until(lambda: seen)
    await realtime.close()


async def a_lost_connection():
    """reconnecting after a lost connection, and joining again"""
    realtime = client()
    await realtime.connect()
    channel, seen = await joined(realtime)
    first = realtime._ws_connection
    await channel.send_broadcast("cut", {})
    await until(lambda: realtime._ws_connection not in (first, None) and channel.is_joined)
    await channel.send_broadcast("message", {"after": True})
    await until(lambda: seen)
    await realtime.close()
