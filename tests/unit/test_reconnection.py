"""The reliable connection's decisions, with time as a number and a socket that does as it is told."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from browserws._pure import reconnection as s
from browserws._pure.options import Options
from browserws._pure.reconnection import TABLE, Reconnection
from browserws._pure.state_table import IllegalMove
from browserws.codes import worth_retry
from browserws.errors import BufferFull, GiveUp

STATES = [s.IDLE, s.CONNECTING, s.OPEN, s.WAITING, s.OFFLINE, s.SUSPENDED, s.CLOSING, s.CLOSED]
TRIGGERS = [s.CONNECT, s.OPENED, s.LOST, s.FINAL, s.TIME_IS_UP, s.NETWORK_GONE, s.NETWORK_BACK]
TRIGGERS += [s.PAGE_GONE, s.PAGE_BACK, s.CLOSE_ASKED, s.ENDED]


class World:
    """Carries out what a machine wants, and has an eye on what must never happen."""

    def __init__(self, options=None, chance=lambda: 1.0, refreshable=False):
        self.now = 0.0
        self.machine = Reconnection(Options(options), chance, refreshable)
        self.socket = None  # "connecting", "open" or "closing"
        self.wire = []  # what was sent by this side
        self.attempts = []  # when
        self.told = []
        self.pings = 0
        self.asked_for = True  # the next attempt is one that the user wants
        self.delay = 0.0  # the last one that was announced

    # --- what a page does ---

    def connect(self):
        self.asked_for = True
        self.machine.connect(self.now)
        return self.perform()

    def close(self, code=1000, reason=""):
        self.machine.close(self.now, code, reason)
        return self.perform()

    def send(self, message):
        if self.machine.state == s.OPEN and not self.machine.outbox.queue:
            self.wire.append(message)
            self.machine.outbox.sent(message)
            return True
        self.machine.outbox.put(message)
        return False

    def page(self, what):
        if what == "gone":
            self.machine.page_gone()
        else:
            self.machine.page_back(self.now)
        return self.perform()

    # --- what happens ---

    def opened(self):
        self.socket = "open"
        self.machine.opened(self.now)
        return self.perform()

    def ended(self, code=1006, was_clean=False, wanted=None, reason="", **more):
        self.socket = None
        self.machine.ended(self.now, code, reason, was_clean, wanted, **more)
        return self.perform()

    def after(self, milliseconds):
        """Time passes; the timer rings whenever it is due."""
        end = self.now + milliseconds
        while self.machine.due() is not None and self.machine.due() <= end:
            self.now = max(self.now, self.machine.due())
            self.machine.wake(self.now)
            self.perform()
        self.now = end
        return self

    def until_due(self):
        return self.after(self.machine.due() - self.now)

    # --- what the machine wants ---

    def perform(self):
        while self.machine.actions:
            what, *arguments = self.machine.actions.pop(0)
            getattr(self, "do_" + what.replace(" ", "_"))(*arguments)
        assert self.machine.state not in (s.CLOSED, s.IDLE) or self.machine.due() is None, "a timer after the end"
        return self

    def do_connect(self, generation):
        assert self.socket is None, "two live sockets"
        assert generation == self.machine.generation
        if self.attempts and not self.asked_for:
            gap = self.now - self.attempts[-1]
            assert gap >= min(self.delay, self.machine.options.reconnect_interval) - 1e-6, "too early"
        self.asked_for = False
        self.socket = "connecting"
        self.attempts.append(self.now)

    def do_close(self, code, reason):
        assert self.socket == "open"
        self.socket = "closing"
        self.asked = (code, reason)

    def do_drop(self):
        self.socket = None

    def do_flush(self):
        queue = self.machine.outbox.queue
        self.wire += queue
        self.machine.outbox.take(len(queue))

    def do_ping(self):
        assert self.socket == "open"
        self.pings += 1

    def do_emit(self, name, fields):
        self.told.append((name, fields))

    def do_undelivered(self, queued):
        messages, forgotten = self.machine.outbox.lost()
        if messages or forgotten or queued:
            self.told.append(("undelivered", {"messages": messages, "forgotten": forgotten, "queued": queued}))

    def do_emit_if_current(self, name, fields, serial):
        if serial == self.machine.serial:
            self.told.append((name, fields))
            if name == "reconnecting":
                self.delay = fields["delay"]

    def names(self):
        return [name for name, _ in self.told if name != "statechange"]

    def last(self, name):
        return next(fields for told, fields in reversed(self.told) if told == name)


def a_world(state, **options):
    """A world in which the machine is in that state."""
    world = World(options)
    if state == s.IDLE:
        return world
    world.connect()
    if state in (s.OPEN, s.CLOSING):
        world.opened()
    if state in (s.WAITING, s.OFFLINE):
        world.ended()
    if state == s.OFFLINE:
        world.machine.network(world.now, False)
    if state == s.SUSPENDED:
        world.machine.page_gone()
    if state in (s.CLOSING, s.CLOSED):
        world.close()
    world.perform()
    assert world.machine.state == state
    return world


# --- the table ---


@pytest.mark.parametrize(("state", "trigger"), list(itertools.product(STATES, TRIGGERS)))
def test_every_state_and_trigger(state, trigger):
    """An arrow leads where the table says; where there is none, it raises and changes nothing."""
    machine = a_world(state).machine
    before = dict(vars(machine))
    if (state, trigger) in TABLE.arrows:
        machine._move(trigger)
        assert machine.state == TABLE.arrows[state, trigger]
    else:
        with pytest.raises(IllegalMove, match=trigger):
            machine._move(trigger)
        assert vars(machine) == before


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("hint", ["network gone", "network back", "page gone", "page back", "doubt", "close", "wake"])
def test_hints_and_close_are_welcome_in_every_state(state, hint):
    world = a_world(state)
    machine = world.machine
    calls = {
        "network gone": lambda: machine.network(world.now, False),
        "network back": lambda: machine.network(world.now, True),
        "page gone": machine.page_gone,
        "page back": lambda: machine.page_back(world.now),
        "doubt": lambda: machine.doubt(world.now),
        "close": lambda: machine.close(world.now, 1000, ""),
        "wake": lambda: machine.wake(world.now),
    }
    calls[hint]()
    world.perform()


# --- connecting again ---


def test_delays_grow_up_to_their_limit_and_start_again_after_a_connection_that_lived():
    world = World().connect()
    gaps = []
    for _ in range(7):
        world.ended().until_due()
        gaps.append(world.attempts[-1] - world.attempts[-2])
    assert gaps == [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]
    world.opened().after(5000).ended().until_due()
    assert world.attempts[-1] - world.attempts[-2] == 6000


def test_a_connection_that_is_closed_at_once_does_not_start_the_delays_again():
    world = World().connect()
    while world.now < 30_000:
        world.opened().ended(1011).until_due()
    assert len([at for at in world.attempts if at < 30_000]) <= 8


def test_full_jitter_is_between_nothing_and_the_cap():
    chances = itertools.cycle([0.0, 0.5, 0.25])
    world = World(chance=lambda: next(chances)).connect()
    delays = []
    for _ in range(3):
        world.ended()
        delays.append(world.last("reconnecting")["delay"])
        world.until_due()
    assert delays == [0, 1000, 1000]


def test_it_gives_up_after_max_retries():
    world = World({"max_retries": 2}).connect()
    world.ended().until_due().ended().until_due().ended()
    assert world.machine.state == s.CLOSED and len(world.attempts) == 3
    assert world.last("giveup")["reason"] == "2 retries failed"
    world.connect()
    assert world.machine.state == s.CONNECTING


def test_retries_are_counted_again_after_a_connection_that_lived():
    """A page that is open for days loses its connection now and then: that is no reason to give up."""
    world = World({"max_retries": 2}).connect()
    for _ in range(5):
        world.opened().after(5000).ended().until_due()
        assert world.last("connecting")["attempt"] == 1
    world.opened().after(4999).ended().until_due()
    assert world.last("connecting")["attempt"] == 2
    assert world.opened().after(4999).ended().machine.state == s.CLOSED


def test_whoever_asks_for_a_connection_gets_all_retries():
    world = World({"max_retries": 2}).connect()
    for _ in range(3):
        world.ended().until_due().ended().until_due().ended()
        assert world.machine.state == s.CLOSED
        world.connect()
        assert world.last("connecting")["attempt"] == 0


def test_max_retries_0_never_tries_again():
    world = World({"max_retries": 0}).connect().opened().after(60_000).ended()
    assert world.names()[-1] == "giveup"


def test_an_attempt_that_takes_too_long_is_dropped():
    world = World().connect().after(9999)
    assert world.socket == "connecting"
    world.after(1)
    assert (world.socket, world.machine.state) == (None, s.WAITING)


@pytest.mark.parametrize("code", [1000, 1002, 1003, 1007, 1008, 1009, 1010, 4400, 4403, 4407, 4410, 4499])
def test_final_codes_give_up_with_one_clear_event(code):
    world = World().connect().opened().ended(code, True)
    assert world.names() == ["connecting", "open", "close", "giveup"]
    assert world.last("giveup")["code"] == code and str(code) in world.last("giveup")["reason"]
    assert not worth_retry(code)


@pytest.mark.parametrize("code", [1001, 1005, 1006, 1011, 1012, 1013, 1014, 3000, 4000, 4399, 4408, 4409, 4500])
def test_other_codes_are_tried_again(code):
    assert World().connect().opened().ended(code, True).machine.state == s.WAITING


def test_4401_is_tried_once_more_with_a_fresh_address():
    world = World(refreshable=True).connect().opened().ended(4401, True)
    assert world.machine.state == s.WAITING
    world.until_due().opened().ended(4401, True)
    assert world.machine.state == s.CLOSED
    lived = World(refreshable=True).connect().opened().ended(4401, True).until_due().opened().after(5000)
    assert lived.ended(4401, True).machine.state == s.WAITING
    assert World().connect().opened().ended(4401, True).machine.state == s.CLOSED


def test_should_reconnect_decides_over_all():
    assert World().connect().opened().ended(4403, True, wanted=True).machine.state == s.WAITING
    assert World().connect().opened().ended(1006, wanted=False).machine.state == s.CLOSED


def test_without_auto_reconnect_the_end_is_the_end():
    world = World({"auto_reconnect": False}).connect().opened().ended()
    assert world.machine.state == s.CLOSED and world.names()[-1] == "close"


def test_a_limit_of_infinity_is_no_limit_and_no_timer():
    forever = dict.fromkeys(("connect_timeout", "close_timeout", "max_retries", "max_queue_messages"), math.inf)
    world = World(forever).connect()
    assert world.machine.due() is None
    for _ in range(100):
        world.ended().until_due()
    world.send("a")
    world.opened().close()
    assert world.machine.state == s.CLOSING and world.machine.due() is None


# --- closing ---


def test_close_waits_for_the_answer_and_is_final_whatever_it_is():
    world = World().connect().opened().close(4000)
    assert world.machine.state == s.CLOSING and world.socket == "closing"
    world.ended(1006)
    assert world.machine.state == s.CLOSED
    assert world.last("close")["code"] == 1006
    assert world.after(10**6).attempts == [0]


def test_close_ends_by_its_own_timeout():
    world = World().connect().opened().close().after(10_000)
    assert (world.machine.state, world.socket) == (s.CLOSED, None)
    assert world.last("close")["code"] == 1006


# --- the queue ---


def test_what_is_queued_goes_out_before_open_is_emitted():
    world = World().connect()
    assert world.send("a") is False
    world.opened()
    assert world.wire == ["a"] and world.send("b") is True
    world.ended()
    assert world.last("undelivered") == {"messages": ["a", "b"], "forgotten": 0, "queued": []}


def test_a_clean_answer_to_close_shows_that_all_has_arrived():
    world = World().connect().opened()
    world.send("a")
    world.close(4000).ended(4000, True)
    assert "undelivered" not in world.names()


def test_a_close_of_the_server_that_crosses_ours_shows_nothing():
    """It had not read our close frame yet, nor perhaps what came before it."""
    world = World().connect().opened()
    world.send("a")
    world.close(4000).ended(1000, True)
    assert world.last("undelivered")["messages"] == ["a"]
    world = World().connect().opened()
    world.send("a")
    world.close(4000).ended(4000, False)
    assert world.last("undelivered")["messages"] == ["a"]


def test_what_close_leaves_in_the_queue_is_emitted():
    world = World().connect()
    world.send("a")
    world.close()
    assert world.last("undelivered") == {"messages": [], "forgotten": 0, "queued": ["a"]}
    assert world.machine.outbox.queue == []


# --- the page's life ---


def test_offline_pauses_and_online_tries_at_once():
    world = World().connect().opened().after(60_000)
    world.machine.network(world.now, False)
    assert world.perform().machine.state == s.OPEN  # browsers may be wrong
    world.ended()
    assert world.machine.state == s.OFFLINE and world.names()[-1] != "reconnecting"
    world.after(20_000)
    assert len(world.attempts) == 1
    world.machine.network(world.now, True)
    assert world.perform().machine.state == s.WAITING
    world.after(0)
    assert len(world.attempts) == 2


def test_offline_there_still_is_an_attempt_now_and_then():
    world = a_world(s.OFFLINE).after(30_000)
    assert len(world.attempts) == 2


def test_becoming_visible_brings_the_attempt_forward_but_not_too_close():
    world = World().connect()
    for _ in range(5):
        world.ended().until_due()
    world.ended()
    world.machine.doubt(world.now)
    world.until_due()
    assert world.attempts[-1] - world.attempts[-2] == 1000


def test_the_back_forward_cache_closes_and_connects_again():
    world = World().connect().opened().after(2000)
    world.machine.page_gone()
    world.perform()
    assert (world.machine.state, world.socket, world.machine.due()) == (s.SUSPENDED, None, None)
    assert world.last("close")["code"] == 1001
    world.now += 3_600_000
    world.machine.page_back(world.now)
    world.perform().after(0)
    assert world.machine.state == s.CONNECTING


def test_what_the_network_does_is_emitted_once():
    world = World().connect().opened()
    for online in (True, False, False, True, True):
        world.machine.network(world.now, online)
        world.perform()
    assert world.names()[2:] == ["offline", "online"]


def test_what_was_in_flight_when_the_page_went_into_the_cache_is_emitted():
    world = World().connect().opened()
    world.send("a")
    world.page("gone")
    assert world.last("undelivered")["messages"] == ["a"]


def test_back_from_the_cache_there_is_a_minimum_distance_to_the_last_attempt():
    """Going back and forth is no reason for more attempts than any other loss of the connection."""
    world = World().connect().opened().after(100)
    world.page("gone")
    world.after(100).page("back")
    world.until_due()
    assert world.attempts == [0, 1000]


# --- the heartbeat ---


def beating(interval=1000, timeout=1000):
    world = World().connect()
    world.machine.heartbeat.set(interval, timeout)
    return world.opened()


def test_a_dead_connection_is_dropped_within_twice_the_interval():
    world = beating().after(2000)
    assert world.pings == 1 and world.socket is None and world.machine.state == s.WAITING


def test_answers_keep_it_open():
    world = beating()
    for _ in range(10):
        world.after(1000)
        world.machine.heartbeat.heard(world.now)
    assert world.machine.state == s.OPEN and world.pings == 10


def test_the_heartbeat_of_a_connection_ends_with_it():
    """A ping can neither be sent before the next one is open, nor can its absence end the next one."""
    ends = [
        lambda world: world.connect(),
        lambda world: world.ended(),
        lambda world: world.close(),
        lambda world: world.page("gone"),
    ]
    for end in ends:
        world = beating(1000, 500).after(1000)
        assert world.pings == 1
        end(world)
        assert world.machine.heartbeat.due() is None
        world.after(900)
        assert world.pings == 1


@pytest.mark.parametrize("hint", ["offline", "online", "visible"])
def test_hints_make_a_connection_prove_itself(hint):
    """After them connections are often dead: a ping finds out at once, not at its next time."""
    world = beating(60_000, 500).after(10_000)
    if hint == "visible":
        world.machine.doubt(world.now)
    else:
        world.machine.online = hint != "online"
        world.machine.network(world.now, hint == "online")
    world.perform().after(0)
    assert world.pings == 1 and world.machine.state == s.OPEN
    world.after(500)
    assert world.machine.state != s.OPEN


def test_sleep_of_the_machine_is_not_taken_for_a_dead_connection():
    world = beating(1000, 500).after(1000)
    world.now += 3_600_000
    world.machine.wake(world.now)
    world.perform()
    assert world.machine.state == s.OPEN and world.pings == 2
    world.after(500)
    assert world.machine.state == s.WAITING


# --- what is told ---


def close_event(code, reason="", clean=False):
    return {"code": code, "reason": reason, "wasClean": clean}


def test_close_event_says_how_it_ended():
    assert a_world(s.OPEN).ended(4000, True, reason="bye").last("close") == close_event(4000, "bye", True)
    world = a_world(s.OPEN).close(3000, "bye")
    assert world.asked == (3000, "bye")
    assert world.ended(3000, True, reason="bye").last("close") == close_event(3000, "bye", True)
    assert a_world(s.OPEN).connect().last("close") == close_event(1000)
    assert a_world(s.CLOSING).connect().last("close") == close_event(1000)
    assert a_world(s.CLOSING).after(10_000).last("close") == close_event(1006)
    assert a_world(s.CONNECTING).after(10_000).last("close") == close_event(1006)
    assert a_world(s.OPEN).page("gone").last("close") == close_event(1001, "the page went into the background")
    assert beating().after(2000).last("close") == close_event(1006, "the heartbeat was not answered")


@pytest.mark.parametrize("state", [s.IDLE, s.CONNECTING, s.WAITING, s.OFFLINE, s.SUSPENDED])
def test_close_without_a_connection_is_clean_and_at_once(state):
    world = a_world(state).close(3000, "bye")
    assert world.last("close") == close_event(3000, "bye", True) and world.socket is None


def test_attempt_that_failed_is_an_error_and_no_close():
    world = World().connect()
    error = KeyError("no address")
    world.ended(error=error)
    assert world.names() == ["connecting", "error", "reconnecting"] and world.last("error") == {"error": error}


def test_every_change_of_the_state_is_emitted():
    world = World().connect().opened().ended()
    changes = [fields for name, fields in world.told if name == "statechange"]
    assert changes == [
        {"state": "CONNECTING", "previous": "IDLE"},
        {"state": "OPEN", "previous": "CONNECTING"},
        {"state": "WAITING", "previous": "OPEN"},
    ]
    world = World().connect().connect()
    assert [name for name, _ in world.told].count("statechange") == 1


def test_attempts_are_counted_in_the_events():
    world = World().connect()
    assert world.last("connecting") == {"attempt": 0}
    world.opened()
    assert world.last("open") == {} and "reconnected" not in world.names()
    world.ended()
    assert world.last("reconnecting") == {"attempt": 1, "delay": 1000}
    world.until_due().ended()
    assert world.last("reconnecting") == {"attempt": 2, "delay": 2000}
    world.until_due()
    assert world.last("connecting") == {"attempt": 2}
    world.opened()
    assert world.names()[-2:] == ["open", "reconnected"] and world.last("reconnected") == {"attempt": 2}


def test_giveup_event_says_why():
    world = World().connect().opened().ended(4403, True)
    why = "the server closed with 4403: another attempt would get the same answer"
    assert world.last("giveup") == {"code": 4403, "reason": why}
    world = World({"max_retries": 0}).connect().ended(1006)
    assert world.last("giveup") == {"code": 1006, "reason": "0 retries failed"}
    world = World().connect().ended(error=GiveUp("this account is blocked"))
    assert world.last("giveup") == {"code": 1006, "reason": "this account is blocked"}
    assert World().connect().ended(error=GiveUp()).last("giveup")["reason"] == "GiveUp was raised"


def test_url_that_the_policy_forbids_is_tried_three_times_in_a_row():
    world = World().connect()
    for _ in range(2):
        assert world.ended(reason="forbidden", forbidden=True).machine.state == s.WAITING
        world.until_due()
    assert world.ended().machine.state == s.WAITING  # for another reason: the count begins anew
    world.until_due()
    for _ in range(2):
        assert world.ended(reason="forbidden", forbidden=True).machine.state == s.WAITING
        world.until_due()
    world.ended(reason="the policy", forbidden=True)
    assert world.machine.state == s.CLOSED and world.last("giveup") == {"code": 1006, "reason": "the policy"}
    world.connect()
    for _ in range(2):
        assert world.ended(forbidden=True).machine.state == s.WAITING
        world.until_due()


def test_should_reconnect_decides_also_where_the_policy_forbids():
    world = World().connect()
    for _ in range(5):
        assert world.ended(wanted=True, forbidden=True).machine.state == s.WAITING
        world.until_due()


def test_should_reconnect_does_not_lift_the_limit_of_retries():
    world = World({"max_retries": 1}).connect().ended(wanted=True).until_due().ended(wanted=True)
    assert world.machine.state == s.CLOSED and world.last("giveup")["reason"] == "1 retries failed"


# --- times ---


def test_connection_that_lived_just_long_enough_starts_the_delays_again():
    for lived, delay in ((4999, 2000), (5000, 1000)):
        world = World().connect().after(300).ended().until_due().after(700).opened().after(lived).ended()
        assert world.last("reconnecting")["delay"] == delay


def test_hint_does_not_shorten_an_attempt():
    world = World().connect().after(500)
    world.machine.doubt(world.now)
    assert world.machine.due() == 10_000
    world = World().connect().opened().close()
    world.machine.doubt(world.now)
    assert world.machine.due() == 10_000


def test_hint_does_not_put_an_attempt_off():
    world = World(chance=lambda: 0.0).connect().after(100).ended()
    assert world.machine.due() == 100
    world.machine.doubt(100)
    assert world.machine.due() == 100


def test_network_that_is_back_soon_keeps_the_minimum_distance():
    world = a_world(s.OFFLINE).after(400)
    world.machine.network(world.now, True)
    world.perform()
    assert world.machine.due() == 1000


def test_attempt_while_offline_is_made_after_the_longest_delay():
    world = World().connect().after(250)
    world.machine.network(world.now, False)
    world.perform().ended()
    assert (world.machine.state, world.machine.due()) == (s.OFFLINE, 30_250)
    world.after(30_000)
    assert world.last("connecting") == {"attempt": 1} and world.attempts == [0, 30_250]


def test_each_attempt_has_its_time():
    world = World({"connect_timeout": 700}).connect()
    assert world.machine.due() == 700
    world.after(300).connect()
    assert world.machine.due() == 1000
    assert world.opened().machine.due() is None


def test_closing_has_its_time():
    assert World({"close_timeout": 700}).connect().opened().after(300).close().machine.due() == 1000


def test_jitter_can_be_turned_off():
    world = World({"jitter": False}, chance=lambda: 0.0).connect().ended()
    assert world.last("reconnecting")["delay"] == 1000


def test_a_timer_that_rings_too_early_does_nothing():
    for state in STATES:
        world = a_world(state)
        due, names = world.machine.due(), world.names()
        world.machine.wake(0 if due is None else due - 1)
        assert world.perform().machine.state == state and world.names() == names and world.machine.due() == due


def test_generation_counts_attempts():
    world = World()
    assert world.machine.generation == 0
    assert world.connect().machine.generation == 1 and world.connect().machine.generation == 2
    assert world.ended().until_due().machine.generation == 3


# --- whatever happens ---

STEPS = ["opened", "lost", "close by server", "final", "time", "connect", "close", "send", "send"]
STEPS += ["offline", "online", "page gone", "page back", "doubt", "heartbeat", "heard", "sleep"]


@settings(max_examples=400)
@given(
    steps=st.lists(st.tuples(st.sampled_from(STEPS), st.floats(0, 1)), max_size=80),
    chances=st.lists(st.floats(0, 0.999), min_size=1, max_size=20),
)
def test_whatever_happens(steps, chances):
    """Never two sockets, never a timer after the end, no attempt too early (see `World`), and no message
    twice or out of order or lost without a word."""
    chance = itertools.cycle(chances)
    world = World({"max_queue_messages": 5}, lambda: next(chance))
    machine = world.machine
    accepted, closed_for_good = [], False
    for step, amount in steps:
        attempts = len(world.attempts)
        if step == "opened" and world.socket == "connecting":
            world.opened()
        elif step == "lost" and world.socket:
            world.ended()
        elif step == "close by server" and world.socket in ("open", "closing"):
            world.ended(1012, True)
        elif step == "final" and world.socket in ("open", "closing"):
            world.ended(1008, True)
        elif step == "time":
            world.after(amount * 60_000)
        elif step == "connect":
            world.connect()
            closed_for_good = False
        elif step == "close":
            world.close()
            closed_for_good = True
        elif step == "send" and machine.state not in (s.CLOSING, s.CLOSED):
            message = str(len(accepted))
            try:
                world.send(message)
                accepted.append(message)
            except BufferFull:
                assert len(machine.outbox.queue) == 5
        elif step in ("offline", "online"):
            machine.network(world.now, step == "online")
        elif step == "page gone":
            machine.page_gone()
        elif step == "page back":
            machine.page_back(world.now)
        elif step == "doubt":
            machine.doubt(world.now)
        elif step == "heartbeat":
            machine.heartbeat.set(amount * 5000 + 1, 1000)
            if machine.state == s.OPEN:
                machine.heartbeat.start(world.now)
        elif step == "heard":
            machine.heartbeat.heard(world.now)
        elif step == "sleep":
            world.now += amount * 10**7
        world.perform()
        if closed_for_good:
            assert machine.state in (s.CLOSING, s.CLOSED) and len(world.attempts) == attempts
        assert (world.socket is not None) == (machine.state in (s.CONNECTING, s.OPEN, s.CLOSING))
    not_sent = [message for name, told in world.told if name == "undelivered" for message in told["queued"]]
    assert sorted(world.wire + not_sent + machine.outbox.queue, key=int) == accepted
    assert world.wire == sorted(world.wire, key=int)
