"""Proofs that content can go live: no caller can be stranded, no text missing, too long or too hard, no date over."""

from collections.abc import Iterator
from datetime import date

from flows.fault import Fault
from flows.loaded import LoadedContent, Part, Vetted
from flows.review_conduct import conduct_faults
from flows.review_graph import graph_faults
from flows.review_texts import text_faults
from flows.review_words import word_faults


def review(loaded: LoadedContent, today: date) -> tuple[Fault, ...]:
    """Everything wrong with the content, in the order of its files; empty when it can go live."""
    proofs = (graph_faults, conduct_faults, text_faults, word_faults)
    found = (*(fault for proof in proofs for fault in proof(loaded)), *_date_faults(loaded, today))
    return tuple(sorted(set(found)))


def _date_faults(loaded: LoadedContent, today: date) -> Iterator[Fault]:
    """Dates do not block: a line that stops because a number was not checked again helps nobody."""
    for name, number in loaded.catalogue.numbers.items():
        place = loaded.place(Part.NUMBER, name)
        if number.expires_on <= today:
            mend = f"{number.owner}: call it, then set checked_on to today and expires_on to the next check"
            yield Fault(
                place.file, place.line, f"the number {name} was to be checked by {number.expires_on}", mend, False
            )
    for one in loaded.vetted:
        yield from _vetted_faults(loaded, one, today)


def _vetted_faults(loaded: LoadedContent, one: Vetted, today: date) -> Iterator[Fault]:
    place = loaded.place(one.part, one.id)
    if one.expires_on <= today:
        what = f"the review of {one.id} ran out on {one.expires_on}"
        yield Fault(place.file, place.line, what, "Compare it with its sources, then set both dates", False)
    if one.reviewed_on > today:
        what = f"the review of {one.id} is dated {one.reviewed_on}, which is still to come"
        yield Fault(place.file, place.line, what, "Set reviewed_on to the day it was reviewed", False)
