"""Clients of what a URL names: one Redis, the master that Redis Sentinel knows, or a Redis Cluster.

    redis://[[USER]:PASSWORD@]HOST[:6379][/DB][?OPTIONS]                               one Redis; unix:// for its socket
    redis+sentinel://[[USER]:PASSWORD@]HOST[:26379][,HOST...]/MASTER[/DB][?OPTIONS]    sentinels, which know the master
    redis+cluster://[[USER]:PASSWORD@]HOST[:6379][,HOST...][?OPTIONS]                  some nodes, which know the others

With `rediss` it is TLS. The options are those of redis-py, such as `ssl_ca_certs`. User and password are those of
Redis; `sentinel_username` and `sentinel_password` are options for the sentinels, with TLS if Redis has it.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from redis.asyncio import Redis
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.connection import HiredisRespSerializer
from redis.exceptions import RedisError
from redis.utils import HIREDIS_AVAILABLE

CONNECT_TIMEOUT = 5  # seconds
SENTINEL_TIMEOUT = 1  # seconds for an answer of one sentinel: then the next is asked
UNLIMITED = 2**31
SEVERAL = re.compile(r"(rediss?)\+(sentinel|cluster)://([^@/?]*@)?([^@/?]*)(?:/([^?]*))?(\?.*)?")
HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]\s]+)(?::(\d+))?")


def is_cluster(url: str) -> bool:
    return url.startswith(("redis+cluster:", "rediss+cluster:"))


def connect(url: str, timeout: float) -> Any:
    """A client that waits for an answer for `timeout` seconds, and opens connections as it needs them. `ValueError` for
    a URL that cannot be right; it does not show the URL, in which there may be a password.
    """
    # no retries by the library: whether a call may be made again is for the caller to know
    options: dict[str, Any] = {
        "socket_timeout": timeout,
        "socket_connect_timeout": CONNECT_TIMEOUT,
        "retry": Retry(NoBackoff(), 0),
        "max_connections": UNLIMITED,
    }
    try:
        if "+" in url.partition(":")[0]:
            return _connect_to_several(url, options)
        return _checked(Redis.from_url(url, **options))
    except (RedisError, TypeError, ValueError) as error:
        raise ValueError(f"the URL of Redis: {error}") from None


async def close(client: Any) -> None:
    """Close its connections, and those to sentinels."""
    await client.aclose()
    sentinels = getattr(getattr(client, "connection_pool", None), "sentinel_manager", None)
    for sentinel in sentinels.sentinels if sentinels is not None else ():
        await sentinel.aclose()


def _connect_to_several(url: str, options: dict[str, Any]) -> Any:
    match = SEVERAL.fullmatch(url)
    if match is None:
        raise ValueError("it is redis+sentinel://HOST:PORT,.../MASTER or redis+cluster://HOST:PORT,..., or with rediss")
    scheme, kind, account, hosts, path, query = match.groups(default="")
    names = [unquote(name) for name in path.split("/")] if path else []
    options.update(_options(f"{scheme}://{account}host{query}"))
    if kind == "cluster":
        if names not in ([], ["0"]):
            raise ValueError("a cluster has no database but 0")
        return Cluster(
            startup_nodes=[ClusterNode(*host) for host in _hosts(hosts, 6379)], reinitialize_steps=0, **options
        )
    if not (len(names) in (1, 2) and names[0] and (names[1:] or ["0"])[0].isdecimal()):
        raise ValueError("what follows the sentinels is /MASTER or /MASTER/DB, the name of the master and a number")
    options["db"] = int((names[1:] or ["0"])[0])
    of_sentinels = {name: value for name, value in options.items() if name == "retry" or name.startswith("ssl")}
    of_sentinels.update(socket_timeout=SENTINEL_TIMEOUT, socket_connect_timeout=SENTINEL_TIMEOUT)
    for name in ("username", "password"):
        of_sentinels[name] = options.pop(f"sentinel_{name}", None)
    sentinels: Any = Sentinel  # it has no types
    return _checked(sentinels(_hosts(hosts, 26379), sentinel_kwargs=of_sentinels).master_for(names[0], **options))


def _checked(client: Any) -> Any:
    """`TypeError` for options that there are not."""
    pool = client.connection_pool
    if HIREDIS_AVAILABLE:
        pool.connection_class = type("PackedByHiredis", (PackedByHiredis, pool.connection_class), {})
    pool.make_connection()
    return client


class PackedByHiredis:
    """A connection whose commands hiredis writes, in a sixth of the time: redis-py lets only its other client do so."""

    pack_command = staticmethod(HiredisRespSerializer().pack)


def _options(url: str) -> dict[str, Any]:
    """What redis-py makes of a URL, but for the host."""
    options = dict(parse_url(url))
    options["ssl"] = options.pop("connection_class", None) is not None
    del options["host"]
    return options


def _hosts(text: str, usual_port: int) -> list[tuple[str, int]]:
    """`HOST[:PORT][,HOST[:PORT]...]`."""
    result = []
    for part in text.split(","):
        match = HOST.fullmatch(part.strip())
        port = int(match[2] or usual_port) if match else 0
        if match is None or not 0 < port <= 65535:
            raise ValueError(f"{part!r} is not HOST or HOST:PORT")
        result.append((unquote(match[1].strip("[]")), port))
    return result


class Cluster(RedisCluster):
    async def xread(self, streams: Any, *_: Any, **limits: Any) -> Any:
        """Of streams in one slot, with the limits `count` and `block`. The library would ask a node which of the
        arguments are keys, each time, and be lost where that node is."""
        await self.initialize()
        node = self.get_node_from_key(next(iter(streams)))
        words = ["COUNT", limits["count"], "BLOCK", limits["block"], "STREAMS", *streams, *streams.values()]
        return await self.execute_command("XREAD", *words, target_nodes=node)
