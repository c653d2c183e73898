"""What a plan orders to be done. Every order may be carried out twice without harm beyond a second page or text."""

from dataclasses import dataclass

from flows.case import Notice
from flows.pages import Page


@dataclass(frozen=True, slots=True)
class PageOrder:
    """Lease this page and send it."""

    page: Page


@dataclass(frozen=True, slots=True)
class RingOwner:
    """Lease this page and call the owner into the bridge; only a key press lets them in."""

    page: Page


@dataclass(frozen=True, slots=True)
class BridgeCaller:
    """Lease this page and call the caller, whose owner waits in the bridge; only a key press lets them in."""

    page: Page


@dataclass(frozen=True, slots=True)
class JoinHolding:
    """Move the caller's live call into bridge `n`."""

    call: str
    n: int


@dataclass(frozen=True, slots=True)
class Reconcile:
    """Ask the carrier whether it has this page, then report accepted or not found."""

    page: Page


@dataclass(frozen=True, slots=True)
class CancelCall:
    """Stop these calls if they still ring (the carrier's status "canceled", which leaves a talk in progress alone)."""

    page: Page


@dataclass(frozen=True, slots=True)
class Tell:
    """Say or write this, if the notice is still in the case right before; then report it told."""

    notice: Notice


@dataclass(frozen=True, slots=True)
class CheckCalls:
    """Ask the carrier whether these calls are live; report the ended ones as if their callbacks had come."""

    calls: tuple[str, ...]


Order = PageOrder | RingOwner | BridgeCaller | JoinHolding | Reconcile | CancelCall | Tell | CheckCalls
