"""A Redis of one's own, for tests and benchmarks: on a free port, with a folder that goes away with it. (With
REDIS_SERVER=valkey-server in the environment it is a Valkey.)

python -m tools.redis        gets redis-server if there is none
"""

import contextlib
import os
import signal
import subprocess
import tempfile
from pathlib import Path

import redis

from .cpu import cpu_of
from .debian import ensure
from .ports import free_port

PROGRAM = os.environ.get("REDIS_SERVER", "redis-server")
KEEPING = {"save": '""', "appendonly": "yes"}  # so that it can be killed and started again


class RedisServer:
    """`options` are those of redis.conf, with `_` for `-`; `arguments` stand behind the file in the command."""

    def __init__(self, *arguments, **options):
        self.port = free_port()
        self._arguments = arguments
        self._folder = tempfile.TemporaryDirectory()
        options = {"port": self.port, "bind": "127.0.0.1", **(options or KEEPING)}
        lines = [f"{name.replace('_', '-')} {value}\n" for name, value in options.items()]
        Path(self._folder.name, "redis.conf").write_text("".join(lines))  # sentinels and replicas change it
        self.start()

    @property
    def url(self):
        return f"redis://localhost:{self.port}"

    def start(self):
        command = [PROGRAM, "redis.conf", *self._arguments]
        self._process = subprocess.Popen(command, cwd=self._folder.name, stdout=subprocess.DEVNULL)
        client = self.client()
        client.ping()
        client.close()

    def client(self):
        """A client of redis-py that asks again while it is away."""
        return redis.Redis(port=self.port, retry=redis.retry.Retry(redis.backoff.ConstantBackoff(0.02), 500))

    def cpu(self):
        """Seconds for which its main thread was on a CPU."""
        return cpu_of(self._process.pid)

    @contextlib.contextmanager
    def paused(self):
        """As a machine that is busy with something else: connections stay."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def kill(self):
        self._process.kill()
        self._process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.kill()
        self._folder.cleanup()


if __name__ == "__main__":
    ensure("redis-server")
