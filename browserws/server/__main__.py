"""python -m browserws.server: a hub from the command line. Each option can also be given in the environment:
BROWSERWS_PORT for --port, and so on.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import importlib
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from . import Hub, Settings, StoreUnavailable, serve

SETTINGS = {
    "history": "messages that are kept of a channel",
    "history_bytes": "their size, without Redis",
    "history_ttl": "seconds after the last one in which they are kept",
    "max_message": "bytes of the largest message",
    "rate": "messages a second that are read from one client",
    "max_connections": "connections at once",
    "max_channels": "channels that one client may join",
    "max_queue": "bytes that may wait for one client",
    "session_ttl": "seconds without a connection after which a session is forgotten",
    "presence_grace": "seconds without a connection after which a member has gone",
    "handshake_timeout": "seconds until a client must have said hello",
    "idle_timeout": "seconds until a client must have said anything",
    "drain_timeout": "seconds that clients have when the hub stops",
}


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="python -m browserws.server", description="The hub: channels, chat and live data for browserws."
    )
    _add(result, "host", "localhost", str, "the address to listen on; 0.0.0.0 for all")
    _add(result, "port", 8765, int, "the port; 0 for any, which is printed")
    _add(result, "redis", None, str, "the address of a Redis, by which any number of processes are one hub")
    _add(result, "redis_prefix", "browserws:", str, "how its keys begin")
    _add(
        result, "origin", [], str, "a page that may connect, beside those of the same host; * for all", action="append"
    )
    _add(result, "auth", None, str, "module:function that says whom a token stands for (see browserws.server.access)")
    _add(result, "authorize", None, str, "module:function that says what a user may do")
    _add(result, "log", "text", str, "how to log", choices=["text", "json"])
    defaults = Settings()
    for name, says in SETTINGS.items():
        default = getattr(defaults, name)
        _add(result, name, default, type(default), says)
    return result


def _add(result: argparse.ArgumentParser, name: str, default: Any, kind: type, says: str, **options: Any) -> None:
    given = os.environ.get("BROWSERWS_" + name.upper())
    if given is not None:
        default = given.split(",") if isinstance(default, list) else given  # argparse converts it
    if default is not None and default != []:
        says += f" ({default})"
    result.add_argument("--" + name.replace("_", "-"), default=default, type=kind, help=says, **options)


def hook(name: str | None) -> Callable[..., Any] | None:
    """The function that `module:function` names."""
    if name is None:
        return None
    module, _, function = name.partition(":")
    sys.path.insert(0, "")
    try:
        found = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        sys.exit(f"{name!r} is not a function of a module that can be imported: {error}")
    return found  # type: ignore[no-any-return]


def hub_from(arguments: argparse.Namespace) -> Hub:
    settings = Settings(origins=tuple(arguments.origin), **{name: getattr(arguments, name) for name in SETTINGS})
    store = None
    if arguments.redis is not None:
        from .redis_store import RedisStore

        store = RedisStore(arguments.redis, arguments.redis_prefix)
    return Hub(authenticate=hook(arguments.auth), authorize=hook(arguments.authorize), store=store, settings=settings)


class JsonLines(logging.Formatter):
    """One JSON object a line, with what a call of the log gave as `extra`."""

    _usual = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": record.created,
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update({name: value for name, value in vars(record).items() if name not in self._usual})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def set_up_logging(form: str) -> None:
    handler = logging.StreamHandler()
    if form == "json":
        handler.setFormatter(JsonLines())
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        handler.formatter.converter = time.gmtime  # type: ignore[union-attr]
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("websockets").setLevel(logging.WARNING)


async def run(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        async with serve(hub_from(arguments), arguments.host, arguments.port) as server:
            port = server.sockets[0].getsockname()[1]
            print(f"The hub listens on ws://{arguments.host}:{port}", flush=True)
            await stop.wait()
            print("The hub stops: its clients are told to come back", flush=True)
    except StoreUnavailable as error:
        sys.exit(f"Redis at {arguments.redis} cannot be reached ({error})")
    except OSError as error:
        sys.exit(f"{arguments.host}:{arguments.port} cannot be used: {error.strerror}")


def main(argv: list[str] | None = None) -> None:
    arguments = parser().parse_args(argv)
    set_up_logging(arguments.log)
    gc.set_threshold(20_000)  # at 700 collections take a fifth of the time when thousands of clients come
    try:
        import uvloop
    except ImportError:
        asyncio.run(run(arguments))
    else:
        uvloop.run(run(arguments))


if __name__ == "__main__":
    main()
