"""The editor demo: a text of Yjs (yjs.dev) that several pages change at once, with Channels as its way between them.

Each change is an *update*: some bytes, which can be applied in any order and any number of times. They are published
in the channel `doc.NAME`, and its history is the document. What a page writes without a connection waits in its
Channels. Cursors go through a channel of their own, in which only the newest counts.
"""

import asyncio

import js
from pyscript import document, when
from pyscript.ffi import create_proxy
from pyscript.js_modules import yjs

from browserws import BufferFull, Channels, MessageTooLong, NotDelivered

NAMES = ("Ada", "Bob", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hana")
HUES = ("#2458d3", "#b42318", "#157347", "#8a5a00", "#7a3fc0", "#0a7285", "#b02a77", "#4d5d00")
CURSOR_PAUSE = 0.1  # seconds between two of our cursor

name = "%s-%d" % (NAMES[int(js.Math.random() * len(NAMES))], int(js.Math.random() * 1000))
topic = "doc." + (js.decodeURIComponent(js.location.hash[1:]) or "notes")
doc = yjs.Doc.new()
text = doc.getText("text")
cursors = {}  # user -> position in the text, as Yjs has it
waiting = 0  # updates that are on their way
is_behind = False  # an update could not be published: others lack it

channels = Channels("/hub", {"user": name, "max_reconnect_interval": 5000})
updates = channels.join(topic, presence=True)
places = channels.join(topic + ".cursors", conflate=True)


def element(name):
    return document.getElementById(name)


def hue(user):
    return HUES[sum([ord(c) for c in user]) % len(HUES)]


# --- bytes: the same on both interpreters ---


def to_bytes(array):
    return bytes.fromhex(array.toHex())


def to_array(data):
    return js.Uint8Array.fromHex(bytes(data).hex())


def units(string):
    """Its length as JavaScript counts, in UTF-16."""
    return sum([2 if ord(c) > 0xFFFF else 1 for c in string])


# --- from the page to the others ---


def typed():
    """What was changed in the text field: from the first to the last character that differs."""
    global editing
    old, new = text.toString(), element("text").value
    start = 0
    while start < len(old) and start < len(new) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    editing = (units(old[:start]), units(old[start : len(old) - end]), new[start : len(new) - end])
    doc.transact(apply_edit, "typed")
    show_text()
    tell_cursor()


def edit(*_):
    at, removed, added = editing
    if removed:
        text.delete(at, removed)
    if added:
        text.insert(at, added)


def changed(update, origin, *_):
    if origin == "typed":
        publish(to_bytes(update))


def publish(update):
    global is_behind
    try:
        asyncio.create_task(arrive(updates.publish(update)))
    except BufferFull:
        is_behind = True  # the whole document goes out when there is room again
    except MessageTooLong:
        is_behind = True
        element("note").textContent = "That is too much at once: the others will not see it. Take some of it away."


async def arrive(answer):
    global waiting, is_behind
    waiting += 1
    show_waiting()
    try:
        await answer
    except NotDelivered:
        is_behind = True  # the hub was started anew meanwhile
    waiting -= 1
    if is_behind and not waiting:
        is_behind = False
        publish(to_bytes(yjs.encodeStateAsUpdate(doc)))
    show_waiting()


# --- from the others to the page ---


def apply(update):
    """With our selection where it was, between the same characters."""
    field = element("text")
    ends = [yjs.createRelativePositionFromTypeIndex(text, at) for at in (field.selectionStart, field.selectionEnd)]
    yjs.applyUpdate(doc, to_array(update), "others")
    element("text").value = text.toString()
    if js.document.activeElement.id == "text":
        start, end = [yjs.createAbsolutePositionFromRelativePosition(place, doc).index for place in ends]
        field.setSelectionRange(start, end)


def came(event):
    if isinstance(event.data, dict):
        answer(event.user, event.data["have"])
    elif event.user != name:
        apply(event.data)
        show_text()


def answer(user, have):
    """Somebody lacks what the history no longer has: the first of the others sends it."""
    others = [member for member in updates.members if member != user]
    if others and others[0] == name:
        publish(to_bytes(yjs.encodeStateAsUpdate(doc, js.Uint8Array.fromHex(have))))


def ask():
    updates.publish({"have": yjs.encodeStateVector(doc).toHex()})


async def read():
    events = await updates.history(1000)
    for event in events:
        if not isinstance(event.data, dict):
            apply(event.data)
    if events and events[0].offset > 1:
        ask()  # the history does not reach back to the beginning
    show_text()


async def start():
    await updates
    await read()
    element("text").disabled = False
    element("text").focus()


# --- cursors ---


def tell_cursor():
    cursor_moved.set()


async def tell_cursors():
    while True:
        await cursor_moved.wait()
        cursor_moved.clear()
        place = yjs.createRelativePositionFromTypeIndex(text, element("text").selectionEnd)
        if channels.state == "OPEN":
            places.publish({"at": yjs.encodeRelativePosition(place).toHex()})
        await asyncio.sleep(CURSOR_PAUSE)


def cursor_came(event):
    if event.user != name:
        cursors[event.user] = yjs.decodeRelativePosition(js.Uint8Array.fromHex(event.data["at"]))
        show_text()


def members_changed(event):
    for user in event.leave:
        cursors.pop(user, None)
    show_people()
    show_text()
    tell_cursor()  # those who have come do not know where we are


# --- what is shown ---


def show_text():
    """The mirror lies under the text field and holds the others' cursors."""
    value = text.toString()
    marks = []
    for user, place in cursors.items():
        at = yjs.createAbsolutePositionFromRelativePosition(place, doc)
        if at:
            marks.append((at.index, user))
    mirror = element("mirror")
    mirror.replaceChildren()
    here = 0
    for index, user in sorted(marks):
        at = characters(value, index)
        mirror.append(value[here:at], cursor_of(user))
        here = at
    mirror.append(value[here:] + "\u200b")


def characters(value, index):
    """How many characters are in so many units of UTF-16."""
    count = 0
    for c in value:
        if index <= 0:
            break
        index -= 2 if ord(c) > 0xFFFF else 1
        count += 1
    return count


def cursor_of(user):
    mark = document.createElement("i")
    mark.setAttribute("data-name", user)
    mark.setAttribute("style", "--hue: " + hue(user))
    return mark


def show_people():
    element("people").replaceChildren()
    for user in updates.members:
        item = document.createElement("li")
        item.textContent = user + (" (you)" if user == name else "")
        item.setAttribute("style", "--hue: " + hue(user))
        element("people").append(item)


def show_waiting():
    element("pending").textContent = "%d to be sent" % waiting if waiting else ""


def show_state(event):
    element("state").textContent = event.state.lower()
    element("state").setAttribute("data-state", event.state)


editing = (0, 0, "")
apply_edit = create_proxy(edit)
doc.on("update", create_proxy(changed))
cursor_moved = asyncio.Event()

updates.bind("message", came)
updates.bind("members", members_changed)
updates.bind("gap", lambda: asyncio.create_task(read()))
places.bind("message", cursor_came)
channels.bind("statechange", show_state)


@when("input", "#text")
def on_input(event):
    typed()


@when("keyup", "#text")
def on_key(event):
    tell_cursor()


@when("click", "#text")
def on_click(event):
    tell_cursor()


telling = asyncio.create_task(tell_cursors())
starting = asyncio.create_task(start())
