"""What somebody hears who holds for a human: only what is true, said when it is news, and music between.

Saying the same thing every few seconds is worse than silence (a known complaint of callers and staff alike): a truth is
said when it changes, and again after a while.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from statistics import median

from flows.case import Case, CaseState
from flows.urgency import Urgency

AGAIN_AFTER_ROUNDS = 4
"""Rounds of music until the same is said again: with half a minute of music, about two minutes."""

ENOUGH_WAITS = 5
"""Waits that must be known before one is called typical."""


@dataclass(frozen=True, slots=True)
class Told:
    """What this caller has been told in this call: the truth as one word, and how many rounds of music ago."""

    truth: str = ""
    rounds: int = 0


@dataclass(frozen=True, slots=True)
class Round:
    """One round on hold: the messages before the music, what they may say, and what is known afterwards."""

    messages: tuple[str, ...]
    params: dict[str, str]
    told: Told


def next_round(
    case: Case, told: Told, *, place: int, minutes: int | None, now: datetime, own: tuple[str, ...] = ()
) -> Round:
    """What is said now: everything when something is new, the safety message in its turn, else nothing.

    `place` is where the caller stands among those who hold, `minutes` the typical wait; None: not known. `own` is what
    the place in the conversation has to say about its own keys.
    """
    standing, is_long = _standing(case), _long(case, now)
    truth = f"{standing}.{len(case.tried)}.{place}.{int(is_long)}"
    params = {"place": str(place), "minutes": str(minutes or "")}
    if truth == told.truth and told.rounds < AGAIN_AFTER_ROUNDS:
        safety = case.in_danger and told.rounds == AGAIN_AFTER_ROUNDS // 2
        return Round(("hold_safety",) if safety else (), params, Told(truth, told.rounds + 1))
    first = (standing, *_line(case, minutes)) if case.waiting else (standing,)
    last = "hold_long" if is_long else "hold_keys"
    keys = () if case.state in {CaseState.BRIDGING, CaseState.CONNECTED} else (*own, last)
    return Round((*first, *keys), params, Told(truth))


def _standing(case: Case) -> str:
    if broke_off(case):
        return "hold_back"
    if case.owner is not None:
        return "hold_claimed"
    return {0: "hold_paging", 1: "hold_trying_one"}.get(len(case.tried), "hold_trying")


def broke_off(case: Case) -> bool:
    """Whether the caller had a human and lost them, so that nobody is on the way."""
    return case.contact_at is not None and (case.waiting or (case.bridge is None and case.next_try_at is None))


def _line(case: Case, minutes: int | None) -> tuple[str, ...]:
    """Place and typical wait, the latter only to those to whom it applies: not when the call broke off."""
    typical = ("hold_typical",) if minutes and not broke_off(case) else ()
    return ("hold_place", *typical)


def _long(case: Case, now: datetime) -> bool:
    since = case.on_line_since
    return case.owner is None and since is not None and now - since >= case.level.max_hold


def rank(case: Case) -> tuple[int, datetime] | None:
    """Where a caller stands among those who hold, the lowest first; None for who does not hold, or has somebody.

    The most urgent first, then who lost a human, then who waits longest. A call that broke off, or a call back that was
    asked for, does not cost the place: it counts from the first need.
    """
    if not (case.waiting and case.on_line_call):
        return None
    return (max(Urgency) - case.urgency) * 2 + (case.contact_at is None), case.opened_at


def typical_minutes(waits: Sequence[float]) -> int | None:
    """The middle one of the recorded waits, in whole minutes rounded up; None while too few are known."""
    return max(1, ceil(median(waits) / 60)) if len(waits) >= ENOUGH_WAITS else None


def waited(before: Case, after: Case) -> float | None:
    """The seconds somebody waited for a human, at the moment when they first have one; else None."""
    if before.contact_at is not None or after.contact_at is None:
        return None
    return (after.contact_at - after.opened_at).total_seconds()
