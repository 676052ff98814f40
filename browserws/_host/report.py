"""Showing an exception that must not go further."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

import sys

# MicroPython's, which CPython does not have
print_exception: "Any" = getattr(sys, "print_exception", None)
MICROPYTHON = sys.implementation.name == "micropython"


def report(error: BaseException) -> None:
    """Show its traceback: `sys.excepthook`, or stderr."""
    if MICROPYTHON:
        print_exception(error, sys.stderr)
    else:
        sys.excepthook(type(error), error, error.__traceback__)
