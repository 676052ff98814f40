"""Showing an exception of a handler."""

import sys

from browserws._host.report import report


def test_exception_is_shown_as_one_that_nobody_caught(monkeypatch):
    shown = []
    monkeypatch.setattr(sys, "excepthook", lambda *what: shown.append(what))
    try:
        raise KeyError("of a handler")
    except KeyError as raised:
        error = raised
    report(error)
    assert shown == [(KeyError, error, error.__traceback__)] and error.__traceback__ is not None


def test_exception_is_shown_as_micropython_does_it(monkeypatch):
    shown = []
    monkeypatch.setattr("browserws._host.report.MICROPYTHON", True)
    monkeypatch.setattr("browserws._host.report.print_exception", lambda *what: shown.append(what))
    monkeypatch.setattr(sys, "excepthook", lambda *what: shown.append("excepthook"))
    error = KeyError("of a handler")
    report(error)
    assert shown == [(error, sys.stderr)]
