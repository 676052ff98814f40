"""The numbers of tools/ratchet.py do not rise, and it counts what it says."""

import pytest

from tools import ratchet

FOUND = list(ratchet.finds())


@pytest.mark.parametrize(("part", "kind"), [(part, kind) for part in ratchet.LIMITS for kind in ratchet.KINDS])
def test_no_number_rises(part, kind):
    places = [str(find) for find in FOUND if (find.part, find.kind) == (part, kind)]
    limit = ratchet.LIMITS[part][kind]
    assert len(places) <= limit, f"{len(places)} {kind}, not {limit}, among them yours:\n" + "\n".join(places)


@pytest.fixture
def count(tmp_path):
    """Counts in modules that are given by name; gives what it found of a kind, without the file."""

    def count(kind, **sources):
        for name, source in sources.items():
            file = tmp_path / (name.replace("__of__", "/") + ".py")
            file.parent.mkdir(exist_ok=True)
            file.write_text(source)
        return [find.what for find in ratchet.finds(tmp_path) if find.kind == kind]

    return count


def test_an_attribute_is_unknown_by_its_own_annotation_or_its_parameters(count):
    source = """
class A:
    a: "Any" = None
    b: "str | Any"
    c: "dict[str, Any]" = {}
    d: int = 0

    def __init__(self, e: "Any", f: "int", *, g: "Any | None" = None) -> None:
        self.e = e
        self.f = f
        self.g: "int | None" = g
        self.h: "Any" = f
        self.i = g
        i: "Any" = f
"""
    assert count("any", module=source) == [
        "a: 'Any' = None", "b: 'str | Any'", "self.e = e", "self.h: 'Any' = f", "self.i = g",
    ]  # fmt: skip


def test_a_type_ignore_has_its_reason_behind_it(count):
    source = """
a = f(1)  # type: ignore[arg-type]
b = f(2)  # type: ignore[arg-type]  # f takes whatever can be called
c = "# type: ignore"
d = f(3)  # type: ignore
"""
    assert len(count("ignore", module=source)) == 3
    assert count("unexplained", module=source) == ["# type: ignore[arg-type]", "# type: ignore"]


def test_private_names_are_for_their_own_class(count):
    source = """
import asyncio

class A:
    def method(self, other: "A | None", another: "B", cls: "int") -> None:
        self._a = A._b + other._c + super()._d + A()._e
        mine = A()
        mine._f = mine.__dict__
        known: "A" = another.a
        known._g = named._replace(h=1)

        def inside(self):
            return mine._i

    def foreign(self, another: "B") -> None:
        self._b._a1 = another._a2 + asyncio._a3 + self.method()._a4 + B._a5 + B()._a6

class B:
    def method(self):
        return A._a7

def function(a: "A"):
    return a._a8
"""
    found = count("private", module=source)
    assert sorted(found) == [
        "A._a7", "B()._a6", "B._a5", "a._a8", "another._a2", "asyncio._a3", "self._b._a1", "self.method()._a4",
    ]  # fmt: skip


def test_modules_are_in_a_circle_whoever_closes_it(count):
    found = count(
        "circles",
        a="from .b import B",
        b="if TYPE_CHECKING:\n    from .folder import c",
        folder__of__c="def function():\n    from .. import a",
        folder__of____init__="",
        d="from . import a, d2\nimport json",
        d2="from .folder.c import C",
    )
    assert found == ["with b.py, folder/c.py", "with a.py, folder/c.py", "with a.py, b.py"]
