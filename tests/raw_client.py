"""What a WebSocket client sends, as bytes: for clients that do what no library lets them do."""

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri


def handshake(port, path="/"):
    return ClientProtocol(parse_uri(f"ws://localhost:{port}{path}")).connect().serialize()


def frame(opcode, data, fin=True):
    return Frame(opcode, data, fin).serialize(mask=True)


def text_frame(text):
    return frame(Opcode.TEXT, text.encode())
