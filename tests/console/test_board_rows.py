"""The board's order and words, as pure functions."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.case import CaseState, Line, LineKind, NoticeKind
from flows.pages import PageState
from flows.urgency import Urgency
from helpline.console.board_rows import fate, rows
from helpline.console.case_lines import sentence, told
from helpline.console.filters import age
from helpline.console.numbers import masked, typed_number
from tests.flows.escalation.desk import Desk
from tests.flows.escalation.line import ANA, BEN, START, at, new_case

NAMES = {"ana": "Ana", "ben": "Ben", "": "the line", "caller": "the caller"}


def name(who):
    return NAMES.get(who, "somebody")


def unasked(_note):
    """No line of these tests is an answer to the bot."""


@given(st.lists(st.tuples(st.sampled_from(Urgency), st.integers(0, 10_000), st.booleans()), max_size=30))
def test_most_serious_and_longest_waiting_first_and_what_somebody_has_after_it(made):
    cases = [
        replace(
            new_case(), id=str(number), urgency=urgency, opened_at=at(second),
            state=CaseState.CLAIMED if taken else CaseState.PAGING,
        )
        for number, (urgency, second, taken) in enumerate(made)
    ]  # fmt: skip
    shown = rows(cases, ANA, name)
    places = [(not row.waiting, -row.urgency, row.opened_at) for row in shown]
    assert places == sorted(places)
    assert {row.id for row in shown} == {case.id for case in cases}


def test_a_row_says_who_has_it_and_what_was_tried():
    desk = Desk()
    (waiting,) = rows([desk.case], BEN, name)
    assert waiting.loud
    assert "Ana: text delivered" in waiting.attempts
    desk.claims(ANA)
    (taken,) = rows([desk.case], BEN, name)
    assert (taken.owner, taken.mine, taken.loud) == ("Ana", False, False)
    assert rows([desk.case], ANA, name)[0].mine


@pytest.mark.parametrize("state", PageState, ids=str)
def test_every_state_of_a_page_has_words(state):
    page = Desk().case.pages[0]
    assert fate(replace(page, state=state))


@pytest.mark.parametrize("kind", LineKind, ids=str)
def test_every_kind_of_line_reads_as_a_sentence_without_our_own_words(kind):
    detail = {"state": "failed_final", "notice": NoticeKind.TAKEN.value, "text": "Sister is near.", "reason": "danger"}
    said = sentence(Line(START, kind, ANA, detail), name, unasked)
    assert said
    assert "_" not in said


@pytest.mark.parametrize("notice", NoticeKind, ids=str)
def test_every_notice_reads_as_a_sentence(notice):
    said = sentence(Line(START, LineKind.TOLD, ANA, {"notice": notice.value}), name, unasked)
    assert "_" not in said


def test_whoever_may_not_read_gets_no_words_of_the_caller():
    line = Line(START, LineKind.NOTE, "caller", {"text": "planted canary"})
    assert "planted canary" in sentence(line, name, unasked)
    assert "planted canary" not in sentence(line, name, unasked, words=False)


def test_how_a_page_travels_is_left_out_and_how_it_ends_is_not():
    assert not told(Line(START, LineKind.PAGE_STATE, ANA, {"state": "leased"}))
    assert told(Line(START, LineKind.PAGE_STATE, ANA, {"state": "failed_final"}))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h 00 min"), (200_000, "2 d"), (-5, "0 s")],
)
def test_ages_are_short(seconds, said):
    assert age(START, at(seconds)) == said


def test_numbers_are_read_as_people_type_them_and_shown_as_two_digits():
    assert typed_number("(717) 555-0111", "+17175550100") == "+17175550111"
    assert typed_number("0111", "+17175550100") is None
    assert masked("+17175550111").endswith("11")
    assert "0111" not in masked("+17175550111")
