"""The staff a helpline can page: who they are, how to reach them, what they speak."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType
from zoneinfo import ZoneInfo

StaffId = NewType("StaffId", str)


class Role(StrEnum):
    """What somebody may do on the staff pages; it does not decide who is paged."""

    RESPONDER = "responder"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Contact(StrEnum):
    """A way a page may reach somebody."""

    SMS = "sms"
    CALL = "call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """One member of staff.

    `phones` are E.164 and never empty; pages and bridges use the first. `called` is the name callers
    hear, for people who do not answer to the first word of their full name.
    """

    id: StaffId
    name: str
    phones: tuple[str, ...]
    zone: ZoneInfo
    languages: tuple[str, ...] = ("en",)
    role: Role = Role.RESPONDER
    contact: tuple[Contact, ...] = (Contact.SMS, Contact.CALL)
    gender: str | None = None
    called: str | None = None

    @property
    def first_name(self) -> str:
        """The only name a caller is told."""
        return self.called or self.name.split()[0]

    @property
    def phone(self) -> str:
        """The number that pages and bridges use."""
        return self.phones[0]
