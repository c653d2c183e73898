"""What a worker reports of a page it held, as a change of the page's case; its token says that it still holds it."""

from datetime import timedelta

from flows import delivery
from flows.pages import Page
from helpline.paging.dispatch import Change


def refused(page: Page, token: str, code: str) -> Change:
    """The carrier will never do it."""
    return lambda case, now: delivery.page_refused(case, page.id, token=token, code=code, now=now)


def unavailable(page: Page, token: str, wait: timedelta) -> Change:
    """The carrier did nothing, for now."""
    return lambda case, now: delivery.page_unavailable(case, page.id, token=token, now=now, wait=wait)


def uncertain(page: Page, token: str) -> Change:
    """Nobody knows whether the carrier did it."""
    return lambda case, now: delivery.page_uncertain(case, page.id, token=token, now=now)


def accepted(page: Page, sid: str) -> Change:
    """The carrier has it under this sid."""
    return lambda case, now: delivery.page_accepted(case, page.id, sid=sid, now=now)
