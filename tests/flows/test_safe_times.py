"""The next time that is safe, by the clock on the wall; and how a caller names the times."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import content
from flows import engine
from flows.events import Answered, Channel, Started, Via
from flows.safe_times import SafeTime, next_safe, read, written
from flows.session import Session
from flows.step import GiveSafeTimes
from tests.flows.builders import of, said

ZONE = "America/New_York"
MORNING, EVENING = SafeTime("08:00", "12:00", ZONE), SafeTime("17:00", "21:00", ZONE)
NIGHT = SafeTime("22:00", "06:00", ZONE)
CLOCKS = st.times().map(lambda at: at.strftime("%H:%M"))
TIMES = st.lists(st.builds(SafeTime, CLOCKS, CLOCKS, st.sampled_from([ZONE, "Europe/Berlin", "UTC"])), max_size=4)
INSTANTS = st.integers(0, 2 * 366 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def local(*when):
    return datetime(*when, tzinfo=ZoneInfo(ZONE))


@pytest.mark.parametrize(
    ("times", "asked", "safe"),
    [
        ((), local(2026, 6, 1, 3), local(2026, 6, 1, 3)),
        ((MORNING,), local(2026, 6, 1, 7, 59), local(2026, 6, 1, 8)),
        ((MORNING,), local(2026, 6, 1, 8), local(2026, 6, 1, 8)),
        ((MORNING,), local(2026, 6, 1, 11, 59), local(2026, 6, 1, 11, 59)),
        ((MORNING,), local(2026, 6, 1, 12), local(2026, 6, 2, 8)),
        ((MORNING, EVENING), local(2026, 6, 1, 12), local(2026, 6, 1, 17)),
        ((NIGHT,), local(2026, 6, 1, 5, 59), local(2026, 6, 1, 5, 59)),
        ((NIGHT,), local(2026, 6, 1, 6), local(2026, 6, 1, 22)),
        ((MORNING,), local(2026, 3, 7, 13), local(2026, 3, 8, 8)),  # the clocks go forward in between
        ((MORNING,), local(2026, 10, 31, 13), local(2026, 11, 1, 8)),  # and back
        ((SafeTime("02:00", "03:00", ZONE),), local(2026, 3, 7, 12), local(2026, 3, 9, 2)),  # a night without that hour
    ],
)
def test_the_next_safe_time_is_told_by_the_wall_clock(times, asked, safe):
    assert next_safe(times, asked.astimezone(UTC)) == safe


@given(TIMES, INSTANTS)
def test_it_is_never_before_it_is_asked_for_never_far_and_always_inside_one_of_the_times(times, at):
    times = tuple(times)
    safe = next_safe(times, at)
    assert at <= safe <= at + timedelta(days=3)
    assert next_safe(times, safe) == safe


@given(TIMES)
def test_times_go_through_a_memory_unharmed(times):
    assert read(written(times)) == tuple(times)


# --- named by the caller, in the shipped content ----------------------------------------------------------------------


def answers(channel, *given, language="en"):
    """A caller who gives these answers one after the other; gives the last step."""
    flow = content.load().flow
    at = datetime(2026, 11, 23, 3, tzinfo=UTC)
    session = engine.begin(flow, id="s", caller_key="k", channel=channel, language=language, at=at)
    via = Via.TEXT if channel is Channel.SMS else Via.KEYS
    step = engine.step(flow, session, Started("s", at) if channel is Channel.VOICE else Answered("s", at, "hi", via))
    for count, text in enumerate(given):
        step = engine.step(flow, Session.from_json(step.session.to_json()), Answered(f"e{count}", at, text, via))
    return step


TO_WHEN = ("1", "4", "2", "5", "4", "6", "1", "1")  # nothing urgent; help is wanted; calls and voicemail are safe


@pytest.mark.parametrize("channel", list(Channel))
@pytest.mark.parametrize(
    ("key", "names"),
    [("1", ()), ("2", ("morning",)), ("3", ("afternoon",)), ("4", ("evening",)), ("24", ("morning", "evening"))],
)
def test_one_or_several_keys_name_the_times(channel, key, names):
    asked = answers(channel, *TO_WHEN)
    assert said(asked) == ["contact_times"]
    step = answers(channel, *TO_WHEN, key)
    (given_,) = of(step, GiveSafeTimes)
    assert given_.names == names
    assert [one.opens for one in given_.times] == [
        {"morning": "08:00", "afternoon": "12:00", "evening": "17:00"}[n] for n in names
    ]
    assert said(step) == ["wait_routine"]


@pytest.mark.parametrize(
    ("words", "names", "language"), [("in the evening", ("evening",), "en"), ("por la noche", ("evening",), "es")]
)
def test_words_name_them_too(words, names, language):
    (given_,) = of(answers(Channel.SMS, *TO_WHEN, words, language=language), GiveSafeTimes)
    assert given_.names == names


def test_after_violence_it_is_asked_even_though_it_is_urgent():
    step = answers(Channel.SMS, "1", "3", "1")
    assert said(step) == ["contact_times"]
    (given_,) = of(answers(Channel.SMS, "1", "3", "1", "2"), GiveSafeTimes)
    assert given_.names == ("morning",)


def test_who_is_urgent_is_not_kept_with_one_question_more():
    assert said(answers(Channel.SMS, "1", "4", "2", "5", "2", "6", "1"))[-1] == "wait_now"
