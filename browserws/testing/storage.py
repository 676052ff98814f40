"""`FakeStorage`: what a page keeps for the next one, for the option `persist`."""

import asyncio


class FakeStorage:
    """What a page keeps for the next one. `left` has what pages kept that have ended, `time` is later for each page."""

    def __init__(self, left: "list[tuple[dict[str, str | None], str]]", time: float) -> None:
        self.texts: "dict[str, str | None]" = {}
        self.last = ""  # the journal
        self._left = left
        self._time = time

    def time(self) -> float:
        return self._time

    async def open(self) -> "tuple[list[str], str]":
        await asyncio.sleep(0)
        if self._left:
            self.texts, self.last = self._left.pop(0)
        return [f"{key}\n{text}" for key, text in self.texts.items() if text is not None], self.last

    async def write(self, texts: "dict[str, str | None]", anew: bool) -> None:
        await asyncio.sleep(0)
        self.texts = {**({} if anew else self.texts), **texts}

    def journal(self, text: str) -> None:
        self.last = text

    def close(self, forget: bool) -> None:
        if not forget:
            self._left.append((self.texts, self.last))
