"""What may make a danger phrase mean less: a negation, a date long past, a question, a figure of speech, being well.

Each is a mask over the places where a phrase may begin, made once per message. Softening works inside one sentence.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from flows.safety.lexicon import Lexicon
from flows.safety.phrases import Phrase, View, Word
from flows.safety.spelling import BREAK

_NEGATION_REACH = 4
_OTHER_REACH = 6
_PAST_REACH = 6
_ASKED_REACH = 10


class Force(IntEnum):
    """How much a phrase counts, from a figure of speech to plainly meant."""

    FIGURE = 0
    SETTLED = 1
    DOUBTFUL = 2
    PAST = 3
    PLAIN = 4


@dataclass(frozen=True, slots=True)
class Softeners:
    """Masks over one message: bit b is set where a phrase beginning before word b is softened so."""

    figure: int
    settled: int
    doubtful: int
    past: int
    other: int
    other_words: int

    def force(self, phrase: Phrase, view: View) -> Force:
        """Give the force of the plainest place where the phrase stands; it stands somewhere."""
        begin = view.anywhere
        over = self.figure | self.settled
        for force, soft, ended in (
            (Force.PLAIN, over | self.doubtful | self.past, over),
            (Force.PAST, over | self.doubtful, over),
            (Force.DOUBTFUL, over, over),
            (Force.SETTLED, self.figure, self.figure),
        ):
            if phrase.advance(begin & ~soft, view) & ~(ended << 1):
                return force
        return Force.FIGURE

    def of_other(self, phrase: Phrase, view: View) -> bool:
        """Tell whether every place where the phrase stands is about somebody else."""
        return not phrase.advance(view.anywhere & ~self.other, view) & ~(self.other_words << 1)


def softeners(view: View, lexicon: Lexicon) -> Softeners:
    """Give the masks for one message."""
    past = _past(view, lexicon)
    return Softeners(
        figure=_covered(lexicon.phrases["idioms"], view),
        settled=_covered(lexicon.phrases["settled"], view) | (past if _are_well(view, lexicon) else 0),
        doubtful=_negated(view, lexicon) | _asked(view, lexicon),
        past=past,
        other=_others(view, lexicon),
        other_words=view.places[lexicon.words["reflexives"]],
    )


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _covered(phrases: tuple[Phrase, ...], view: View) -> int:
    """Give the words that stand inside any of the phrases."""
    covered = 0
    for phrase in phrases:
        if not phrase.advance(view.anywhere, view):
            continue
        first = phrase.nodes[0]
        begin = view.places[first.words] if isinstance(first, Word) else view.anywhere
        for place in _bits(begin):
            ends = phrase.advance(1 << place, view)
            if ends:
                covered |= (1 << (ends.bit_length() - 1)) - (1 << place)
    return covered


def _spread(mask: int, view: View, breaks: int, *, back: int, ahead: int) -> int:
    """Widen a mask by some words to both sides, never over the end of a sentence."""
    whole = view.anywhere & ~breaks
    left = right = mask
    for _ in range(back):
        left |= (left >> 1) & whole
    for _ in range(ahead):
        right |= (right << 1) & whole
    return left | right


def _negated(view: View, lexicon: Lexicon) -> int:
    negators = view.places[lexicon.words["negators"]]
    if not negators:
        return 0
    negators &= ~_covered(lexicon.phrases["not_negating"], view)
    people = view.places[lexicon.words["subjects"]] | view.places[lexicon.words["others"]]
    turns = view.places[lexicon.words["turns"]] | view.places[lexicon.words[BREAK]]
    doubted = 0
    for phrase in lexicon.phrases["doubted"]:
        doubted |= phrase.advance(view.anywhere, view)
    return _reached(negators << 1, view, people | turns) | doubted | _reached((doubted & people) << 1, view, turns)


def _reached(begin: int, view: View, stops: int) -> int:
    """Give every place within reach after some places, up to a word that stops it."""
    reached = begin & view.anywhere
    for _ in range(_NEGATION_REACH - 1):
        reached |= ((reached & ~stops) << 1) & view.anywhere
    return reached


def _asked(view: View, lexicon: Lexicon) -> int:
    cues = _covered(lexicon.phrases["asked"], view)
    return _spread(cues, view, view.places[lexicon.words[BREAK]], back=0, ahead=_ASKED_REACH)


def _past(view: View, lexicon: Lexicon) -> int:
    cues = _covered(lexicon.phrases["past"], view)
    if not cues:
        return 0
    breaks = view.places[lexicon.words[BREAK]]
    present = _covered(lexicon.phrases["now"], view) & ~_covered(lexicon.phrases["well"], view)
    now = _spread(present, view, breaks, back=view.count, ahead=view.count)
    return _spread(cues, view, breaks, back=_PAST_REACH, ahead=_PAST_REACH) & ~now


def _are_well(view: View, lexicon: Lexicon) -> bool:
    """Whether the message says that its writer is well now."""
    return any(phrase.advance(view.anywhere, view) for phrase in lexicon.phrases["well"])


def _others(view: View, lexicon: Lexicon) -> int:
    """Give the places that the nearest person before them makes somebody else's."""
    firsts = view.places[lexicon.words["subjects"]] | view.places[lexicon.words[BREAK]]
    reach = view.places[lexicon.words["others"]]
    others = reach
    for _ in range(_OTHER_REACH):
        reach = (reach << 1) & view.anywhere
        others |= reach
        reach &= ~firsts
    return others
