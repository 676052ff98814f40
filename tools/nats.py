"""A nats-server that takes WebSockets, for tests: on free ports, with a folder that goes away with it."""

import json
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from .ports import free_port


class NatsServer:
    """`port` takes WebSockets."""

    def __enter__(self):
        self.port = free_port()
        self._folder = tempfile.TemporaryDirectory()
        config = Path(self._folder.name, "nats.conf")
        websocket = {"host": "127.0.0.1", "port": self.port, "no_tls": True}
        config.write_text(json.dumps({"listen": f"127.0.0.1:{free_port()}", "websocket": websocket}))
        self._process = subprocess.Popen(["nats-server", "--config", config], stderr=subprocess.DEVNULL)
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            except ConnectionRefusedError:
                assert self._process.poll() is None, "nats-server does not start"
                time.sleep(0.01)

    def __exit__(self, *exception):
        self._process.kill()
        self._process.wait()
        self._folder.cleanup()
