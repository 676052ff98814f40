"""A Redis of one's own, for tests and benchmarks: on a free port, with a folder that goes away with it.

python -m tools.redis        gets redis-server if there is none
"""

import contextlib
import signal
import subprocess
import tempfile

import redis

from .debian import ensure
from .ports import free_port


class RedisServer:
    """Keeps what it has (`appendonly`), so that it can be killed and started again."""

    def __init__(self):
        self.port = free_port()
        self._folder = tempfile.TemporaryDirectory()
        self.start()

    @property
    def url(self):
        return f"redis://localhost:{self.port}"

    def start(self):
        options = {"port": self.port, "dir": self._folder.name, "save": "", "appendonly": "yes", "bind": "127.0.0.1"}
        command = ["redis-server", *(part for name, value in options.items() for part in (f"--{name}", str(value)))]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        client = self.client()
        client.ping()
        client.close()

    def client(self):
        """A client of redis-py that asks again while it is away."""
        return redis.Redis(port=self.port, retry=redis.retry.Retry(redis.backoff.ConstantBackoff(0.02), 500))

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
