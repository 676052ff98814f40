"""The examples as processes, on free ports: here, and with Robyn 0.79 itself."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools.frameworks import OLD_ROBYN, PYTHON
from tools.paths import ROOT
from tools.ports import free_port

EXAMPLES = ROOT / "tests" / "robyn_examples"


@contextlib.contextmanager
def example(name, **environment):
    """The port of an example, and its process."""
    settings = {**os.environ, "PYTHONPATH": str(ROOT), "ROBYN_PORT": "0", **environment}
    command = [sys.executable, "-m", f"tests.robyn_examples.{name}"]
    with subprocess.Popen(command, cwd=ROOT, env=settings, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            assert "listens on" in line, line
            yield int(line.rsplit(":", 1)[1]), process
        finally:
            process.kill()


@contextlib.contextmanager
def example_of_robyn(name):
    """The same of Robyn 0.79: the import alone is another."""
    source = (EXAMPLES / f"{name}.py").read_text()
    assert "from browserws.server.robyn import" in source
    port = free_port()
    settings = {**os.environ, "PYTHONPATH": str(OLD_ROBYN), "ROBYN_PORT": str(port)}
    quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, f"{name}.py")
        program.write_text(source.replace("from browserws.server.robyn import", "from robyn import"))
        process = subprocess.Popen([PYTHON, program], cwd=folder, env=settings, start_new_session=True, **quiet)
        try:
            wait_for(port, process)
            yield port, process
        finally:
            with contextlib.suppress(ProcessLookupError):  # it has ended by itself
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(port, process):
    while True:
        assert process.poll() is None, "it does not start"
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.02)
