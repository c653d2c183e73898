"""Whose words are said in which language, and what messages about a case may say."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flows.case import Case
from flows.catalogue import Catalogue
from flows.events import Channel
from flows.roster import Contact, Staff, StaffId
from flows.step import Prompt
from helpline.content.live import LiveContent
from helpline.staff.roster_source import RosterSource

FULL_NUMBER = 11  # digits of a number of the North American plan with its country code


@dataclass(frozen=True, slots=True)
class Wording:
    """Finds words for staff and callers."""

    content: LiveContent
    roster: RosterSource

    def name(self, staff_id: StaffId | str) -> str:
        """The first name of a staff member, the only one that is told; empty for somebody who left the roster."""
        staff = self.staff(StaffId(staff_id))
        return staff.first_name if staff else ""

    def facts(self, case: Case) -> dict[str, str]:
        """What messages about a case may say."""
        return {
            "code": case.code,
            "level": case.urgency.word.upper(),
            "helper": self.name(case.owner) if case.owner else "",
            "tried": str(len(case.tried)),
            "when": _when(case),
        }

    def language(self, staff_id: StaffId) -> str:
        """The language a staff member is spoken to in."""
        staff = self.staff(staff_id)
        return staff.languages[0] if staff else self._catalogue.default

    def text(self, message: str, language: str, params: dict[str, str]) -> str:
        """A message as it is texted."""
        return self._catalogue.text(Prompt(message, language, params), Channel.SMS)

    def said(self, prompt: Prompt, by: Contact) -> str:
        """A message as it is texted or spoken."""
        return self._catalogue.text(prompt, Channel.SMS if by is Contact.SMS else Channel.VOICE)

    def hotline(self, name: str) -> str | None:
        """A hotline's number of the content in E.164, if it is a full number and no short one."""
        number = self._catalogue.numbers.get(name)
        digits = "" if number is None else number.dial.replace("-", "")
        return f"+{digits}" if len(digits) == FULL_NUMBER else None

    def staff(self, staff_id: StaffId | None) -> Staff | None:
        return None if staff_id is None else self.roster.now().staff_member(staff_id)

    @property
    def _catalogue(self) -> Catalogue:
        return self.content.catalogue


def _when(case: Case) -> str:
    """The clock time at which a call back that waits for a safe time goes out, where the caller named some."""
    if not case.safe_times or case.next_try_at is None:
        return ""
    return case.next_try_at.astimezone(ZoneInfo(case.safe_times[0].zone)).strftime("%H:%M")
