"""Installs the package and its protocols with micropip."""

import micropip

from pyscript import config

await micropip.install("browserws[protocols]", index_urls=config["from"])
from browserws.protocols.socketio import SocketIOCodec

print("installed", SocketIOCodec.__name__)
