"""The answers kept of a conversation's last events."""

from datetime import UTC, datetime, timedelta

from hypothesis import given as for_all
from hypothesis import strategies as some

from helpline.store.answers import MOST, OF_CALLS, OF_TEXTS, given, row, with_one_more

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
DAY = timedelta(hours=24)


def kept(count, whole=OF_TEXTS, apart=timedelta(seconds=20)):
    rows = []
    for n in range(count):
        rows = with_one_more(rows, row(f"SM{n}", NOW + n * apart, f"answer {n}"), whole, DAY)
    return rows


def test_an_event_of_the_last_ones_gets_the_very_answer_it_got():
    rows = kept(10)
    assert [given(rows, f"SM{n}") for n in range(10 - OF_TEXTS, 10)] == [
        f"answer {n}" for n in range(10 - OF_TEXTS, 10)
    ]


def test_an_older_event_is_known_all_the_same_and_gets_the_newest_answer():
    rows = kept(10)
    assert {given(rows, f"SM{n}") for n in range(10 - OF_TEXTS)} == {"answer 9"}


def test_an_event_that_never_came_has_no_answer():
    assert given(kept(10), "SM10") is None
    assert given((), "SM0") is None


def test_an_older_question_of_a_call_is_answered_with_the_document_the_call_is_at_now():
    assert given(kept(3, whole=OF_CALLS), "SM1") == "answer 2"


def test_what_is_older_than_a_day_is_forgotten():
    rows = kept(3, apart=timedelta(hours=13))
    assert [given(rows, f"SM{n}") for n in range(3)] == [None, "answer 1", "answer 2"]


@for_all(some.integers(min_value=1, max_value=3 * MOST))
def test_the_record_stays_small_however_much_is_written(count):
    rows = kept(count)
    assert len(rows) == min(count, MOST)
    assert sum(len(one) > 2 for one in rows) == min(count, OF_TEXTS)
    assert given(rows, f"SM{count - 1}") == f"answer {count - 1}"
