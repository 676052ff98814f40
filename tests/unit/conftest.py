"""Virtual time: where a test waits for nothing but time, the clock of its event loop goes ahead instead."""

import asyncio
import selectors

import pytest

from browserws._host import use
from browserws._host.absent import AbsentHost


class Selector(selectors.DefaultSelector):
    """Where no file is watched but the loop's own, only time can bring something. (No test here has other threads.)"""

    def __init__(self):
        super().__init__()
        self.skipped = 0.0  # seconds

    def select(self, timeout=None):
        events = super().select(0)
        if events or timeout == 0:
            return events
        if len(self.get_map()) > 1:
            return super().select(timeout)
        if timeout is None:
            raise RuntimeError("deadlock: all tasks wait for each other")
        self.skipped += timeout
        return []


class Loop(asyncio.SelectorEventLoop):
    def __init__(self):
        self._virtual = Selector()
        super().__init__(self._virtual)

    def time(self):
        return super().time() + self._virtual.skipped


@pytest.fixture(autouse=True)
def virtual_time():
    """What `asyncio.run` makes is such a loop."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio.events, "new_event_loop", Loop)
        yield


@pytest.fixture
def no_host():
    """CPython without `browserws.native`."""
    before = use(AbsentHost())
    yield
    use(before)
