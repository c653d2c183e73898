"""`helpline test-ring`: a made-up page to a staff phone, by the whole way a real one takes: Redis, worker, Twilio."""

import secrets
import time
from collections.abc import Callable
from datetime import timedelta

import click

from flows.events import Channel
from flows.roster import Contact, Staff
from flows.step import Prompt
from helpline.commands.line import line_of_command, staff_with_id
from helpline.store import Letter, LetterKind
from helpline.wiring import Services

LASTS = timedelta(minutes=2)
LOOK_S = 0.2
BY = {"text": Contact.SMS, "call": Contact.CALL}


@click.command("test-ring")
@click.argument("staff_id")
@click.option("--by", type=click.Choice(list(BY)), default="text", show_default=True, help="A text, or a call.")
@click.option("--wait", "wait_s", default=30.0, show_default=True, help="Seconds to wait for Twilio to take it.")
def test_ring(staff_id: str, by: str, wait_s: float) -> None:
    """Send STAFF_ID a test text, or ring their phone, and say whether Twilio took it. The line must be running."""
    line = line_of_command()
    staff = staff_with_id(line, staff_id)
    letter_id = post(line, staff, BY[by])
    if not _comes(lambda: _gone(line, letter_id), wait_s):
        raise click.ClickException(
            f"Nobody has sent it within {wait_s:g} s: do worker and clock run? /readyz says what is wrong."
        )
    click.echo(f"Done with for {staff.first_name}. Ask them: only they know whether it arrived.")


def post(line: Services, staff: Staff, by: Contact) -> str:
    """Owe this person a test; gives the id of the letter."""
    now, channel = line.clock(), Channel.SMS if by is Contact.SMS else Channel.VOICE
    text = line.content.catalogue.text(Prompt("test_ring", staff.languages[0]), channel)
    letter = Letter(
        id=f"t{secrets.token_hex(10)}", kind=LetterKind.TEST, to=staff.phone, text=text, by=by,
        language=staff.languages[0], until=now + LASTS,
    )  # fmt: skip
    line.store.transact(lambda tx: tx.post_letter(letter, now))
    return letter.id


def _gone(line: Services, letter_id: str) -> bool:
    """Whether the letter has been dealt with: it is gone, or was said to be sent."""
    letter = line.post.letter(letter_id)
    return letter is None or letter.sent


def _comes(look: Callable[[], bool], wait_s: float) -> bool:
    until_s = time.monotonic() + wait_s
    while not (found := look()) and time.monotonic() < until_s:
        time.sleep(LOOK_S)
    return found
