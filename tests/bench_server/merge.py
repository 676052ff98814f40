"""What a page does with a document: `differences.py` runs it in Pyodide and MicroPython, too."""

import json


def take_whole(text):
    return json.loads(text)


def take_change(document, text):
    merge(document, json.loads(text))


def merge(document, patch):
    """JSON Merge Patch (RFC 7396), in place."""
    for name, value in patch.items():
        if value is None:
            document.pop(name, None)
        elif isinstance(value, dict):
            if not isinstance(document.get(name), dict):
                document[name] = {}
            merge(document[name], value)
        else:
            document[name] = value


def repeat(whole, change, count):
    """One of them so often; `change` is "" for the document itself."""
    document = json.loads(whole)
    for _ in range(count):
        if change:
            take_change(document, change)
        else:
            take_whole(whole)
