"""What the line does by the clock, and how often."""

from datetime import UTC, datetime, timedelta

from helpline.chores import Chore, every
from helpline.ledger.book import Ledger
from helpline.ledger.reconcile import Reconciler
from helpline.privacy.forgetting import Forgetting
from helpline.privacy.keeping import Keeping
from helpline.staff.duty import StaffDuty
from helpline.staff.roster_source import RosterSource
from helpline.store.audit import AuditTrail

AUDIT_EVERY = timedelta(seconds=5)  # how long an audit line may stand unlinked
SUMMARY_HOUR = 8


def timetable(
    ledger: Ledger, reconciler: Reconciler, roster: RosterSource, audit: AuditTrail, duty: StaffDuty
) -> dict[str, Chore]:
    """Each chore by its name in the due index."""
    return {
        "audit": Chore(audit.link, every(AUDIT_EVERY)),
        "ledger": Chore(ledger.check, every(timedelta(minutes=1))),
        "reconcile": Chore(reconciler.by_the_clock, every(timedelta(minutes=5))),
        "summary": Chore(ledger.summary, lambda now: _next_morning(now, roster), at_start=False),
        "gaps": Chore(duty.tell_gaps, lambda now: _next_morning(now, roster), at_start=False),
    }


def privacy_timetable(forgetting: Forgetting, keeping: Keeping) -> dict[str, Chore]:
    """What is no longer to be kept, here and at the carrier."""
    return {
        "forgetting": Chore(forgetting.go_on, every(timedelta(minutes=1))),
        "retention": Chore(keeping.sweep, every(timedelta(days=1))),
        "carrier_copies": Chore(keeping.clear_carrier, every(timedelta(minutes=1))),
    }


def _next_morning(now: datetime, roster: RosterSource) -> datetime:
    """The next time the supervisors get the sum of the day, by the clock on their wall."""
    lists = roster.written.lists
    here = now.astimezone(lists[0].zone if lists else UTC)
    today = here.replace(hour=SUMMARY_HOUR, minute=0, second=0, microsecond=0)
    return (today if today > here else today + timedelta(days=1)).astimezone(UTC)
