from browserws import connect

async with connect("ws://localhost:8765") as ws:
    for word in ("hello", "from", "Pyodide"):
        await ws.send(word)
        print("the server says:", await ws.recv())
