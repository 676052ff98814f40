from browserws._pure.heartbeat import DEAD, LATE, PING, Heartbeat


def started(interval=None, timeout=0, expected=None):
    heartbeat = Heartbeat()
    heartbeat.set(interval, timeout)
    heartbeat.expected = expected
    heartbeat.start(0)
    return heartbeat


def test_without_settings_it_does_nothing():
    heartbeat = started()
    assert heartbeat.due() is None and heartbeat.wake(10**9) is None


def test_it_pings_at_its_interval_while_answers_come():
    heartbeat = started(1000, 400)
    for beat in range(1, 5):
        assert heartbeat.due() == beat * 1000
        assert heartbeat.wake(beat * 1000) == PING
        heartbeat.heard(beat * 1000 + 100)


def test_a_dead_connection_is_noticed_within_twice_the_interval():
    heartbeat = started(1000, 1000)
    assert heartbeat.wake(1000) == PING
    assert heartbeat.due() == 2000
    assert heartbeat.wake(2000) == DEAD


def test_any_message_is_a_sign_of_life():
    heartbeat = started(1000, 500)
    heartbeat.wake(1000)
    heartbeat.heard(1400)
    assert heartbeat.due() == 2000 and heartbeat.wake(1500) is None


def test_too_early_is_nothing():
    heartbeat = started(1000, 500)
    assert heartbeat.wake(999) is None


def test_a_late_timer_gives_another_chance_once():
    """The tab was hidden, or the machine slept: messages may wait behind the timer."""
    heartbeat = started(1000, 500)
    heartbeat.wake(1000)
    woke = 1500 + LATE + 1
    assert heartbeat.wake(woke) == PING
    assert heartbeat.due() == woke + 500 and heartbeat.wake(woke + 499) is None
    assert heartbeat.wake(woke + 500 + 60_000) == DEAD


def test_a_timer_that_is_hardly_late_gives_none():
    heartbeat = started(1000, 500)
    heartbeat.wake(1000)
    assert heartbeat.wake(1500 + LATE) == DEAD


def test_each_connection_has_its_other_chance():
    heartbeat = started(1000, 500)
    heartbeat.wake(1000)
    heartbeat.wake(60_000)
    heartbeat.start(100_000)
    assert heartbeat.wake(101_000) == PING
    assert heartbeat.wake(101_500 + LATE + 1) == PING


def test_after_the_other_chance_all_is_well_again():
    heartbeat = started(1000, 500)
    heartbeat.wake(1000)
    heartbeat.wake(60_000)
    heartbeat.heard(60_100)
    assert heartbeat.wake(heartbeat.due()) == PING
    assert heartbeat.wake(heartbeat.due() + 60_000) == PING


def test_a_probe_pings_at_once():
    heartbeat = started(30_000, 500)
    heartbeat.probe(100)
    assert heartbeat.due() == 100 and heartbeat.wake(100) == PING
    nothing = started()
    nothing.probe(100)
    assert nothing.due() is None


def test_a_server_that_sends_the_heartbeat_may_be_silent_for_twice_its_interval():
    heartbeat = started(expected=1000)
    heartbeat.heard(1500)
    assert heartbeat.due() == 3500
    assert heartbeat.wake(3499) is None
    assert heartbeat.wake(3500) == DEAD


def test_a_late_timer_gives_a_silent_server_another_chance():
    heartbeat = started(expected=1000)
    assert heartbeat.wake(60_000) is None
    assert heartbeat.due() == 61_000 and heartbeat.wake(60_999) is None
    assert heartbeat.wake(61_000) == DEAD


def test_stopped_it_is_silent():
    heartbeat = started(1000, 500)
    heartbeat.stop()
    assert heartbeat.due() is None and heartbeat.wake(5000) is None


def test_with_pings_both_ways_the_earlier_deadline_counts():
    """A server that answers no ping is as dead as one that sends none."""
    heartbeat = started(1000, 300, expected=1000)
    assert heartbeat.wake(1000) == PING
    assert heartbeat.due() == 1300 and heartbeat.wake(1300) == DEAD
    heartbeat = started(1000, 5000, expected=600)
    assert heartbeat.wake(1000) == PING
    assert heartbeat.due() == 1200 and heartbeat.wake(1200) == DEAD


def test_a_message_moves_both_deadlines():
    heartbeat = started(1000, 300, expected=1000)
    heartbeat.wake(1000)
    heartbeat.heard(1100)
    assert heartbeat.wake(1300) is None
    assert heartbeat.wake(2000) == PING
    assert heartbeat.wake(2300) == DEAD
