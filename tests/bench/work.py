"""What is measured, and with whom."""

PYODIDE = [
    "raw JavaScript",
    "browserws onmessage",
    "browserws async for",
    "websockets by the drop-in",
    "pyscript.WebSocket",
    "wasmsockets",
    "Brython",
]
MICROPYTHON = ["raw JavaScript", "browserws onmessage", "browserws async for", "pyscript.WebSocket"]

KIB = 1024
MIB = 1024 * KIB


class Work:
    """One line of the table: `bench.<task>(contender, *arguments)` of page/driver.js, in `unit`."""

    def __init__(self, title, unit, task, *arguments, more_is_better=False, quick=False):
        self.title = title
        self.unit = unit
        self.task = task
        self.arguments = arguments
        self.more_is_better = more_is_better
        self.quick = quick  # one of those that `--quick` does

    def arguments_for(self, contender):
        """pyscript.WebSocket sends bytes one by one: once must do."""
        if self.task in ("send", "echo") and contender == "pyscript.WebSocket":
            return (self.arguments[0], 1)
        return self.arguments


def works(large):
    """`large` is the size in bytes for single messages."""
    name = "1 MiB" if large == MIB else f"{large // KIB} KiB"
    many, flood = (300, 600) if large == MIB else (100, 100)  # MicroPython takes 10 to 100 ms for each
    return [
        Work("flood, text 32 B", "µs/message", "flood", "text", 32, 20_000, 100, quick=True),
        Work("flood, bytes 32 B", "µs/message", "flood", "bytes", 32, 20_000, 100, quick=True),
        Work("flood, bytes 64 KiB", "µs/message", "flood", "bytes", 64 * KIB, flood, 20),
        Work("lone, text 32 B", "µs/message", "lone", "text", 32, 200, quick=True),
        Work("lone, bytes 32 B", "µs/message", "lone", "bytes", 32, 200, quick=True),
        Work("lone, bytes 64 KiB", "µs/message", "lone", "bytes", 64 * KIB, 50),
        Work("stream, text 32 B", "messages/s", "stream", "text", 32, 5_000, more_is_better=True),
        Work("stream, bytes 32 B", "messages/s", "stream", "bytes", 32, 5_000, more_is_better=True),
        Work("stream, bytes 64 KiB", "messages/s", "stream", "bytes", 64 * KIB, many, more_is_better=True),
        Work("round trip, 32 B", "µs", "roundtrip", 500, quick=True),
        Work(f"send {name}", "µs", "send", large, 10, quick=True),
        Work(f"echo {name}", "µs", "echo", large, 10),
        Work(f"receive {name}", "µs", "lone", "bytes", large, 20),
    ]
