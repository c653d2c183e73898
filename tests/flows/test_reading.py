from hypothesis import given
from hypothesis import strategies as st

from flows.nodes import Choice
from flows.reading import Reader, guess, near, plain, says, wholly
from tests.flows.builders import ENGLISH, SPANISH

BOTH = (ENGLISH, SPANISH)
YES = Choice(("1",), "a", {"en": ("yes", "yes i do"), "es": ("sí", "claro que sí")}, value=1)
NO = Choice(("2", "0"), "b", {"en": ("no", "i don't"), "es": ("no",)}, value=0)
HELP = Choice(("3",), "c", {"en": ("get help", "treatment")}, value=3)
TALK = Choice(("4",), "d", {"en": ("tall ships", "small ships")}, value=4)
CHOICES = (YES, NO, HELP, TALK)


def read(text, *, several=False):
    return [choice.keys[0] for choice in Reader(CHOICES, BOTH, several).read(text)]


def test_digits_words_for_numbers_and_words_are_read():
    for text in (
        "1",
        " 1. ",
        "#1",
        "one",
        "One please",
        "option 1",
        "YES",
        "yes!",
        "yess",
        "Sí",
        "si",
        "uno por favor",
    ):
        assert read(text) in (["1"], []), text
    for text in ("1", "1.", "one", "option one please", "yes", "Sí", "si", "uno por favor", "Claro que si"):
        assert read(text) == ["1"], text


def test_any_key_of_a_choice_counts():
    assert read("0") == read("2") == ["2"]


def test_apostrophes_do_not_matter():
    assert read("I don't") == read("i dont") == read("I don\u2019t") == ["2"]


def test_typing_errors_are_read_where_only_one_choice_is_near():
    assert read("get hlep") == read("treatmnt") == read("traetmentt") == ["3"]
    assert read("tall shps") == ["4"]


def test_a_word_as_near_to_two_choices_is_not_understood():
    beer, bear = Choice(("1",), "a", {"en": ("beer",)}), Choice(("2",), "b", {"en": ("bear",)})
    assert Reader((beer, bear), BOTH).read("beir") == ()
    assert Reader((beer, bear), BOTH).read("beerr") == (beer,)


def test_short_words_are_never_corrected():
    assert read("nu") == []
    assert read("yep") == []


def test_a_bouncing_key_is_one_answer():
    assert read("11") == ["1"]


def test_two_answers_to_one_question_are_not_understood():
    assert read("1 and 2") == []
    assert read("12") == []


def test_several_answers_are_read_where_several_are_asked():
    for text in ("1 and 3", "13", "1,3", "1 3", "one and three", "yes and get help", "3 and 1", "1 y 3"):
        assert read(text, several=True) == ["1", "3"], text


def test_one_unknown_number_spoils_the_answer():
    assert read("17", several=True) == []
    assert read("1 and 7", several=True) == []
    assert read("yes and elephants", several=True) == []
    assert read("9", several=True) == []


def test_none_beside_something_is_something():
    assert read("0 and 3", several=True) == ["3"]
    assert read("no and treatment", several=True) == ["3"]
    assert read("0", several=True) == ["2"]


def test_a_number_may_come_with_the_words_of_its_choice():
    assert read("3 get help") == ["3"]
    assert read("3 elephants") == []
    assert read("3 yes") == []
    assert read("9 get help") == []


def test_a_short_tail_does_not_hide_the_answer():
    assert read("no not really") == ["2"]
    assert read("yes right now") == ["1"]


def test_a_tail_that_turns_or_names_something_else_is_not_understood():
    for text in ("no but yes", "no but sometimes", "yes no", "no 1", "no not that i know of really"):
        assert read(text) == [], text


def test_politeness_alone_is_no_answer():
    assert read("please") == []
    assert read("") == []


def test_words_are_whole_answers():
    assert says(wholly("Menu please!", BOTH), {"en": ("menu",)})
    assert says(wholly("mennu", BOTH), {"en": ("menu",)})
    assert not says(wholly("what is on the menu", BOTH), {"en": ("menu",)})
    assert not says(wholly("...", BOTH), {"en": ("menu",)})


def test_plain_text_has_no_accents_case_or_invisible_letters():
    assert plain("  ¿Qué\u200b  ES,  \uff21\uff22?_") == "que es ab"


def test_digits_are_never_corrected():
    assert not near("1234", "1235")
    assert near("1234", "1234")


def test_a_language_is_guessed_only_from_two_of_its_words():
    assert guess("hola que tal", BOTH, "en") == "es"
    assert guess("hola", BOTH, "en") is None
    assert guess("hola que tal", BOTH, "es") is None
    assert guess("what is que se", BOTH, "en") is None


@given(st.text(max_size=200), st.booleans())
def test_reading_never_fails_and_only_gives_choices_of_the_question(text, several):
    chosen = Reader(CHOICES, BOTH, several).read(text)
    assert set(map(id, chosen)) <= set(map(id, CHOICES))
    assert several or len(chosen) <= 1
