from hypothesis import given
from hypothesis import strategies as st

from flows.segments import Encoding, characters_outside_gsm7, encoding_of, segments_of, size_of

GSM = "abcXYZ0189 @£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà\n\r"
EXTENSION = "^{}\\[~]|€\f"


def test_160_gsm_characters_are_one_segment_and_161_are_two():
    assert size_of("a" * 160).segments == 1
    assert size_of("a" * 161).segments == 2
    assert size_of("a" * 306).segments == 2
    assert size_of("a" * 307).segments == 3


def test_70_ucs2_characters_are_one_segment_and_71_are_two():
    assert size_of("\u0430" * 70).segments == 1
    assert size_of("\u0430" * 71).segments == 2
    assert size_of("\u0430" * 134).segments == 2
    assert size_of("\u0430" * 135).segments == 3


def test_one_curly_quote_makes_the_whole_text_ucs2():
    assert encoding_of("can't") is Encoding.GSM_7
    assert encoding_of("can\u2019t") is Encoding.UCS_2
    assert size_of("\u2019" + "a" * 70).segments == 2


def test_spanish_letters_outside_gsm7_are_named_once_each_in_order():
    assert characters_outside_gsm7("¿Señor, él está ahí, así, aún?") == ("á", "í", "ú")


def test_extension_characters_cost_two_places():
    assert size_of("€" * 80).segments == 1
    assert size_of("€" * 81).segments == 2
    assert size_of("[a]").units == 5


def test_an_escaped_pair_is_never_split_between_segments():
    text = "a" * 152 + "€" + "b" * 10
    assert segments_of(text) == ("a" * 152, "€" + "b" * 10)


def test_an_emoji_counts_two_units_and_is_never_split():
    text = "a" * 66 + "😀" + "b" * 10
    assert size_of("😀").units == 2
    assert segments_of(text) == ("a" * 66, "😀" + "b" * 10)


def test_the_greek_capital_delta_is_gsm7_and_the_increment_sign_is_not():
    assert encoding_of("\u0394") is Encoding.GSM_7
    assert encoding_of("\u2206") is Encoding.UCS_2


def test_no_text_costs_nothing():
    assert size_of("").segments == 0


def test_every_character_of_the_alphabet_and_its_extension_is_gsm7():
    assert encoding_of(GSM + EXTENSION) is Encoding.GSM_7


@given(st.text(max_size=700))
def test_segments_joined_again_are_the_text(text: str):
    assert "".join(segments_of(text)) == text


@given(st.text(alphabet=GSM + EXTENSION, max_size=700))
def test_no_gsm7_segment_holds_more_than_its_room(text: str):
    parts = segments_of(text)
    room = 160 if len(parts) == 1 else 153
    assert all(sum(2 if c in EXTENSION else 1 for c in part) <= room for part in parts)
