"""The index leaves out only phrases that cannot match."""

from hypothesis import given
from hypothesis import strategies as st

from config.lexicon import load_lexicon
from flows.safety.screening import prepare
from tests.flows.builders import a_lexicon
from tests.flows.safety.conftest import CONTENT

LEXICON = load_lexicon(CONTENT)
SMALL = a_lexicon()
WORDS = sorted(word for word in LEXICON.sets_of if word.isalpha())


def plainly(view, lexicon):
    return {
        place
        for place, entry in enumerate(lexicon.entries)
        if any(phrase.advance(view.anywhere, view) for phrase in entry.phrases)
    }


@given(st.lists(st.sampled_from(WORDS), max_size=25))
def test_what_the_index_hears_is_what_looking_at_every_phrase_hears(words):
    view = prepare(" ".join(words), LEXICON)
    assert LEXICON.heard_by.standing(view) == plainly(view, LEXICON)


@given(st.text(max_size=60))
def test_any_text_is_heard_the_same_with_and_without_the_index(text):
    for lexicon in (LEXICON, SMALL):
        view = prepare(text, lexicon)
        assert lexicon.heard_by.standing(view) == plainly(view, lexicon)
