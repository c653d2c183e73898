"""Answering machine detection: whether a person or a machine answered, at once or in the background."""

from dataclasses import dataclass

from emulator.phones import Behaviour
from emulator.signing import Product
from emulator.voice.leg import Leg
from emulator.voice.stage import Stage
from emulator.webhooks import Hook

LISTEN_S = 4.0  # how long detection listens before it can tell (Twilio docs, Answering machine detection)


@dataclass(frozen=True, slots=True)
class Detection:
    """What was asked for: `mode` Enable or DetectMessageEnd; a hook makes it asynchronous."""

    mode: str
    timeout_s: int = 30
    asynchronous: bool = False
    hook: Hook | None = None


async def detect(stage: Stage, leg: Leg, detection: Detection) -> None:
    """Listen, then set who answered; report it to the hook of an asynchronous detection."""
    phone = leg.line.phone
    machine, to_the_end = phone.behaviour is Behaviour.VOICEMAIL, detection.mode == "DetectMessageEnd"
    needed_s = max(LISTEN_S, phone.greeting_s) if machine and to_the_end else LISTEN_S
    seconds = min(needed_s, detection.timeout_s)
    await stage.world.clock.sleep(seconds)
    if not leg.live:
        return
    if needed_s > detection.timeout_s:
        leg.answered_by = "unknown"
    elif machine:
        leg.answered_by = f"machine_end_{phone.greeting_end}" if to_the_end else "machine_start"
    elif phone.behaviour is Behaviour.FAX:
        leg.answered_by = "fax"
    else:
        leg.answered_by = "human"
    stage.world.journal.note("call.answered_by", subject=leg.sid, answered_by=leg.answered_by)
    if detection.hook is not None:
        params = {
            "CallSid": leg.sid,
            "AccountSid": stage.world.account.sid,
            "AnsweredBy": leg.answered_by,
            "MachineDetectionDuration": str(int(seconds * 1000)),
        }
        stage.callbacks.send(detection.hook, params, product=Product.VOICE, subject=leg.sid)
