"""What several of these tests need."""

import pytest

from browserws._host import use
from browserws._host.absent import AbsentHost


@pytest.fixture
def no_host():
    """CPython without `browserws.native`."""
    before = use(AbsentHost())
    yield
    use(before)
