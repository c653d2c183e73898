"""How phrases are written, and what their authors are told when one cannot be read: everything at once, with its place."""

import pytest

from flows.safety import Danger, EntrySource, LexiconError, screen
from flows.urgency import Urgency
from tests.flows.safety.conftest import small


def entry(*say: str, **more: object) -> EntrySource:
    return EntrySource("one", Danger.OVERDOSE, Urgency.EMERGENCY, say, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("phrase", "told"),
    [
        ("sinking]", "']' without its opening '['"),
        ("sink|ing", "'|' without its opening '['"),
        ("[sinking", "'[' without its closing ']'"),
        ("[boat|] sinking", "an empty wording"),
        ("~2 ^", "no word in it"),
        ("boat > sinking", "a stray '<' or '>'"),
        ("? sinking", "'?' with nothing before it"),
        ("boat !", "ends with '!'"),
        ("boat ![is sinking|leaks]", "only single words can be ruled out"),
        ("<boats> sinking", "names the family <boats>, which does not exist"),
        ("cant? sink", "several words; put them in [ ]"),
    ],
)
def test_a_phrase_that_cannot_be_read_is_named_with_what_is_wrong(phrase: str, told: str) -> None:
    with pytest.raises(LexiconError) as raised:
        small(entry(phrase), expansions={"cant": ("can", "not")})
    (fault,) = raised.value.faults
    assert told in fault.what
    assert fault.where == ("entries", "one", "say", 0)
    assert told in str(raised.value)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(LexiconError) as raised:
        small(entry("[a", "b]", together=(("c|d",),)))
    assert [fault.where for fault in raised.value.faults] == [
        ("entries", "one", "together", 0, 0), ("entries", "one", "say", 0), ("entries", "one", "say", 1),
    ]  # fmt: skip


def test_a_family_that_names_itself_is_a_fault() -> None:
    with pytest.raises(LexiconError, match="inside itself"):
        small(entry("<ship>"), families={"ship": ("boat", "<vessel>"), "vessel": ("<ship>",)})


def test_a_phrase_that_needs_a_filler_can_never_match_and_is_a_fault() -> None:
    with pytest.raises(LexiconError, match="is a filler"):
        small(entry("really sinking"), fillers=frozenset({"really"}))


@pytest.mark.parametrize(
    ("phrase", "heard", "unheard"),
    [
        ("[boat|ship] sinking", "the ship sinking", "the raft sinking"),
        ("[big boat|ship] sinking", "a big boat sinking", "a boat sinking"),
        ("boat ~1 sinking", "boat is sinking", "boat is slowly sinking"),
        ("boat [is]? sinking", "boat sinking", "boat was sinking"),
        ("sinking !feeling", "sinking fast", "sinking feeling"),
        ("sinking ![feeling|[ship|boat]]", "sinking fast", "sinking boat"),
        ("^ sinking", "oh. sinking", "it is sinking"),
        ("sinking $", "it is sinking. help", "sinking fast"),
        ("[[boat|big ship]|raft] sinking", "big ship sinking", "ship sinking"),
    ],
)
def test_what_a_sign_of_the_grammar_means(phrase: str, heard: str, unheard: str) -> None:
    lexicon = small(entry(phrase))
    assert screen(heard, lexicon).urgency is Urgency.EMERGENCY
    assert screen(unheard, lexicon).urgency is Urgency.ROUTINE


def test_entries_of_one_language_tell_it_and_of_two_do_not() -> None:
    spanish = EntrySource("es", Danger.POISON, Urgency.URGENT, ("barco",), language="es")
    lexicon = small(entry("boat"), spanish)
    assert screen("el barco", lexicon).language == "es"
    assert screen("boat barco", lexicon).language == ""
    assert screen("boat", lexicon).language == ""
    assert screen("nothing", lexicon).language == ""
