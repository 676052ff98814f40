"""python -m browserws.server: a hub from the command line. Each option can also be given in the environment:
BROWSERWS_PORT for --port, and so on.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import gc
import importlib
import json
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, NoReturn, Protocol

from . import Hub, Settings, StoreUnavailable, serve
from .demo import Demo
from .serving import serve_metrics

GETTING_IT = """\
install (before it is on PyPI: the path of a wheel, or `--find-links dist`, after `make wheel`):
  pip install "browserws[server]"                 this hub
  pip install "browserws[native]"                 a program that connects
  await micropip.install("browserws")             a page or a worker in Pyodide
  <script type="py" config='{"packages": ["./browserws-VERSION-py3-none-any.whl"]}'>
                                                  a page in PyScript; type="mpy" for MicroPython

see it work, in two windows:
  python -m browserws.server --demo

serve a page and the wheel beside it:
  python -m http.server
"""
OPTIONS = {"origins": "origin", "hosts": "own_host"}  # settings that are lists: the option adds one


class Listening(Protocol):
    @property
    def sockets(self) -> Sequence[socket.socket]: ...


Server = AbstractAsyncContextManager[Listening]


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="python -m browserws.server",
        description="The hub: channels, chat and live data for browserws.",
        epilog=GETTING_IT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add(result, "host", "localhost", str, "the address to listen on; 0.0.0.0 for all")
    _add(result, "port", 8765, int, "the port; 0 for any that is free, which is printed")
    _add(
        result,
        "redis",
        None,
        str,
        "the URL of a Redis, through which any number of processes are one hub; also redis+sentinel:// and redis+cluster://",
    )
    _add(result, "redis_prefix", "browserws:", str, "the prefix of the hub's keys in Redis")
    _add(result, "auth", None, str, "module:function that returns the user of a token; without it, no authentication")
    _add(result, "authorize", None, str, "module:function that says whether a user may join a channel or publish to it")
    _add(result, "setup", None, str, "module:function that is called with the hub, to add handlers and functions")
    _add(result, "metrics_port", None, int, "a separate port for /metrics, instead of --port; 0 for any free one")
    _add(result, "metrics_host", "localhost", str, "the address to listen on for --metrics-port")
    says = "the library that carries WebSockets; picows is faster, and comes with browserws-server[fast]"
    _add(result, "engine", "websockets", str, says, choices=("websockets", "picows"))
    says = "compress messages of 512 bytes and more, each once for all clients; not with --engine picows"
    _add(result, "compression", None, str, says, choices=("deflate",))
    _add(result, "log", "text", str, "how to log", choices=("text", "json"))
    says = "serve a chat page, too, to try the hub with; its browser gets Pyodide or MicroPython from a CDN"
    result.add_argument("--demo", action="store_true", default=_is_on("BROWSERWS_DEMO"), help=says)
    _add(result, "demo_runtimes", None, str, "a folder of packages of npm for --demo, instead of the CDN")
    for setting in dataclasses.fields(Settings):
        name, says = OPTIONS.get(setting.name, setting.name), setting.metadata["says"]
        if isinstance(setting.default, tuple):
            _add(result, name, [], str, says)
        else:
            _add(result, name, setting.default, type(setting.default), says)
    return result


def _is_on(variable: str) -> bool:
    return os.environ.get(variable, "").lower() not in ("", "0", "false", "no", "off")


def _add(
    result: argparse.ArgumentParser,
    name: str,
    default: object,
    kind: type,
    says: str,
    choices: tuple[str, ...] | None = None,
) -> None:
    """An option; it can be given several times if its default is a list."""
    action = "append" if isinstance(default, list) else "store"
    if default is not None and default != []:
        says += f" ({default:.10g})" if isinstance(default, float) else f" ({default})"
    given = os.environ.get("BROWSERWS_" + name.upper())
    if given and choices is not None and given not in choices:
        result.error(f"BROWSERWS_{name.upper()} is one of {', '.join(choices)}, not {given!r}")
    if given:  # it is not shown: it may be a secret
        default = given.split(",") if isinstance(default, list) else given  # argparse converts it
    option, text = "--" + name.replace("_", "-"), says.replace("%", "%%")
    result.add_argument(option, default=default, type=kind, help=text, action=action, choices=choices)


def hook(name: str | None) -> Any:
    """The function that `module:function` names: nobody knows its type before it is called."""
    if name is None:
        return None
    module, _, function = name.partition(":")
    sys.path.insert(0, "")
    try:
        found = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        sys.exit(f"{name!r} is not a function of a module that can be imported: {error}")
    if not callable(found):
        sys.exit(f"{name!r} is not a function: it is a {type(found).__name__}")
    return found


def hub_from(arguments: argparse.Namespace) -> Hub:
    """Raises `ValueError` for settings that are not allowed."""
    values = {s.name: getattr(arguments, OPTIONS.get(s.name, s.name)) for s in dataclasses.fields(Settings)}
    for name in OPTIONS:
        values[name] = tuple(values[name])
    settings = Settings(**values)
    store = None
    if arguments.redis is not None:
        from .stores.redis import RedisStore

        store = RedisStore(arguments.redis, arguments.redis_prefix)
    hub = Hub(authenticate=hook(arguments.auth), authorize=hook(arguments.authorize), store=store, settings=settings)
    if arguments.setup is not None:
        hook(arguments.setup)(hub)
    return hub


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
    lines = JsonLines() if form == "json" else logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    lines.converter = time.gmtime
    handler = logging.StreamHandler()
    handler.setFormatter(lines)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("websockets").setLevel(logging.WARNING)


def demo_from(arguments: argparse.Namespace) -> Demo | None:
    """Raises `ValueError` for options that do not go together, and a folder without the runtimes."""
    if not arguments.demo:
        if arguments.demo_runtimes is not None:
            raise ValueError("--demo-runtimes is for --demo")
        return None
    if arguments.auth is not None:
        raise ValueError("--demo and --auth do not go together: the chat page has no token")
    return Demo(arguments.demo_runtimes)


def server_from(arguments: argparse.Namespace, hub: Hub, demo: Demo | None) -> Server:
    """Raises `ValueError` if its library is not there."""
    options: dict[str, Any] = {"metrics": arguments.metrics_port is None, "pages": demo}
    if arguments.engine == "websockets":
        return serve(hub, arguments.host, arguments.port, compression=arguments.compression, **options)
    if arguments.compression is not None:
        raise ValueError("--compression is for --engine websockets: picows has none")
    try:
        from .adapters.picows import serve as serve_picows
    except ImportError as error:
        raise ValueError(f'--engine picows needs `pip install "browserws-server[fast]"`: {error}') from None
    return serve_picows(hub, arguments.host, arguments.port, **options)


async def run(arguments: argparse.Namespace, hub: Hub, server: Server) -> None:
    stop = asyncio.Event()
    _on_signal(stop.set)
    try:
        async with server as listening:
            port = listening.sockets[0].getsockname()[1]
            print(f"The hub listens on ws://{arguments.host}:{port}", flush=True)
            if arguments.demo:
                print(f"The chat page is on http://{arguments.host}:{port}/", flush=True)
            if arguments.metrics_port is not None:
                print(f"Metrics are on http://{serve_own_metrics(hub, arguments)}/metrics", flush=True)
            await stop.wait()
            print("The hub stops: its connections are closed with 1012, and clients reconnect", flush=True)
    except StoreUnavailable as error:
        sys.exit(f"Redis cannot be reached ({error})")
    except OSError as error:
        exit_for_port(arguments.host, arguments.port, error)


def serve_own_metrics(hub: Hub, arguments: argparse.Namespace) -> str:
    """Where they are."""
    try:
        port = serve_metrics(hub, arguments.metrics_host, arguments.metrics_port)
    except OSError as error:
        exit_for_port(arguments.metrics_host, arguments.metrics_port, error)
    return f"{arguments.metrics_host}:{port}"


def exit_for_port(host: str, port: int, error: OSError) -> NoReturn:
    sys.exit(f"{host}:{port} cannot be used: {error.strerror}")


def _on_signal(callback: Callable[[], object]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, callback)
        except NotImplementedError:  # on Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(callback))


def main(argv: list[str] | None = None) -> None:
    options = parser()
    arguments = options.parse_args(argv)
    set_up_logging(arguments.log)
    try:
        for port in (arguments.port, arguments.metrics_port or 0):
            if not 0 <= port <= 65535:
                raise ValueError(f"port must be from 0 to 65535, not {port}")
        demo = demo_from(arguments)
        hub = hub_from(arguments)
        server = server_from(arguments, hub, demo)
    except ValueError as error:
        options.error(str(error))
    gc.freeze()  # what was imported is never collected
    # At 700 collections are too many when thousands of clients come; at 20,000 they find nothing in the processor's
    # cache any more. The last number is for those of all objects, which there are as rarely as then.
    gc.set_threshold(2_000, 10, 100)
    try:
        import uvloop
    except ImportError:
        asyncio.run(run(arguments, hub, server))
    else:
        uvloop.run(run(arguments, hub, server))


if __name__ == "__main__":
    main()
