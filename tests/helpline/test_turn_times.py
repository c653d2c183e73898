"""How long turns took, written together."""

from datetime import timedelta

import pytest

from helpline.running.turn_times import TurnTimes
from helpline.store import Unavailable


def test_what_is_owed_is_written_together_and_once():
    written = []
    times = TurnTimes(written.append)
    for milliseconds in (5, 5, 30):
        times.note("sms", timedelta(milliseconds=milliseconds))
    times.flush()
    times.end()
    assert written == [
        {"turn_seconds|sms|0.01": 2, "turn_seconds|sms|0.05": 1, "turn_seconds|sms|sum": pytest.approx(0.04)}
    ]


def test_a_process_that_ends_writes_what_it_owes():
    written = []
    times = TurnTimes(written.append)
    times.note("voice", timedelta(seconds=1))
    times.end()
    assert written == [{"turn_seconds|voice|1": 1, "turn_seconds|voice|sum": 1.0}]


def test_an_end_without_redis_is_no_fault_and_nothing_is_tried_after_it():
    tried = []

    def write(_):
        tried.append(1)
        raise Unavailable("Redis: gone")

    times = TurnTimes(write)
    times.note("sms", timedelta(seconds=1))
    times.end()
    times.flush()
    assert tried == [1]
