"""`make test-dropin`: what it says of tests that fail, pass, and are listed."""

import tomllib

import pytest

from tests.dropin.comparison import Known, Result
from tests.dropin.run import EXCEPTIONS

# How many tests may be listed; lower a number when its list has become shorter.
LIMITS = {  # by suite: those that fail, and those that are not run
    "gql": (18, 1),
    "aiohttp": (13, 0),
    "httpx-ws": (2, 0),
    "websockets": (93, 1),
}

REASONS = {"TLS": {"fail": ["a", "b"]}, "pings": {"fail": ["c"], "not_run": ["d"]}}


def result(**outcomes):
    tests = {
        name: {"outcome": outcome, "wires": int(name != "beside"), "error": "why"} for name, outcome in outcomes.items()
    }
    return Result(tests, Known(REASONS))


def test_the_share_is_of_those_that_connect():
    found = result(a="failed", b="failed", c="failed", e="passed", beside="passed", f="skipped")
    assert (found.passed, found.of, found.by_reason, found.problems) == (["e"], 5, {"TLS": 2, "pings": 2}, [])


def test_what_fails_and_is_not_listed_is_a_problem():
    found = result(a="failed", b="failed", c="failed", e="failed")
    assert found.problems == ["fails and is not listed: e\n    why"]


def test_what_passes_has_to_be_removed_from_the_list():
    found = result(a="passed", b="failed")
    assert found.problems == ["passes, remove it from the list: a", "is listed, and is no test that runs: c"]


@pytest.mark.parametrize("suite", LIMITS)
def test_the_lists_only_shrink(suite):
    known = Known(tomllib.loads(EXCEPTIONS.read_text())[suite])
    assert (len(known.fail), len(known.not_run)) == LIMITS[suite]
    assert not known.fail.keys() & known.not_run.keys()
