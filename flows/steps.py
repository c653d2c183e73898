"""The steps of the escalation policy: who is paged now, and when the next step comes. Rounds never end."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from flows.case import CaseState, Line, LineKind, NoticeKind
from flows.notices import with_alarm
from flows.pages import Page, Purpose, page_id, superseded
from flows.planning import FALLBACK_PREFIX, Work
from flows.policy import EVERYONE, FALLBACK, SUPERVISOR, By
from flows.roster import Contact, Roster, StaffId, everyone, on_call
from flows.urgency import Urgency


def whom(roster: Roster, names: Iterable[str], now: datetime) -> tuple[StaffId, ...]:
    """Everybody these lists name at `now`, each once, in paging order; empty when nobody is on."""
    return tuple(dict.fromkeys(staff for name in names for staff in _named(roster, name, now)))


def _named(roster: Roster, name: str, now: datetime) -> tuple[StaffId, ...]:
    if name == EVERYONE:
        return everyone(roster, now)
    if name == SUPERVISOR:
        return roster.supervisors
    if name == FALLBACK:
        return tuple(StaffId(f"{FALLBACK_PREFIX}{place}") for place in range(max(1, len(roster.fallback_numbers))))
    return on_call(roster, now, name)


def paged(work: Work) -> Work:
    """Every step that is due, run. Steps missed while nobody planned run together, and page each person once."""
    reached: frozenset[StaffId] = frozenset()
    while work.case.waiting and work.case.step_at <= work.now:
        before = len(work.case.pages)
        work = _run(work, reached)
        reached |= {page.staff_id for page in work.case.pages[before:]}
    return work


def _run(work: Work, reached: frozenset[StaffId]) -> Work:
    case = work.case
    if case.step > len(case.level.steps):
        return _next_round(work)
    if case.step == len(case.level.steps):
        return _last_resort(work, reached)
    step = case.level.steps[case.step]
    staff = whom(work.roster, step.whom, work.now)
    if not staff:
        work = replace(work, case=with_alarm(case, NoticeKind.NOBODY_TO_PAGE, work.now))
    done = _page_all(work, staff, step.by, reached)
    return _after_step(done, anybody=done.case.paged_in_round > case.paged_in_round)


def _next_round(work: Work) -> Work:
    """Nobody claimed in a whole round: the console turns red, and it begins again."""
    case = work.case
    begun = replace(case, round=case.round + 1, step=0, paged_in_round=0, passed=(), exhausted=case.exhausted + 1)
    return replace(work, case=with_alarm(begun, NoticeKind.NOBODY_ANSWERS, work.now))


def _last_resort(work: Work, reached: frozenset[StaffId]) -> Work:
    """Supervisors and fallback numbers, where the steps found nobody, or danger has lasted a whole round."""
    case = work.case
    nobody = case.paged_in_round == 0
    if nobody:
        work = _text_those_who_talk(replace(work, case=with_alarm(case, NoticeKind.NOBODY_TO_PAGE, work.now)))
    if nobody or (case.in_danger and case.exhausted):
        work = _page_all(work, whom(work.roster, (SUPERVISOR, FALLBACK), work.now), By.BOTH, reached)
    return work.replacing(step=work.case.step + 1, step_at=work.now + work.case.level.repeat_every)


def _text_those_who_talk(work: Work) -> Work:
    """An emergency that found nobody free is texted to those on a bridged call: they may end it, or hand it on.

    They count as nobody: the fallback numbers ring all the same.
    """
    if work.case.urgency < Urgency.EMERGENCY:
        return work
    for staff_id in whom(work.roster, (EVERYONE, SUPERVISOR), work.now):
        if staff_id in work.busy - set(work.case.passed) and Contact.SMS in work.reachable_by(staff_id):
            work = with_new_page(work, staff_id, Contact.SMS)
    return work


def _after_step(work: Work, *, anybody: bool) -> Work:
    """The step after: in its time if somebody was paged, and at once if nobody was."""
    steps, follows = work.case.level.steps, work.case.step + 1
    if not anybody or follows == len(steps):
        return work.replacing(step=follows, step_at=work.now)
    wait = steps[follows].after - steps[follows - 1].after
    return work.replacing(step=follows, step_at=work.case.step_at + wait)


def _page_all(work: Work, staff: Iterable[StaffId], by: By, reached: frozenset[StaffId]) -> Work:
    """Everybody who can be paged now, those who speak the caller's language first."""
    case = work.case
    left_out = reached | work.busy | set(case.passed)
    wanted = sorted((one for one in staff if one not in left_out), key=lambda one: not work.speaks(one))
    detail = {"step": str(case.step), "round": str(case.round), "staff": str(len(wanted))}
    work = work.noting(Line(work.now, LineKind.STEP if wanted else LineKind.NOBODY_ON_CALL, "", detail))
    for staff_id in wanted:
        for channel in channels(work, staff_id, by):
            work = with_new_page(work, staff_id, channel)
    tried = tuple(dict.fromkeys((*work.case.tried, *wanted)))
    state = CaseState.PAGING if wanted else work.case.state
    return work.replacing(tried=tried, state=state, paged_in_round=work.case.paged_in_round + len(wanted))


def channels(work: Work, staff_id: StaffId, by: By) -> tuple[Contact, ...]:
    """How the step pages this person: what it asks for, or whatever there is."""
    can = work.reachable_by(staff_id)
    return tuple(channel for channel in by.contacts if channel in can) or can


def with_new_page(
    work: Work, staff_id: StaffId, channel: Contact, *, n: int = 0, due_at: datetime | None = None
) -> Work:
    """The case with one more page, in place of older ones not sent yet; not while that person's phone rings for it."""
    case, now = work.case, work.now
    if channel is Contact.CALL and any(_live_call_to(page, staff_id) for page in case.pages):
        return work
    step = case.step
    page = Page(
        id=page_id(case.id, case.round, step, staff_id, channel, n),
        staff_id=staff_id,
        channel=channel,
        round=case.round,
        step=step,
        n=n,
        due_at=due_at or now,
        next_at=due_at or now,
    )
    older = tuple(superseded(one, now) if _replaced(one, page) else one for one in case.pages)
    line = Line(now, LineKind.PAGED, staff_id, {"page": page.id, "channel": channel, "step": str(step)})
    return work.replacing(pages=(*older, page)).noting(line)


def _live_call_to(page: Page, staff_id: StaffId) -> bool:
    return page.staff_id == staff_id and page.live_call and not page.over


def _replaced(old: Page, new: Page) -> bool:
    same = old.staff_id == new.staff_id and old.channel is new.channel
    return same and old.unsent and old.purpose is Purpose.PAGE
