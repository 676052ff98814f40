from stage import panel

connections = set()
is_cut = False


async def serve(connection):  # written as for websockets.serve
    connections.add(connection)
    async for message in connection:
        await connection.send("echo of " + message)


def refuse(path):  # whether a handshake fails
    return is_cut


def cut():
    global is_cut
    is_cut = True
    for connection in connections:
        connection.transport.abort()
    connections.clear()
    network.show("cut")


def mend():
    global is_cut
    is_cut = False
    network.show("there")


network = panel("Network")
network.button("Cut", cut)
network.button("Mend", mend)
network.show("there")
