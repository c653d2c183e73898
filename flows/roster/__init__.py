"""Who can be paged when: pure, and with an answer for every instant."""

from flows.roster.gap_text import gap_text
from flows.roster.overrides import Override, OverrideKind
from flows.roster.people import Contact, Role, Staff, StaffId
from flows.roster.roster import Roster, everyone, on_call, with_overrides
from flows.roster.shifts import (
    EVERY_DAY,
    PRIMARY,
    Holiday,
    Hours,
    OnCallList,
    Rotation,
    Shift,
    Turn,
    Weekday,
)
from flows.roster.timeline import (
    Calendar,
    Gap,
    Row,
    Stretch,
    calendar,
    duty_of,
    gaps,
    next_change,
    stretches,
)

__all__ = [
    "EVERY_DAY",
    "PRIMARY",
    "Calendar",
    "Contact",
    "Gap",
    "Holiday",
    "Hours",
    "OnCallList",
    "Override",
    "OverrideKind",
    "Role",
    "Roster",
    "Rotation",
    "Row",
    "Shift",
    "Staff",
    "StaffId",
    "Stretch",
    "Turn",
    "Weekday",
    "calendar",
    "duty_of",
    "everyone",
    "gap_text",
    "gaps",
    "next_change",
    "on_call",
    "stretches",
    "with_overrides",
]
