"""The danger check on one message: total, deterministic, the same for a text and a transcript."""

from dataclasses import replace
from functools import lru_cache
from typing import assert_never

from flows.safety.dangers import NEVER_SILENCED, Danger, Hit, Screening
from flows.safety.lexicon import Entry, Lexicon
from flows.safety.phrases import View, view_of
from flows.safety.softening import Force, Softeners, softeners
from flows.safety.spelling import words_of
from flows.urgency import Urgency

_ORDER = {danger: place for place, danger in enumerate(Danger)}
_ADDED_UP = "distress_adds_up"
_ENOUGH = 5
_LONG = 40  # words; beyond, one kind of sign more is wanted for each `_PER_MORE` words
_PER_MORE = 30
_AT_LENGTH = 60  # words; in so many, people who are in no danger sound desperate too (docs/safety.md has the figures)


ASKED_AGAIN = 32
"""Messages kept with what was found in them: most answers are the same few keys, and a turn asks three things."""


@lru_cache(maxsize=ASKED_AGAIN)
def prepare(text: str, lexicon: Lexicon) -> View:
    """Give the message as a view that every phrase of the lexicon can be matched on."""
    words = words_of(text, lexicon.spelling)
    return view_of(words, lexicon.sets_of, lexicon.set_count, lexicon.words["negators"])


@lru_cache(maxsize=ASKED_AGAIN)
def screen(text: str, lexicon: Lexicon) -> Screening:
    """Give every danger heard in a message, its level, and the script to send first; never raises."""
    view = prepare(text, lexicon)
    standing = lexicon.heard_by.standing(view)
    heard = [entry for place, entry in enumerate(lexicon.entries) if place in standing and _together(entry, view)]
    if not heard:
        return Screening((), Urgency.ROUTINE, None, ask=False)
    soft = softeners(view, lexicon)
    graded = [(entry, *_graded(entry, view, soft)) for entry in heard]
    found = (*(hit for _, _, hit in graded), *_added_up([(e, force) for e, force, _ in graded], view.count))
    kept = _asked_instead(found) if _distress_at_length(found, view.count) else found
    hits = tuple(sorted(kept, key=lambda hit: (-hit.urgency, _ORDER[hit.danger])))  # the gravest first
    urgency = max(hit.urgency for hit in hits)
    ask = kept is not found or any(_asks(entry, force) for entry, force, _ in graded)
    ask = ask and urgency < Urgency.EMERGENCY
    tongues = {entry.language for entry, _, hit in graded if hit.urgency > Urgency.ROUTINE}
    language = tongues.pop() if len(tongues) == 1 else ""
    return Screening(hits, urgency, _script(hits, lexicon), ask=ask, language=language)


def _together(entry: Entry, view: View) -> bool:
    return all(any(phrase.advance(view.anywhere, view) for phrase in phrases) for phrases in entry.together)


def _graded(entry: Entry, view: View, soft: Softeners) -> tuple[Force, Hit]:
    """Grade an entry by the plainest of its phrases."""
    standing = [phrase for phrase in entry.phrases if phrase.advance(view.anywhere, view)]
    force = max(soft.force(phrase, view) for phrase in standing)
    other = all(soft.of_other(phrase, view) for phrase in standing)
    hit = Hit(entry.danger, _level(entry, force), entry.id, other, softened=force < Force.PLAIN)
    return force, hit


def _level(entry: Entry, force: Force) -> Urgency:
    floor = Urgency.URGENT if entry.danger in NEVER_SILENCED else Urgency.ROUTINE
    match force:
        case Force.PLAIN:
            return entry.level
        case Force.PAST:
            return min(entry.level, Urgency.URGENT)
        case Force.DOUBTFUL:
            return max(floor, Urgency(max(entry.level - 1, Urgency.ROUTINE)))
        case Force.SETTLED:
            return min(entry.level, Urgency.SOON)
        case Force.FIGURE:
            return Urgency.ROUTINE
        case _:
            assert_never(force)


def _pages(hit: Hit) -> bool:
    return hit.urgency >= Urgency.URGENT


def _distress_at_length(found: tuple[Hit, ...], words: int) -> bool:
    """Whether somebody tells at length of distress and of no harm: they are asked about danger, and called soon."""
    grave = [hit.danger for hit in found if _pages(hit)]
    return words > _AT_LENGTH and bool(grave) and set(grave) == {Danger.DISTRESS}


def _asked_instead(found: tuple[Hit, ...]) -> tuple[Hit, ...]:
    return tuple(replace(hit, urgency=Urgency.SOON, softened=True) if _pages(hit) else hit for hit in found)


def _asks(entry: Entry, force: Force) -> bool:
    doubted = force is Force.DOUBTFUL and entry.level > Urgency.ROUTINE
    joked = force is Force.FIGURE and entry.danger in NEVER_SILENCED
    return doubted or joked or (entry.ask and force > Force.SETTLED)


def _added_up(graded: list[tuple[Entry, Force]], words: int) -> tuple[Hit, ...]:
    """Signs too weak alone are urgent together, each kind counted once: two said plainly, or one and three in passing.

    In passing alone it takes five, and more in a long text, where such words come together by chance.
    """
    more = max(0, words - _LONG) // _PER_MORE
    meant = [entry for entry, force in graded if entry.adds_up and force >= Force.PAST]
    plainly = {entry.adds_up for entry in meant if entry.level > Urgency.ROUTINE}
    in_passing = {entry.adds_up for entry in meant} - plainly
    if len(plainly) < 2 + more and 2 * len(plainly) + len(in_passing) < _ENOUGH + more:
        return ()
    return (Hit(Danger.DISTRESS, Urgency.URGENT, _ADDED_UP, other_person=False, softened=False),)


def _script(hits: tuple[Hit, ...], lexicon: Lexicon) -> str | None:
    """Unclear distress has no script: it is answered by asking."""
    scripted = [hit for hit in hits if hit.urgency > _least_scripted(hit.danger)]
    if not scripted:
        return None
    return lexicon.scripts.get(min(scripted, key=lambda hit: (-hit.urgency, _ORDER[hit.danger])).danger)


def _least_scripted(danger: Danger) -> Urgency:
    return Urgency.SOON if danger is Danger.DISTRESS else Urgency.ROUTINE
