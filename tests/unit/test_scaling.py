"""docs/how-to/scaling.md has the tables that the reckoning prints, and the reckoning is plausible."""

import pytest

from tests.bench_server import scaling
from tools.paths import ROOT

TABLES = scaling.tables(scaling.COSTS)


@pytest.mark.parametrize("name", TABLES)
def test_table_in_the_document_is_what_the_reckoning_prints(name):
    assert TABLES[name] in (ROOT / "docs" / "how-to" / "scaling.md").read_text()


def test_members_of_a_channel_are_on_no_more_processes_than_there_are():
    load = scaling.Load("", members=5, publishes=1)
    assert load.processes_of_channel(1) == 1
    assert 4.9 < load.processes_of_channel(1000) <= 5
    assert scaling.Load("", members=1000, publishes=1).processes_of_channel(10) == pytest.approx(10)


def test_dearer_messages_need_more_processes():
    (games,) = [load for load in scaling.LOADS if load.members == 5]
    dear = {**scaling.COSTS, "delivery_hub": 10 * scaling.COSTS["delivery_hub"]}
    assert scaling.least(games, dear).processes > scaling.least(games, scaling.COSTS).processes


def test_reconnecting_takes_at_least_the_time_of_all_joins():
    at_best = 0.99 * 1e6 * scaling.COSTS["join_hub"] / 1e6 / 100
    assert at_best <= scaling.reconnect(100, scaling.COSTS) < 3 * at_best
