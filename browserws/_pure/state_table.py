"""`StateTable`: which states there are, and the arrows between them."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class IllegalMove(Exception):
    """The table has no such arrow: a mistake of the caller, and nothing has changed."""


class StateTable:
    """`arrows` are {(state, trigger): next state}; `of` names what has these states."""

    def __init__(self, of: str, arrows: "Mapping[tuple[str, str], str]") -> None:
        self.of = of
        self.arrows = arrows

    def can(self, state: str, trigger: str) -> bool:
        return (state, trigger) in self.arrows

    def move(self, state: str, trigger: str) -> str:
        """The state after `trigger`; raises `IllegalMove` where there is no arrow for it."""
        after = self.arrows.get((state, trigger))
        if after is None:
            raise IllegalMove(f"{trigger!r} cannot happen to {self.of} that is {state}")
        return after
