"""Brokers of messages that take WebSockets, for tests: on free ports, with a folder that goes away with them."""

import json
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from .ports import free_port


class Broker:
    """`port` takes WebSockets. A subclass says which `program` it is, and writes its configuration."""

    program = ""
    option = ""  # which names the file of the configuration

    def configuration(self):
        raise NotImplementedError

    def __enter__(self):
        self.port = free_port()
        self._folder = tempfile.TemporaryDirectory()
        file = Path(self._folder.name, "configuration")
        file.write_text(self.configuration())
        self._process = subprocess.Popen([self.program, self.option, file], stderr=subprocess.DEVNULL)
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            except ConnectionRefusedError:
                assert self._process.poll() is None, f"{self.program} does not start"
                time.sleep(0.01)

    def __exit__(self, *exception):
        self._process.kill()
        self._process.wait()
        self._folder.cleanup()


class NatsServer(Broker):
    program, option = "nats-server", "--config"

    def configuration(self):
        websocket = {"host": "127.0.0.1", "port": self.port, "no_tls": True}
        return json.dumps({"listen": f"127.0.0.1:{free_port()}", "websocket": websocket})


class Mosquitto(Broker):
    """Of MQTT."""

    program, option = "mosquitto", "-c"

    def configuration(self):
        return "\n".join([
            f"listener {free_port()} 127.0.0.1",  # with WebSockets alone it ends
            f"listener {self.port} 127.0.0.1",
            "protocol websockets",
            "allow_anonymous true",
            "persistence false",
        ])  # fmt: skip
