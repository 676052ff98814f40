"""What a process has cost."""

from pathlib import Path


def cpu_of(pid):
    """Seconds for which its main thread was on a CPU (Linux): what else the machine does makes little difference."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
