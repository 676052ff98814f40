"""A table of states by itself."""

import pytest

from browserws._pure.state_table import IllegalMove, StateTable


def test_table_has_its_arrows_and_no_others_and_says_of_what_it_is():
    arrows = {("ASLEEP", "alarm"): "AWAKE"}
    table = StateTable("a cat", arrows)
    assert table.can("ASLEEP", "alarm") and table.move("ASLEEP", "alarm") == "AWAKE"
    for state, trigger in (("AWAKE", "alarm"), ("ASLEEP", "night")):
        assert not table.can(state, trigger)
        with pytest.raises(IllegalMove, match=f"^'{trigger}' cannot happen to a cat that is {state}$"):
            table.move(state, trigger)
