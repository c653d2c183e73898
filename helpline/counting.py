"""What a turn counts: contacts begun, and at which question people left. How contacts end counts where it is kept."""

from collections.abc import Iterator

from flows.ledger import Contact, Ending

LEFT = frozenset({Ending.WENT_QUIET, Ending.HUNG_UP})


def counted_turn(contact: Contact, node: str, *, fresh: bool) -> Iterator[str]:
    """The names of what this turn counts; `node` is where the caller was when it came."""
    if fresh:
        yield f"contact.{contact.channel.value}"
    yield from counted_leaving(contact, node)


def counted_leaving(contact: Contact, node: str) -> Iterator[str]:
    """Where the caller was, if this contact ended by their leaving."""
    if contact.ending in LEFT and node:
        yield f"left.{node}"
