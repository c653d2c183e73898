"""Storms: many due pages become few messages, one for each staff member, while every case keeps its own owner."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from flows.case import Case
from flows.pages import Page, Purpose
from flows.roster import Contact, StaffId

MOST_SHOWN: Final = 10
"""Codes with their levels that fit into a text of two segments; the rest is counted and found with LIST."""

Due = tuple[Case, Page]


@dataclass(frozen=True, slots=True)
class Folded:
    """One message or call. It carries all `pages`; `shown` are the cases to name, `more` counts those left out."""

    staff_id: StaffId
    channel: Contact
    pages: tuple[Page, ...]
    shown: tuple[Case, ...]
    more: int = 0


def fold(due: Iterable[Due], *, ringing: frozenset[StaffId] = frozenset()) -> tuple[Folded, ...]:
    """The messages and calls for these due pages, newest danger first.

    All texts to one person become one. Calls do not: each is about one case, so that stopping it stops nothing else.
    A person has one call at a time; whoever's phone is `ringing` gets none. A page in none of the messages stays due
    and comes again with the next plan.
    """
    ours = sorted((one for one in due if one[1].purpose is Purpose.PAGE), key=lambda one: _first(one[0]))
    by_person = sorted(ours, key=_person)
    folded = (_folded(list(group)) for _, group in groupby(by_person, key=_person))
    wanted = (one for one in folded if one.channel is Contact.SMS or one.staff_id not in ringing)
    return tuple(sorted(wanted, key=lambda one: _first(one.shown[0])))


def _folded(due: list[Due]) -> Folded:
    case, page = due[0]
    if page.channel is Contact.CALL:
        return Folded(page.staff_id, page.channel, (page,), (case,))
    cases = tuple({one.id: one for one, _ in due}.values())
    pages = tuple(one for _, one in due)
    return Folded(page.staff_id, page.channel, pages, cases[:MOST_SHOWN], max(0, len(cases) - MOST_SHOWN))


def _person(due: Due) -> tuple[StaffId, Contact]:
    return due[1].staff_id, due[1].channel


def _first(case: Case) -> tuple[int, float]:
    """Greater danger before lesser, and of the same danger the newest caller, who is the likeliest still there."""
    return -case.urgency, -case.opened_at.timestamp()
