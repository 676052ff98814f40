"""What the benchmark makes of its figures."""

from tests.bench import summary, targets


def test_a_ratio_is_that_of_each_round_and_has_a_spread():
    found = summary.line("work", "µs", False, {"raw JavaScript": [1, 2, 4], "other": [2, 4, 12]})
    assert found["ratios"] == {"raw JavaScript": 1, "other": 2}
    assert found["spreads"] == {"raw JavaScript": 0, "other": 0.25}
    assert "4.00 (2.00x ± 0.25)" in summary.table([found], ["raw JavaScript", "other"])


def test_who_needed_too_long_is_left_out():
    found = summary.line("work", "µs", False, {"raw JavaScript": [1, 1], "other": [2, None]})
    assert list(found["ratios"]) == ["raw JavaScript"]


def test_a_target_is_held_missed_or_close():
    def verdicts(loop, handler):
        rounds = {"raw JavaScript": [1] * 3, targets.LOOP: loop, targets.HANDLER: handler}
        results = {"MicroPython": [summary.line("send 128 KiB", "µs", False, rounds)]}
        return [held for held, _ in targets.check(results)]

    assert verdicts([2, 2, 2], [3, 3, 3]) == ["held"]
    assert verdicts([3, 3, 3], [2, 2, 2]) == ["missed"]
    assert verdicts([2, 3, 4], [2.9, 2.9, 2.9]) == ["close"]
