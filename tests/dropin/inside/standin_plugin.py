"""A plugin of pytest that puts a foreign suite on wires, and writes down what became of each test.

In the environment:

STANDIN_REPORT=FILE         where to write it: {test: {"outcome": ..., "wires": how many it opened, "error": ...}}
STANDIN_NOT_RUN=LIST        names of tests that are not run, as JSON (--deselect takes all whose names begin so, too)
STANDIN_UNIX=HOST           the suite has its server on a unix socket and calls it so
STANDIN_SUBPROTOCOLS=first  its servers choose no subprotocol
STANDIN_TRUST=MODULE:NAME   an SSL context of the suite's clients: the browser trusts whom it trusts
"""

import gc
import importlib
import json
import os
import random
from pathlib import Path

import pytest
import standin_network
from standin_fetch import fetch

from browserws.dropin import installation, wire
from browserws.dropin.settings import Settings

WORST_LAST = ("passed", "skipped", "failed")

tests = {}
opened = 0  # wires, by the test that runs


def pytest_configure():
    standin_network.install()
    installation.apply(Settings(fetch=fetch))
    count_wires()
    if "STANDIN_UNIX" in os.environ:
        import standin_server

        standin_server.answer_by_name(os.environ["STANDIN_UNIX"])
    if "STANDIN_SUBPROTOCOLS" in os.environ:
        import standin_server

        standin_server.choose_subprotocols()
    if "STANDIN_TRUST" in os.environ:
        module, name = os.environ["STANDIN_TRUST"].split(":")
        standin_network.Browser.authorities = getattr(importlib.import_module(module), name)


def pytest_collection_modifyitems(items):
    not_run = json.loads(os.environ["STANDIN_NOT_RUN"])
    items[:] = [item for item in items if item.nodeid not in not_run]


def count_wires():
    original = wire.Wire.__init__

    def __init__(self, *arguments):
        global opened
        opened += 1
        original(self, *arguments)

    wire.Wire.__init__ = __init__


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    global opened
    opened = 0
    gc.collect()  # what an earlier test has left gives no warnings in this one
    random.seed(0)  # some choose by it whether they connect by IPv4 or IPv6
    result = yield
    tests[item.nodeid]["wires"] = opened
    return result


def pytest_runtest_logreport(report):
    test = tests.setdefault(report.nodeid, {"outcome": "passed", "error": ""})
    test["outcome"] = max(test["outcome"], report.outcome, key=WORST_LAST.index)
    if report.failed:
        crash = getattr(report.longrepr, "reprcrash", None)
        test["error"] += crash.message if crash else str(report.longrepr)


def pytest_sessionfinish():
    Path(os.environ["STANDIN_REPORT"]).write_text(json.dumps(tests, indent=1))
