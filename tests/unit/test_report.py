"""Showing an exception of a handler."""

import sys

from browserws._report import report


def test_exception_is_shown_as_one_that_nobody_caught(monkeypatch):
    shown = []
    monkeypatch.setattr(sys, "excepthook", lambda *what: shown.append(what))
    try:
        raise KeyError("of a handler")
    except KeyError as raised:
        error = raised
    report(error)
    assert shown == [(KeyError, error, error.__traceback__)] and error.__traceback__ is not None
