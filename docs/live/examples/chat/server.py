from browserws.server import Hub, Message, Refused

hub = Hub()


@hub.on("publish")
def check(message: Message):
    if "spam" in message.data["text"]:
        raise Refused("no spam, please")
