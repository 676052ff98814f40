"""Arguments by type and by name, found when a function is added."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest

from browserws.server.injection import Injector


class Database:
    pass


class Page:
    pass


CONTEXT = {"page": Page, "user": str}


def injector(**values):
    result = Injector()
    for name, value in values.items():
        result.provide(name, value)
    return result


def call(injected, *given, context=None, **arguments):
    async def main():
        async with AsyncExitStack() as stack:
            return await injected.call(stack, {"page": "P", "user": "ada", **(context or {})}, *given, **arguments)

    return asyncio.run(main())


def test_arguments_are_found_by_name():
    def function(user, limit, page):
        return user, limit, page

    assert call(injector(limit=3).plan(function, CONTEXT)) == ("ada", 3, "P")


def test_arguments_are_found_by_their_class_whatever_their_name():
    database = Database()

    def function(db: Database, of: Page, user: str):
        return db, of, user

    assert call(injector(storage=database).plan(function, CONTEXT)) == (database, "P", "ada")


def test_class_is_found_by_a_class_that_it_is_derived_from():
    class Cached(Database):
        pass

    cached = Cached()
    assert call(injector(storage=cached).plan(lambda db: db, {"db": object}), context={"db": 1}) == 1

    def function(db: Database):
        return db

    assert call(injector(storage=cached).plan(function, CONTEXT)) is cached


def test_class_that_several_have_wants_a_name():
    both = injector(first=1, second=2)
    both.provide("first", Database())
    both.provide("second", Database())

    def right(second: Database):
        return second

    def wrong(database: Database):
        pass

    assert call(both.plan(right, CONTEXT)) is both.values["second"]
    with pytest.raises(TypeError, match=r"'database' of wrong\(\) could be first or second, which are all a Database"):
        both.plan(wrong, CONTEXT)


def test_parameter_that_cannot_be_had_is_refused_when_it_is_added_and_the_reason_says_what_can():
    def handler(user, databse):
        pass

    with pytest.raises(TypeError) as error:
        injector(database=1).plan(handler, CONTEXT)
    assert str(error.value) == (
        "handler() has a parameter 'databse' that cannot be had: "
        "there is page, user here, and the hub was given database"
    )


def test_parameter_with_a_default_keeps_it_if_it_cannot_be_had():
    assert call(injector().plan(lambda user, limit=5, *rest, **more: (user, limit, rest, more), CONTEXT)) == (
        "ada", 5, (), {},
    )  # fmt: skip


def test_parameter_before_a_slash_cannot_be_given():
    def handler(user, /):
        pass

    with pytest.raises(TypeError, match="handler.. is given its 'user' by name"):
        injector().plan(handler, CONTEXT)


def test_first_parameters_are_for_who_calls_it():
    assert call(injector(limit=3).plan(lambda token, limit: (token, limit), {}, given=1), "t") == ("t", 3)
    assert call(injector().plan(str, {}, given=1), "t") == "t"
    assert call(injector().plan({"t": "ada"}.get, {}, given=1), "t") == "ada"


def test_context_comes_before_what_the_hub_was_given():
    assert call(injector(user="eve").plan(lambda user: user, CONTEXT)) == "ada"


def test_methods_partials_and_coroutines_are_functions():
    class App:
        async def handle(self, user):
            return self, user

    app = App()
    assert call(injector().plan(app.handle, CONTEXT)) == (app, "ada")


def test_annotations_for_type_checkers_alone_are_ignored():
    def handler(user: "Unknown"):  # noqa: F821
        return user

    assert call(injector().plan(handler, CONTEXT)) == "ada"


# --- factories ---


def test_factory_is_called_once_for_each_call_with_arguments_of_its_own():
    made = []
    of = injector(url="u")

    async def database(url, user) -> Database:
        made.append((url, user))
        return Database()

    of.add_factory("database", database)
    of.add_factory("twice", lambda database: database)

    def handler(database, db: Database, twice):
        return database is db is twice

    injected = of.plan(handler, CONTEXT)
    assert call(injected) is True and made == [("u", "ada")]
    call(injected)
    assert len(made) == 2


@pytest.mark.parametrize("is_async", [False, True])
def test_generator_goes_on_when_the_call_has_ended(is_async):
    log = []
    of = injector()

    def plain() -> Iterator[Database]:
        yield Database()
        log.append("closed")

    async def coroutine() -> AsyncIterator[Database]:
        yield Database()
        log.append("closed")

    of.add_factory("database", coroutine if is_async else plain)

    def handler(db: Database):
        assert log == []
        return db

    assert isinstance(call(of.plan(handler, CONTEXT)), Database) and log == ["closed"]


def test_factory_that_wants_what_there_is_not_is_refused_with_who_wants_it():
    of = injector()
    of.add_factory("database", lambda channel: channel)
    assert call(of.plan(lambda database: database, {"channel": str}), context={"channel": "c"}) == "c"
    with pytest.raises(TypeError, match=r"<lambda>\(\) has a parameter 'channel' that cannot be had"):
        of.plan(lambda database: database, CONTEXT)


# --- what a page gives ---


def test_what_cannot_be_had_is_for_the_page_to_give():
    def add(user, a: int, b: "list[int] | None" = None):
        return user, a, b

    injected = injector().plan(add, CONTEXT, from_page=True)
    assert injected.from_page == {"a": True, "b": False} and not injected.takes_any
    assert call(injected, a=1) == ("ada", 1, None)
    assert injector().plan(lambda **rest: rest, CONTEXT, from_page=True).takes_any


def test_page_cannot_give_an_object_of_the_program():
    def add(a: int, db: Database):
        pass

    with pytest.raises(TypeError, match="'db' that cannot be had"):
        injector().plan(add, CONTEXT, from_page=True)


def test_page_may_give_arguments_of_any_name():
    def function(self, stack, context, function, given):
        return [self, stack, context, function, given]

    injected = Injector().plan(function, {}, from_page=True)
    names = {"self": 1, "stack": 2, "context": 3, "function": 4, "given": 5}

    async def main():
        async with AsyncExitStack() as stack:
            return await injected.call(stack, {}, **names)

    assert asyncio.run(main()) == [1, 2, 3, 4, 5]
