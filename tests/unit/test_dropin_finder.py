"""Modules are patched whenever they are imported, and are as they were when the drop-in has gone."""

import importlib
import sys

import pytest

from browserws.dropin.finder import Changes, Finder


@pytest.fixture
def module_name(tmp_path, monkeypatch):
    (tmp_path / "to_be_patched.py").write_text("class Thing:\n    value = 1\n\n\nclass Heir(Thing):\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield "to_be_patched"
    sys.modules.pop("to_be_patched", None)


def patch(module, changes):
    changes.set(module.Thing, "value", module.Thing.value + 1)
    changes.set(module.Heir, "value", 10)


@pytest.mark.parametrize("imported", ["before", "after"])
def test_a_module_is_patched_whenever_it_is_imported(module_name, imported):
    finder = Finder({module_name: patch}, Changes())
    if imported == "before":
        importlib.import_module(module_name)
    finder.install()
    module = importlib.import_module(module_name)
    assert (module.Thing.value, module.Heir.value) == (2, 10)
    assert type(module.__loader__).__name__ == type(module.__spec__.loader).__name__ == "SourceFileLoader"
    importlib.reload(module)
    assert module.Thing.value == 2
    finder.uninstall()
    assert finder not in sys.meta_path


def test_uninstalling_leaves_everything_as_it_was(module_name):
    finder = Finder({module_name: patch}, Changes())
    finder.install()
    module = importlib.import_module(module_name)
    finder.uninstall()
    assert module.Thing.value == module.Heir.value == 1 and "value" not in vars(module.Heir)
    assert module_name not in [name for name in sys.modules if name == "never imported"]


def test_a_module_that_is_imported_while_uninstalling_stays_as_it_is(module_name):
    finder = Finder({module_name: patch}, Changes())
    finder.install()
    spec = importlib.util.find_spec(module_name)
    finder.uninstall()
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.Thing.value == 1


def test_a_missing_module_is_missing_still():
    finder = Finder({"there_is_none": patch}, Changes())
    finder.install()
    try:
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("there_is_none")
    finally:
        finder.uninstall()
