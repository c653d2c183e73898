"""Case codes."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.codes import code_of, is_code

SHORT = (8 * 17) ** 2


def test_all_short_codes_are_given_once_before_longer_ones():
    codes = {code_of(number) for number in range(SHORT)}
    assert len(codes) == SHORT
    assert {len(code) for code in codes} == {4}
    assert len(code_of(SHORT)) == 6


@settings(max_examples=200)
@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_two_cases_never_have_the_same_code(one, other):
    assert (code_of(one) == code_of(other)) is (one == other)


@settings(max_examples=200)
@given(st.integers(0, 10**12))
def test_a_code_is_digit_letter_digit_letter_without_look_alikes(number):
    code = code_of(number)
    assert is_code(code)
    assert not set(code) & set("01BGILOQSUZ")


def test_the_next_code_is_not_near_the_last():
    shared = sum(one[:2] == other[:2] for one, other in pairwise(map(code_of, range(1000))))
    assert shared < 40


def test_a_negative_number_has_no_code():
    with pytest.raises(ValueError, match="start at 0"):
        code_of(-1)


@pytest.mark.parametrize("text", ["", "7F", "7F3", "F737", "7f3k", "7F3O", "1F3K", "7F3K2"])
def test_what_is_not_a_code(text):
    assert not is_code(text)
