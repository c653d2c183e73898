"""Who may open which page. A page that does not say so opens for nobody."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from flask_login import UserMixin, current_user

from flows.case import Case
from flows.roster import Role, Staff
from helpline.store import Visit

RANK = {Role.RESPONDER: 0, Role.SUPERVISOR: 1, Role.ADMIN: 2}

F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Rule:
    """What a page asks of whoever opens it; `role` None: it is open to everybody."""

    role: Role | None


class Person(UserMixin):  # type: ignore[misc]
    """A signed-in member of staff."""

    def __init__(self, staff: Staff, visit: Visit) -> None:
        self.staff = staff
        self.visit = visit

    def get_id(self) -> str:
        """What the cookie holds: the visit, so that ending it here signs the browser out there."""
        return self.visit.id

    @property
    def role(self) -> Role:
        """The roster's word; the first link's holder is an admin."""
        return self.visit.role or self.staff.role

    @property
    def supervises(self) -> bool:
        return self.may(Role.SUPERVISOR)

    def may(self, role: Role) -> bool:
        """Whether this person's role is at least that one."""
        return RANK[self.role] >= RANK[role]


def allowed(role: Role) -> Callable[[F], F]:
    """Mark a page as open to this role and those above it."""
    return _marked(Rule(role))


def everybody(page: F) -> F:
    """Mark a page as open without signing in."""
    return _marked(Rule(None))(page)


def rule_of(page: object) -> Rule | None:
    """What the page was marked with; None: nobody may open it."""
    rule = getattr(page, "console_rule", None)
    return rule if isinstance(rule, Rule) else None


def me() -> Person:
    """Who is signed in; only for pages that ask for a role."""
    person = current_user._get_current_object()  # noqa: SLF001  the way flask-login itself names it
    assert isinstance(person, Person)  # noqa: S101  the guard lets nobody else in
    return person


def may_open(person: Person, case: Case) -> bool:
    """An open case is everybody's business; a closed one only that of who had it and of supervisors."""
    return not case.closed or person.may(Role.SUPERVISOR) or person.staff.id in {case.owner, case.closed_by}


def may_read(person: Person, case: Case) -> bool:
    """The caller's words and number: for who has the case, and supervisors; for others code, level and state do."""
    return person.may(Role.SUPERVISOR) or person.staff.id in {case.owner, case.closed_by}


def minutes_old(since: datetime, now: datetime) -> int:
    """Whole minutes, never negative when clocks differ."""
    return max(0, int((now - since).total_seconds() // 60))


def _marked(rule: Rule) -> Callable[[F], F]:
    def mark(page: F) -> F:
        page.console_rule = rule  # type: ignore[attr-defined]
        return page

    return mark
