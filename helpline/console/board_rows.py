"""What the board shows of each open case: pure, so that the same rows come from the page and from its updates."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from flows.case import Case, CaseState
from flows.events import Channel
from flows.pages import Page, PageState, Purpose
from flows.roster import Contact, StaffId
from flows.urgency import Urgency

Named = Callable[[str], str]

STATES = {
    CaseState.OPEN: "waiting",
    CaseState.PAGING: "being paged",
    CaseState.CLAIMED: "taken",
    CaseState.BRIDGING: "calling",
    CaseState.CONNECTED: "talking",
    CaseState.CLOSED: "closed",
}
MOST_ATTEMPTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """One open case."""

    id: str
    code: str
    version: int
    urgency: Urgency
    state: str
    waiting: bool
    danger: bool
    opened_at: datetime
    due_at: datetime
    contact: bool
    owner: str
    owner_id: str
    until: datetime | None
    mine: bool
    attempts: tuple[str, ...]
    tried: int
    round: int
    channel: str
    language: str
    on_line: bool
    alarm: bool

    @property
    def level(self) -> str:
        return self.urgency.word

    @property
    def loud(self) -> bool:
        """A case in danger that nobody has: what the sound is for."""
        return self.danger and self.waiting


def rows(cases: Iterable[Case], me: StaffId, name: Named) -> tuple[BoardRow, ...]:
    """Most serious and longest waiting first; what somebody has comes after what nobody has."""
    return tuple(row_of(case, me, name) for case in sorted(cases, key=_place))


def row_of(case: Case, me: StaffId, name: Named) -> BoardRow:
    """The row of one case."""
    owner = case.owner or ""
    return BoardRow(
        id=case.id,
        code=case.code,
        version=case.version,
        urgency=case.urgency,
        state="how did it go?" if case.awaits_outcome and not case.chat else _state(case),
        waiting=case.waiting,
        danger=case.in_danger,
        opened_at=case.opened_at,
        due_at=case.due_at,
        contact=case.contact_at is not None,
        owner=name(owner) if owner else "",
        owner_id=owner,
        until=case.claim.until if case.claim and case.state is CaseState.CLAIMED else None,
        mine=owner == me,
        attempts=attempts(case, name),
        tried=len(case.tried),
        round=case.exhausted + 1,
        channel=" + ".join("text" if channel is Channel.SMS else "call" for channel in case.channels),
        language=case.language,
        on_line=bool(case.on_line_call),
        alarm=bool(case.alarmed) and case.waiting,
    )


def attempts(case: Case, name: Named) -> tuple[str, ...]:
    """What was tried, newest first, in words: "Ana: text delivered"."""
    pages = [page for page in case.pages if page.purpose is Purpose.PAGE]
    newest = sorted(pages, key=lambda page: page.due_at, reverse=True)[:MOST_ATTEMPTS]
    return tuple(f"{name(page.staff_id) or 'somebody'}: {fate(page)}" for page in newest)


def fate(page: Page) -> str:  # noqa: PLR0911  one for each state
    """How one attempt stands, in words."""
    what = "text" if page.channel is Contact.SMS else "call"
    match page.state:
        case PageState.DUE | PageState.LEASED:
            return f"{what} being sent"
        case PageState.UNCERTAIN | PageState.FAILED_RETRY:
            return f"{what} being tried again"
        case PageState.ACCEPTED | PageState.SENT:
            return "phone ringing" if page.ringing and page.status == "ringing" else f"{what} sent"
        case PageState.DELIVERED:
            return "text delivered"
        case PageState.ANSWERED:
            return "picked up"
        case PageState.FAILED_FINAL:
            return f"{what} failed"
        case PageState.SUPERSEDED:
            return f"{what} stopped"


def _state(case: Case) -> str:
    if case.chat and not case.closed:
        return "writing"
    return STATES[case.state]


def _place(case: Case) -> tuple[bool, int, float]:
    return not case.waiting, -case.urgency, case.opened_at.timestamp()
