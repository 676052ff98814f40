"""Every state and trigger of the socket's life."""

import pytest

from browserws._pure import lifecycle
from browserws._pure.lifecycle import READY_STATE, TABLE, IllegalMove, move

STATES = sorted(READY_STATE)
TRIGGERS = sorted({trigger for _, trigger in TABLE})


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("state", STATES)
def test_each_arrow_is_in_the_table_or_raises(state, trigger):
    if (state, trigger) in TABLE:
        assert move(state, trigger) == TABLE[state, trigger]
    else:
        with pytest.raises(IllegalMove, match=state):
            move(state, trigger)


def test_nothing_leaves_closed_and_everything_can_end():
    assert not [before for before, _ in TABLE if before == lifecycle.CLOSED]
    for state in STATES:
        if state != lifecycle.CLOSED:
            assert move(state, lifecycle.ENDED) == lifecycle.CLOSED


def test_ready_state_never_goes_back():
    for (before, _), after in TABLE.items():
        assert READY_STATE[after] >= READY_STATE[before]
