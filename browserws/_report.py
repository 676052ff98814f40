"""Showing an exception that must not go further."""

import sys


def report(error: BaseException) -> None:
    """Show its traceback: `sys.excepthook`, or stderr."""
    if sys.implementation.name == "micropython":
        sys.print_exception(error, sys.stderr)  # type: ignore[attr-defined]
    else:
        sys.excepthook(type(error), error, error.__traceback__)
