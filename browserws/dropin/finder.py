"""`Finder`: patches modules as they are imported, so that the order of imports makes no difference.

A finder in front of `sys.meta_path` lets the others find a module that is to be patched, and patches it when it has
been executed.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

Patch = Callable[[Any, "Changes"], None]  # the module, and where to say what is changed


class Changes:
    """What was changed, so that it can be undone."""

    def __init__(self) -> None:
        self._before: list[tuple[Any, str, Any]] = []

    def set(self, owner: Any, name: str, value: Any) -> None:
        """As `setattr`, for an attribute that `owner` itself has or inherits."""
        self._before.append((owner, name, vars(owner).get(name)))
        setattr(owner, name, value)

    def wrap(self, owner: Any, name: str, wrapper: Callable[[Any], Any]) -> None:
        """Set what `wrapper` makes of the attribute."""
        self.set(owner, name, wrapper(getattr(owner, name)))

    def undo(self) -> None:
        while self._before:
            owner, name, value = self._before.pop()
            if value is None:
                delattr(owner, name)
            else:
                setattr(owner, name, value)


class Finder(importlib.abc.MetaPathFinder):
    """`patches` are by the name of the module; a patch is applied once, when its module is there."""

    def __init__(self, patches: Mapping[str, Patch], changes: Changes) -> None:
        self._patches = patches
        self._changes = changes
        self._asking: set[str] = set()  # names for which the other finders are being asked

    def install(self) -> None:
        sys.meta_path.insert(0, self)
        for name in self._patches:
            module = sys.modules.get(name)
            if module is not None:
                self.patch(module)

    def uninstall(self) -> None:
        sys.meta_path.remove(self)
        self._changes.undo()

    def patch(self, module: ModuleType) -> None:
        if self in sys.meta_path:  # else it was uninstalled while the module was imported
            self._patches[module.__name__](module, self._changes)

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name not in self._patches or name in self._asking:
            return None
        self._asking.add(name)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._asking.discard(name)
        if spec is not None and spec.loader is not None:
            spec.loader = PatchingLoader(spec.loader, self)
        return spec


class PatchingLoader(importlib.abc.Loader):
    """The loader of a module; when it has executed it, the module is patched."""

    def __init__(self, loader: importlib.abc.Loader, finder: Finder) -> None:
        self._loader = loader
        self._finder = finder

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._finder.patch(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)
