"""What may be said:  python -m browserws.server --setup rules:setup"""

from browserws.server import Message, Refused


def setup(hub):
    @hub.on("publish")
    def look_at(message: Message):
        text = message.data["text"].strip()
        if not text or len(text) > 500:
            raise Refused("say something, in at most 500 characters")
        message.data = {"text": text.replace(":)", "🙂")}
