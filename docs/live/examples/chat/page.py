from browserws import ChatClient
from stage import panel


def enter(name):
    pane = panel(name)
    chat = ChatClient("/hub", name)

    @chat.bind("message")
    def on_message(event):
        pane.add(f"{event.user}: {event.text}")

    @chat.bind("history")
    def on_history(event):  # what was said before we joined
        for message in event.messages:
            on_message(message)

    @chat.bind("members")
    def on_members(event):
        pane.show("here: " + ", ".join(event.members))

    @chat.bind("error")
    def on_error(event):
        pane.add(f"error: {event.error}")

    pane.field(f"message of {name}", chat.send_message)
    chat.connect()
    chat.join_room("lobby")
    return chat


ada = enter("ada")
bob = enter("bob")
ada.send_message("Hello, Bob!")
