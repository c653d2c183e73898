"""What is left of a bridge when somebody picks up or it ends: the time talked, and the phones that still ring."""

from dataclasses import replace
from datetime import datetime

from flows.case import Bridge, Case
from flows.pages import Page, Purpose, outcome, superseded


def without_bridge(case: Case, bridge: Bridge, now: datetime) -> Case:
    """The case after the bridge: the time talked counts, phones that still ring for it are stopped, nobody joins it."""
    talked = case.talked + (now - bridge.connected_at if bridge.connected_at else case.talked * 0)
    pages = tuple(superseded(page, now) for page in case.pages)
    return replace(case, bridge=None, guest=None, talked=talked, pages=pages)


def picked_up(case: Case, purpose: Purpose, call: str, now: datetime) -> tuple[Page, ...]:
    """The pages once somebody is in the bridge: that call goes on, any other for the same purpose is stopped."""
    return tuple(_stopped(page, call, now) if page.purpose is purpose else page for page in case.pages)


def _stopped(page: Page, call: str, now: datetime) -> Page:
    known = call in page.sids or not page.sids
    return superseded(outcome(page, call, "in-progress", "", now) if known else page, now)
