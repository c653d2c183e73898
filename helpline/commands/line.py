"""The line as one command sees it, and the words for what keeps a command from it."""

import click

from config.content import ContentFaults
from config.policy import PolicyFaults
from config.settings import SettingsFaults, from_environment
from flows.case import Case
from flows.roster import Staff, StaffId
from helpline.privacy.vault import Unreadable
from helpline.staff.roster_source import RosterFaults
from helpline.store import Conflict, Unavailable
from helpline.wiring import Services, build


def line_of_command() -> Services:
    """The services this environment asks for, until the command ends.

    Raises:
        SettingsFaults, ContentFaults, PolicyFaults, RosterFaults: with everything that is wrong.

    """
    line = build(from_environment())
    click.get_current_context().call_on_close(line.store.close)
    return line


def staff_with_id(line: Services, staff_id: str) -> Staff:
    """Somebody of the roster in use, by their id; else the command ends with who there is."""
    roster = line.roster.now()
    staff = roster.staff_member(StaffId(staff_id))
    if staff is None:
        known = ", ".join(person.id for person in roster.staff)
        raise click.ClickException(f"The roster knows nobody with the id {staff_id!r}. It knows {known}.")
    return staff


def case_with_code(line: Services, code: str) -> Case:
    """A case by its code, open or closed; else the command ends."""
    case = line.store.transact(lambda tx: tx.case_by_code(code.upper()))
    if case is None:
        raise click.ClickException(f"No case has the code {code.upper()!r}: `helpline cases` lists the open ones.")
    return case


def in_words(fault: Exception) -> click.ClickException | None:
    """What kept a command from its work, and how to mend it; None for what no command foresees."""
    match fault:
        case SettingsFaults() | ContentFaults() | PolicyFaults() | RosterFaults():
            return click.ClickException(str(fault))
        case Unavailable():
            return click.ClickException(f"{fault}. Is the line running, and is REDIS_URL its Redis?")
        case Unreadable():
            return click.ClickException(f"{fault}. Put the key it was sealed with back into the list.")
        case Conflict():
            return click.ClickException(f"{fault}. Nothing was written; try again.")
        case _:
            return None
