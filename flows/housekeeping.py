"""Keeping a case small: pages that no callback and no decision needs any more become counts."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from flows.case import Case
from flows.pages import Page, Purpose, rings_until
from flows.roster import Contact


def kept(case: Case, now: datetime) -> Mapping[str, Any]:
    """The fields `pages` and `tally` with only the pages still needed."""
    pages = tuple(page for page in case.pages if _needed(case, page, now))
    gone = Counter(page.state.value for page in case.pages if page not in pages)
    if not gone:
        return {}
    return {"pages": pages, "tally": MappingProxyType(dict(Counter(case.tally) + gone))}


def _needed(case: Case, page: Page, now: datetime) -> bool:
    if page.unsent or _may_have_to_be_stopped(case, page, now):
        return True
    if page.purpose is not Purpose.PAGE:
        return not page.over
    this_round = case.waiting and page.round == case.round
    return this_round or (case.waiting and page.round == case.round - 1 and not page.over)


def _may_have_to_be_stopped(case: Case, page: Page, now: datetime) -> bool:
    """A call that was, or may have been, handed to the carrier and has not been seen to end."""
    rings = page.ringing or (page.channel is Contact.CALL and bool(page.requests) and not page.sids)
    return rings and now < rings_until(page, case.policy)
