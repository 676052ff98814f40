"""A document of 10 KB that changes a little, whole and as differences: what it costs those who make and read it.

python -m tests.bench_server.differences
"""

import json
import random
import subprocess
import time
import zlib

from browserws.server.frames import Frame
from tools.paths import NPM, ROOT, RUNTIMES
from tools.table import markdown

from . import merge

NODE = NPM / "node-24" / "bin" / "node"


def plant(rng):
    return {
        f"pump-{number:02}": {
            "site": rng.choice(["north", "south", "harbour"]),
            "state": rng.choice(["running", "idle", "alarm"]),
            "pressure": round(rng.uniform(1, 9), 3),
            "temperature": round(rng.uniform(20, 90), 2),
            "flow": round(rng.uniform(0, 300), 1),
            "since": 1_790_000_000 + rng.randrange(1_000_000),
        }
        for number in range(91)
    }


def documents(count):
    """Each as the one before it, but for one field."""
    rng = random.Random(15)
    document = plant(rng)
    for _ in range(count):
        name = rng.choice(list(document))
        document = {**document, name: {**document[name], "pressure": round(rng.uniform(1, 9), 3)}}
        yield document


def difference(old, new):
    """As a JSON Merge Patch (RFC 7396)."""
    patch = {name: None for name in old if name not in new}
    for name, value in new.items():
        before = old.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            if before != value:
                patch[name] = difference(before, value)
        elif name not in old or before != value:
            patch[name] = value
    return patch


def microseconds(work, *arguments, count=200):
    """Of this thread on a CPU, in the best of several rounds."""
    times = []
    for _ in range(5):
        before = time.thread_time()
        for _ in range(count):
            work(*arguments)
        times.append((time.thread_time() - before) / count * 1e6)
    return min(times)


def inflate(data):
    zlib.decompressobj(wbits=-15).decompress(data)


def in_page(runtime, texts):
    """µs to read it whole, and to read a difference and merge it."""
    command = [NODE, ROOT / "tests" / "bench_server" / "merge.mjs", runtime]
    found = json.loads(
        subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, check=True).stdout
    )
    return [found["whole"], found["change"]]


def main():
    old, new = documents(2)
    patch = difference(old, new)
    texts = {"whole": json.dumps(new), "change": json.dumps(patch)}
    deflated = Frame(texts["whole"]).deflated[4:]  # behind the head
    rows = {
        "the server makes it: `difference` and `json.dumps`": [
            microseconds(json.dumps, new),
            microseconds(difference, old, new) + microseconds(json.dumps, patch),
        ],
        "a browser unpacks it, in a process of its own": [microseconds(inflate, deflated), 0],
        "a page reads it: `json.loads` and `merge`, in CPython": [
            microseconds(merge.take_whole, texts["whole"]),
            microseconds(merge.take_change, old, texts["change"]),
        ],
        "in Pyodide": in_page(RUNTIMES["/pyodide/"] / "pyodide.mjs", texts),
        "in MicroPython": in_page(RUNTIMES["/micropython/"] / "micropython.mjs", texts),
    }
    lines = [[name, f"{whole:,.0f}", f"{change:,.0f}"] for name, (whole, change) in rows.items()]
    print(markdown(["µs on a CPU", "10 KB", "what has changed"], lines))


if __name__ == "__main__":
    main()
