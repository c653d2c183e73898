"""What follows a page that did not arrive: the other channel, a second try, an alarm, the next step sooner."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from flows.carrier_codes import Verdict, rang
from flows.case import Case, Line, LineKind, NoticeKind
from flows.notices import with_alarm
from flows.pages import Page, PageState, Purpose, page_id, page_verdict
from flows.planning import Work
from flows.roster import Contact

MOST_TRIES: Final = 3
"""Pages to one person by one channel in one step; the next round begins anew."""


def receipt_due_at(case: Case, page: Page) -> datetime | None:
    """When a page that was neither delivered nor answered goes out by the other channel; None if it need not."""
    if not _of_round(page, case) or page.followed or page.over or page.received or page.state is PageState.DUE:
        return None
    return (page.accepted_at or page.due_at) + case.policy.page_receipt


def follow_failures(work: Work) -> Work:
    """Every page of this round that failed or is late, followed up once while nobody has the case."""
    if not work.case.waiting:
        return work
    for page in work.case.pages:
        late_at = receipt_due_at(work.case, page)
        if _failed(work.case, page) or (late_at is not None and late_at <= work.now):
            work = _followed(work.with_page(replace(page, followed=True)), page)
    return work


def _failed(case: Case, page: Page) -> bool:
    return _of_round(page, case) and page.state is PageState.FAILED_FINAL and not page.followed


def _followed(work: Work, page: Page) -> Work:
    other = Contact.CALL if page.channel is Contact.SMS else Contact.SMS
    if page.staff_id not in work.case.passed:
        work = _with_follower(work, page, other, n=page.n) if other in work.reachable_by(page.staff_id) else work
        if page.state is PageState.FAILED_FINAL and page_verdict(page) is Verdict.LATER:
            work = _tried_again(work, page)
    return _alarmed(work, page)


def _tried_again(work: Work, page: Page) -> Work:
    backoff = work.case.policy.retry_backoff
    if page.n + 1 >= MOST_TRIES:
        return work
    wait = backoff[min(page.n, len(backoff) - 1)]
    return _with_follower(work, page, page.channel, n=page.n + 1, due_at=work.now + wait)


def _alarmed(work: Work, page: Page) -> Work:
    if page.state is not PageState.FAILED_FINAL:
        return work
    match page_verdict(page):
        case Verdict.OPERATOR:
            return replace(work, case=with_alarm(work.case, NoticeKind.CARRIER_FAULT, work.now))
        case Verdict.OPTED_OUT:
            alarmed = with_alarm(work.case, NoticeKind.STAFF_OPTED_OUT, work.now, staff_id=page.staff_id)
            return replace(work, case=alarmed)
        case _:
            return work


def _with_follower(work: Work, page: Page, channel: Contact, *, n: int, due_at: datetime | None = None) -> Work:
    """The page that follows this one, unless the same step has already paged that person so."""
    case, at = work.case, due_at or work.now
    page_key = page_id(case.id, page.round, page.step, page.staff_id, channel, n)
    if any(_same_try(one, page, channel, n) for one in case.pages):
        return work
    follower = Page(
        id=page_key,
        staff_id=page.staff_id,
        channel=channel,
        round=page.round,
        step=page.step,
        n=n,
        due_at=at,
        next_at=at,
    )
    detail = {"page": page_key, "channel": channel, "step": str(page.step), "after": page.id}
    return work.with_page(follower).noting(Line(work.now, LineKind.PAGED, page.staff_id, detail))


def _same_try(one: Page, page: Page, channel: Contact, n: int) -> bool:
    """True for a page that makes another one by this channel needless: the same try, or a phone that rings."""
    if one.purpose is not Purpose.PAGE or one.staff_id != page.staff_id or one.channel is not channel:
        return False
    return (one.round, one.step, one.n) == (page.round, page.step, n) or (one.live_call and not one.over)


def hasten(work: Work) -> Work:
    """The next step comes at once when everybody whom the last one paged said no or cannot be reached."""
    case = work.case
    within_round = 0 < case.step <= len(case.level.steps)
    if not case.waiting or not within_round or case.step_at <= work.now:
        return work
    last = [page for page in case.pages if _of_last_step(page, case)]
    if not last or any(not page.over for page in last):
        return work
    return work.replacing(step_at=work.now)


def after_a_round_in_vain(work: Work) -> Work:
    """When no page of a round could arrive: supervisors and fallback numbers at once, and then the next round soon."""
    case, last_resort = work.case, len(work.case.level.steps)
    if not case.waiting or case.step <= last_resort:
        return work
    tried = [page for page in case.pages if _of_round(page, case) and page.state is not PageState.SUPERSEDED]
    if not tried or not all(page.state is PageState.FAILED_FINAL and not rang(page.error) for page in tried):
        return work
    if any(page.step == last_resort for page in tried):
        return work.replacing(step_at=min(case.step_at, work.now + case.policy.in_vain_again))
    return work.replacing(step=last_resort, step_at=work.now, paged_in_round=0)


def _of_round(page: Page, case: Case) -> bool:
    return page.purpose is Purpose.PAGE and page.round == case.round


def _of_last_step(page: Page, case: Case) -> bool:
    return _of_round(page, case) and page.step == case.step - 1
