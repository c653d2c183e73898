"""What a conversation says by itself when its time has come, as letters: check-ins, offers, one question."""

from datetime import timedelta
from hashlib import sha256

from flows.catalogue import Catalogue
from flows.events import Expired
from flows.step import Step
from helpline.channels import sms
from helpline.store import Letter, LetterKind

WITHIN = timedelta(hours=1)  # an "are you safe?" that comes later is not an answer to that silence


def said_unasked(step: Step, number: str, event: Expired, catalogue: Catalogue) -> tuple[Letter, ...]:
    """The texts of this step. Their ids follow from the timer, for it may be decided again."""
    name = sha256(event.id.encode()).hexdigest()[:16]
    return tuple(
        Letter(
            id=f"unasked-{name}-{place}",
            kind=LetterKind.NOTICE,
            to=number,
            text=body,
            until=event.at + WITHIN,
            language=step.session.language,
        )
        for place, body in enumerate(sms.texts(step.prompts, catalogue))
    )
