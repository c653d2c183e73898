"""Numbers given to be called back at: ordinary telephones at home, and never one that somebody earns from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.paging.dialable import of_line

GUARD = of_line("+17175550100", ("+17175550199",))


@pytest.mark.parametrize(
    "given_number", ["2025550123", "12025550123", "+12025550123", "(202) 555-0123", "call me at 202 555 0123"]
)
def test_an_ordinary_number_is_read_however_it_is_given(given_number):
    assert GUARD.number(given_number) == "+12025550123"


@pytest.mark.parametrize(
    "number",
    [
        "9005550123", "8005550123", "911", "988", "12345", "555", "", "0", "##*", "*67", "anonymous",
        "+18765550123", "+18095550123", "+14415550123", "+447911123456", "011447911123456", "+88213123456",
        "7175550100", "+17175550199", "1" * 60, "2025550123 ext 45", "２０２", "202555012", "20255501234567",
    ],
)  # fmt: skip
def test_premium_foreign_short_own_and_broken_numbers_are_never_called(number):
    assert GUARD.number(number) == ""


def test_another_country_s_line_calls_its_own_country():
    assert of_line("+442079460000").number("020 7946 0958") == "+442079460958"
    assert of_line("+442079460000").number("+12025550123") == ""


@given(st.text(max_size=60))
def test_whatever_is_given_gives_a_number_at_home_or_nothing(text):
    number = GUARD.number(text)
    assert number == "" or (number.startswith("+1") and len(number) == 12)
