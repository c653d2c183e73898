"""How hard a text is to read."""

import pytest

from flows.reading_grade import english_grade, english_syllables, spanish_ease, spanish_syllables, too_hard

HARD = "Buprenorphine administration necessitates comprehensive institutional supervision of contraindicated comorbidities."
DIFICIL = (
    "La administración institucional de medicamentos psicofarmacológicos contraindicados requiere supervisión "
    "multidisciplinaria exhaustiva, considerando individualmente las características farmacocinéticas y las "
    "interacciones potencialmente peligrosas."
)


@pytest.mark.parametrize(("word", "count"), [("call", 1), ("help", 1), ("emergency", 4), ("ketamine", 3), ("FDA", 3)])
def test_english_syllables_come_from_the_dictionary(word: str, count: int):
    assert english_syllables(word) == count


@pytest.mark.parametrize(("word", "count"), [("zorbate", 2), ("blimple", 2), ("NMDA", 4), ("xkq", 1)])
def test_syllables_of_words_the_dictionary_lacks_are_guessed(word: str, count: int):
    assert english_syllables(word) == count


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("ayuda", 3),
        ("quiere", 2),
        ("guitarra", 3),
        ("país", 2),
        ("leer", 2),
        ("ciudad", 2),
        ("murió", 2),
        ("día", 2),
        ("muy", 1),
        ("yo", 1),
        ("emergencia", 4),
        ("agua", 2),
        ("shh", 1),
    ],
)
def test_spanish_syllables_are_vowel_groups(word: str, count: int):
    assert spanish_syllables(word) == count


def test_a_plain_sentence_is_easy_and_an_official_one_is_not():
    assert english_grade("Call 911 now. Stay with them. Give Narcan if you have it.") < 2
    assert english_grade(HARD) > 20
    assert spanish_ease("Llame al 911 ahora. No se vaya. Dele Narcan si tiene.") > 80
    assert spanish_ease(DIFICIL) < 20


def test_a_hard_text_is_told_with_its_measure():
    assert "reading grade" in too_hard(HARD, "en-US")
    assert "INFLESZ" in too_hard(DIFICIL, "es-US")


def test_a_few_words_are_no_prose_and_are_not_measured():
    assert too_hard("Institutional administration necessitates supervision.", "en-US") == ""
    assert too_hard("Preguntas, programas, administración.", "es-US") == ""


def test_a_language_without_a_measure_is_not_measured():
    assert too_hard(HARD, "fr-FR") == ""


def test_a_text_of_no_words_has_a_grade():
    assert english_grade("911") < 0
