"""The chat demo: a ChatClient, and its events shown on the page.

What others wrote is only ever set as text, and names stand in <bdi>: markup and bidirectional controls in them
stay what they are.
"""

from js import Date
from pyscript import document, when

from browserws import BufferFull, ChatClient, MessageTooLong

chat = None
shown = None  # the room
logs = {}  # room -> its entries: (kind, user, text, time)
unread = {}
private_to = None
waiting = []  # (room, text, its place in the log) of what is being sent


def element(name):
    return document.getElementById(name)


def make(tag, text="", kind=""):
    node = document.createElement(tag)
    node.textContent = text
    if kind:
        node.className = kind
    return node


def clock(time):
    return Date.new(time).toLocaleTimeString() if time else ""


# --- what is shown ---


def add(room, kind, user, text, time=None):
    logs.setdefault(room, []).append((kind, user, text, time))
    if room == shown:
        show_entry(kind, user, text, time)
        element("log").scrollTop = element("log").scrollHeight
    elif kind != "note":
        unread[room] = unread.get(room, 0) + 1
        show_rooms()


def show_entry(kind, user, text, time):
    item = make("li", "", kind)
    if kind == "note":
        item.append(make("bdi", user), make("span", " " + text))
    else:
        item.append(make("bdi", user), make("span", text, "text"), make("time", clock(time)))
    element("log").append(item)


def show_room(room):
    global shown
    shown = room
    unread.pop(room, None)
    element("log").replaceChildren()
    for entry in logs.get(room, []):
        show_entry(*entry)
    element("log").scrollTop = element("log").scrollHeight
    show_rooms()
    show_members()


def show_rooms():
    element("rooms").replaceChildren()
    for room in chat.rooms:
        item = make("li")
        item.setAttribute("aria-current", "true" if room == shown else "false")
        name = make("button", room, "quiet")
        name.setAttribute("data-room", room)
        if unread.get(room):
            name.append(make("span", " %d" % unread[room], "unread"))
        leave = make("button", "×", "quiet leave")
        leave.setAttribute("data-leave", room)
        leave.setAttribute("aria-label", "Leave " + room)
        item.append(name, leave)
        element("rooms").append(item)
    element("text").disabled = element("send").disabled = shown is None


def show_members():
    element("members").replaceChildren()
    for user in chat.members(shown) if shown in chat.rooms else []:
        item = make("li")
        button = make("button", user)
        button.setAttribute("data-user", user)
        button.setAttribute("title", "Write to " + user + " alone")
        item.append(button)
        element("members").append(item)


def show_state():
    element("state").textContent = chat.state.lower()
    element("state").setAttribute("data-state", chat.state)
    show_pending()


def show_pending():
    waiting = chat.pending
    element("pending").textContent = "" if not waiting else "%d waiting to be sent" % waiting


def write_to(user):
    global private_to
    private_to = user
    element("to").hidden = user is None
    element("to").textContent = "" if user is None else "to %s alone ×" % user
    element("text").focus()


# --- the chat's events ---


def enter(name, room):
    global chat
    chat = ChatClient("/hub", name, {"max_reconnect_interval": 5000})
    chat.bind("message", said)
    chat.bind("private", said_in_private)
    chat.bind("history", lambda event: heard_before(event))
    chat.bind("join", lambda event: add(event.room, "note", event.user, "has come"))
    chat.bind("leave", lambda event: add(event.room, "note", event.user, "has gone"))
    chat.bind("members", lambda event: event.room == shown and show_members())
    chat.bind(
        "gap", lambda event: add(event.room, "note", "", "Some messages are lost: the server has forgotten them.")
    )
    chat.bind("left", has_left)
    chat.bind("error", lambda event: add(shown, "note", "", str(event.error)))
    chat.bind("state", show_state)
    chat.connect()
    element("me").textContent = name
    element("entrance").hidden = True
    element("chat").hidden = False
    join(room)
    element("text").focus()


def join(room):
    if room not in chat.rooms:
        chat.join_room(room)
    show_room(room)


def said(event):
    if event.own:
        has_arrived(event.room, event.text)
    add(event.room, "own" if event.own else "", event.user, event.text, event.time)


def is_on_its_way(room, text):
    item = make("li", "", "own waiting")
    item.append(make("bdi", chat.user), make("span", text, "text"), make("time", "…"))
    waiting.append((room, text, item))
    element("log").append(item)
    element("log").scrollTop = element("log").scrollHeight


def delivered(offset):
    show_pending()


def has_arrived(room, text):
    for entry in waiting:
        if entry[:2] == (room, text):
            entry[2].remove()
            waiting.remove(entry)
            return


def said_in_private(event):
    text = "(to %s alone) " % event.to + event.text if event.own else "(to you alone) " + event.text
    add(shown, "private own" if event.own else "private", event.user, text, getattr(event, "time", None))
    show_pending()


def heard_before(event):
    if event.room not in chat.rooms:
        return  # what was said to us alone, some time ago
    before = [("own" if m.own else "", m.user, m.text, m.time) for m in event.messages]
    logs[event.room] = before + logs.get(event.room, [])
    if event.room == shown:
        show_room(shown)


def has_left(event):
    if event.room == shown:
        show_room(chat.rooms[0] if chat.rooms else None)
    show_rooms()


# --- what the person does ---


@when("submit", "#entrance")
def on_enter(event):
    try:
        enter(element("name").value.strip(), element("first-room").value.strip())
    except ValueError as error:
        element("name").setCustomValidity(str(error))
        element("name").reportValidity()


@when("input", "#name")
def on_name(event):
    element("name").setCustomValidity("")


@when("submit", "#join-form")
def on_join(event):
    room = element("room").value.strip()
    if room:
        try:
            join(room)
            element("room").value = ""
        except ValueError as error:
            add(shown, "note", "", str(error))


@when("click", "#rooms")
def on_room(event):
    button = event.target.closest("button")
    if button is None:
        return
    if button.hasAttribute("data-leave"):
        chat.leave_room(button.getAttribute("data-leave"))
    else:
        show_room(button.getAttribute("data-room"))


@when("click", "#members")
def on_member(event):
    button = event.target.closest("button")
    if button is not None:
        write_to(button.getAttribute("data-user"))


@when("click", "#to")
def on_to(event):
    write_to(None)


@when("submit", "#say")
def on_say(event):
    text = element("text").value
    if not text.strip() or shown is None:
        return
    element("text").value = ""  # at once: a worker's hand is slow, and the next message may be being typed
    try:
        if private_to is None:
            chat.send_message(text, shown).map(delivered)
            is_on_its_way(shown, text)
        else:
            chat.send_private(private_to, text).map(delivered)
    except (BufferFull, MessageTooLong) as error:
        add(shown, "note", "", str(error))
        element("text").value = text
    show_pending()


element("enter").disabled = False
element("name").focus()
