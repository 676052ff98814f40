"""Hub processes, as they are run from the command line."""

import contextlib
import signal
import subprocess
import sys
from pathlib import Path

from tools.cpu import cpu_of
from tools.paths import ROOT


class HubProcess:
    """`python -m browserws.server` on a port that stays the same when it is started again."""

    engine = "websockets"  # picows with `pytest tests/server --over picows`

    def __init__(self, *options, quiet=False):
        self._options = options
        self._log = subprocess.DEVNULL if quiet else subprocess.PIPE
        self.port = 0
        self.start()

    def start(self):
        options = ["--port", str(self.port), "--engine", self.engine, *self._options]
        command = [sys.executable, "-m", "browserws.server", *options]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=self._log, text=True)
        line = self._process.stdout.readline()
        assert "listens" in line, line + (self._process.stderr.read() if self._process.stderr else "")
        self.port = int(line.rsplit(":", 1)[1])

    @contextlib.contextmanager
    def paused(self):
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def read_line(self):
        """The next line that it prints."""
        return self._process.stdout.readline()

    def memory(self):
        """KiB that it has."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    def cpu(self):
        """Seconds for which its main thread was on a CPU."""
        return cpu_of(self._process.pid)

    def kill(self):
        """As `kill -9` does."""
        self._process.kill()
        self._finish()

    def terminate(self):
        """As an orderly stop does; its exit code and log."""
        self._process.terminate()
        return self._finish()

    def _finish(self):
        _, log = self._process.communicate(timeout=60)  # s; its own limit of a drain is far below
        return self._process.returncode, log
