"""Arguments for functions of the program that has the hub, by type and by name

They are found once, when a function is added: what cannot be had is a `TypeError` then, and not with the first page.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

Function = Callable[..., Any]  # whatever a program has: what it returns is looked at, and awaited if it can be
Context = dict[str, Any]  # what a single call brings, by name

JSON_TYPES = (str, int, float, list, dict, type(None))  # what a page can send is of these, or of a class of them


class Injector:
    """What can be had at any time: values by name, and factories, which are called once for each call that wants
    what they make."""

    def __init__(self) -> None:
        self.values: Context = {}
        self._factories: dict[str, Function] = {}

    def provide(self, name: str, value: object) -> None:
        self.values[name] = value

    def add_factory(self, name: str, function: Function) -> None:
        self._factories[name] = function

    @property
    def names(self) -> list[str]:
        return sorted({*self.values, *self._factories})

    def plan(
        self, function: Function, context: Mapping[str, object], *, given: int = 0, from_page: bool = False
    ) -> Injected:
        """How `function` is to be called where there is `context`, name -> type, too. The first `given` parameters are
        for who calls it. With `from_page` the page gives those that cannot be had. Raises `TypeError`.
        """
        injected = Injected(function, self)
        for parameter in list(_parameters(function))[given:]:
            name = parameter.name
            if parameter.kind is parameter.VAR_KEYWORD:
                injected.takes_any = from_page
            if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
                continue
            source = self._find(function, parameter, context)
            if source is not None:
                injected.sources[name] = source
                if source in self._factories and source not in context:
                    injected.makers[source] = self.plan(self._factories[source], context)
            elif from_page and _is_json(parameter.annotation):
                injected.from_page[name] = parameter.default is parameter.empty
            elif parameter.default is parameter.empty:
                what = f"{name_of(function)} has a parameter {name!r} that cannot be had"
                raise TypeError(f"{what}: {self._offer(context)}")
            else:
                continue
            if parameter.kind is parameter.POSITIONAL_ONLY:
                raise TypeError(f"{name_of(function)} is given its {name!r} by name: it cannot stand before a /")
        return injected

    def _offer(self, context: Mapping[str, object]) -> str:
        offer = f"there is {', '.join(sorted(context)) or 'nothing'} here"
        return f"{offer}, and the hub was given {', '.join(self.names)}" if self.names else offer

    def _find(self, function: Function, parameter: inspect.Parameter, context: Mapping[str, object]) -> str | None:
        """The name under which a parameter can be had: by its type, if that is a class of somebody's, or by its
        name.
        """
        types = {**self._types(), **context}
        wanted = parameter.annotation
        if isinstance(wanted, type) and wanted.__module__ not in ("builtins", "inspect"):  # inspect: there is none
            found = [name for name, kind in types.items() if isinstance(kind, type) and wanted in kind.__mro__]
            if parameter.name in found:
                return parameter.name
            if len(found) > 1:
                which = f"{parameter.name!r} of {name_of(function)} could be {' or '.join(sorted(found))}"
                raise TypeError(f"{which}, which are all a {wanted.__name__}: call it by its name")
            if found:
                return found[0]
        return parameter.name if parameter.name in types else None

    def _types(self) -> dict[str, object]:
        types: dict[str, object] = {name: type(value) for name, value in self.values.items()}
        return {**types, **{name: _made_by(function) for name, function in self._factories.items()}}


class Injected:
    """A function, and where its arguments come from: parameter -> name. What factories make is kept in the context: it
    is the same for all that want it in one call.

    `from_page` are the parameters that a page gives, name -> whether it must; with `takes_any` it may give others, too.
    """

    def __init__(self, function: Function, injector: Injector) -> None:
        self.function = function
        self.sources: dict[str, str] = {}
        self.makers: dict[str, Injected] = {}
        self.from_page: dict[str, bool] = {}
        self.takes_any = False
        self._injector = injector

    async def call(self, stack: AsyncExitStack, context: Context, /, *given: object, **arguments: object) -> Any:
        """What it returns, awaited if it is a coroutine. What factories have opened is open as long as `stack` is."""
        return await _result(self.function(*given, **await self._arguments(stack, context), **arguments))

    async def _make(self, stack: AsyncExitStack, context: Context) -> Any:
        """What a factory returns; of a generator, what it yields: it goes on when `stack` is closed."""
        arguments = await self._arguments(stack, context)
        if inspect.isasyncgenfunction(self.function):
            return await stack.enter_async_context(asynccontextmanager(self.function)(**arguments))
        if inspect.isgeneratorfunction(self.function):
            return stack.enter_context(contextmanager(self.function)(**arguments))
        return await _result(self.function(**arguments))

    async def _arguments(self, stack: AsyncExitStack, context: Context) -> Context:
        arguments = {}
        for parameter, name in self.sources.items():
            if name not in context and name in self.makers:
                context[name] = await self.makers[name]._make(stack, context)
            arguments[parameter] = context[name] if name in context else self._injector.values[name]
        return arguments


def name_of(function: Function) -> str:
    return f"{getattr(function, '__name__', type(function).__name__)}()"


async def _result(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value


def _parameters(function: Function) -> Iterator[inspect.Parameter]:
    try:
        yield from inspect.signature(function, eval_str=True).parameters.values()
    except NameError:  # an annotation for type checkers alone
        yield from inspect.signature(function).parameters.values()
    except ValueError:  # a built-in function that does not say
        return


def _made_by(function: Function) -> object:
    """The class that a factory says it returns, or yields."""
    try:
        made = inspect.signature(function, eval_str=True).return_annotation
    except (NameError, ValueError):
        return None
    arguments = getattr(made, "__args__", ())
    return arguments[0] if arguments and not isinstance(made, type) else made


def _is_json(annotation: object) -> bool:
    """Whether a page could give it: it is no class, or one of what JSON has."""
    if not isinstance(annotation, type) or annotation in (inspect.Parameter.empty, object):
        return True
    return any(kind in annotation.__mro__ for kind in JSON_TYPES)
