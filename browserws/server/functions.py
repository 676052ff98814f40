"""What pages call: functions of the program that has the hub, by name"""

from __future__ import annotations

from collections.abc import Collection

from .._pure.protocol import check_channel
from .handlers import OF_A_PAGE
from .injection import Function, Injected, Injector
from .outcomes import BAD_ARGUMENTS, UNKNOWN_CALL, Refused


class Functions:
    def __init__(self, injector: Injector) -> None:
        self._injector = injector
        self._functions: dict[str, Injected] = {}

    def add(self, name: str, function: Function) -> None:
        """Raises `ValueError` for what is not a name or is taken, `TypeError` for a parameter that cannot be had."""
        check_channel(name, "a function's name")
        if name in self._functions:
            raise ValueError(f"there is a function {name!r} already")
        self._functions[name] = self._injector.plan(function, OF_A_PAGE, from_page=True)

    def find(self, name: str, arguments: Collection[str]) -> Injected:
        """The function, if a page may call it with arguments of these names. Raises `Refused`."""
        function = self._functions.get(name)
        if function is None:
            raise Refused("there is no such function", UNKNOWN_CALL)
        for argument in arguments:
            if argument not in function.from_page and (not function.takes_any or argument in function.sources):
                raise Refused(f"{name} has no argument {argument!r}", BAD_ARGUMENTS)
        for argument, is_needed in function.from_page.items():
            if is_needed and argument not in arguments:
                raise Refused(f"{name} needs the argument {argument!r}", BAD_ARGUMENTS)
        return function
