"""What the network does with a message: by the phone's behaviour, by the faults in force, else delivered."""

from dataclasses import dataclass

from emulator.messaging.message import Message, MessageStatus
from emulator.phones import Behaviour
from emulator.world import World

REASONS = {
    14107: "Message rate limit exceeded: too many replies between two numbers in too short a time",
    21610: "Attempt to send to unsubscribed recipient",
    21704: "The Messaging Service contains no phone numbers",
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
    30036: "Validity Period Expired",
}


@dataclass(frozen=True, slots=True)
class Fate:
    """How a message ends."""

    status: MessageStatus
    error_code: int | None = None

    @property
    def reason(self) -> str | None:
        return REASONS.get(self.error_code, "Error") if self.error_code else None


def fate_of(world: World, message: Message) -> Fate:
    """Return how `message` will end."""
    facts = {"sid": message.sid, "to": message.to, "from": message.from_, "path": message.body}
    fault = world.faults.for_message(facts)
    if fault is not None:
        return Fate(MessageStatus(fault.outcome or "undelivered"), fault.code or 30008)
    if world.account.owned(message.to) is None and world.phones.at(message.to).behaviour is Behaviour.UNREACHABLE:
        return Fate(MessageStatus.UNDELIVERED, 30003)
    return Fate(MessageStatus.DELIVERED)
