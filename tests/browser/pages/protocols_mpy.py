"""Installs the package and its protocols with mip."""

import mip

from pyscript import config

mip.install(config["from"], target="/lib")
from browserws.protocols.socketio import SocketIOCodec

print("installed", SocketIOCodec.__name__)
