"""What the control API shows of phones, texts, calls and rooms."""

from typing import Any

from emulator.messaging.message import Message
from emulator.phones import Phone
from emulator.voice.leg import Caption, Direction, Leg


def phone_view(phone: Phone) -> dict[str, Any]:
    """Return a phone with its settings and its live calls."""
    return {
        "number": phone.number,
        "name": phone.name,
        "behaviour": phone.behaviour.value,
        "answer_after_s": phone.answer_after_s,
        "greeting": phone.greeting,
        "greeting_s": phone.greeting_s,
        "greeting_end": phone.greeting_end,
        "withheld": phone.withheld,
        "expected": phone.expected,
        "texts": len(phone.texts),
        "calls": [leg.sid for leg in phone.calls if leg.live],
    }


def text_view(message: Message, phone: Phone) -> dict[str, Any]:
    """Return a text as the phone's thread shows it."""
    mine = message.direction == "inbound" and message.from_ == phone.number
    body, media = message.received
    return {
        "sid": message.sid,
        "direction": "sent" if mine else "received",
        "with": message.to if mine else message.from_,
        "body": body,
        "media": [{"url": one.url, "content_type": one.content_type} for one in media],
        "status": message.status.value,
        "segments": message.num_segments,
        "error_code": message.error_code,
        "at": message.date_created.isoformat(),
    }


def call_view(leg: Leg) -> dict[str, Any]:
    """Return a call as its telephone's owner sees it, with what the network knows beside it."""
    others = [other for other in leg.room.members if other is not leg] if leg.room is not None else []
    in_room = leg.room is not None and leg in leg.room.members
    incoming = leg.line.direction is not Direction.INBOUND
    return {
        "sid": leg.sid,
        "phone": leg.line.phone.number,
        "with": leg.line.from_ if incoming else leg.line.to,
        "incoming": incoming,
        "direction": leg.line.direction.value,
        "from": leg.line.from_,
        "to": leg.line.to,
        "reason": leg.line.reason,
        "status": leg.status.value,
        "live": leg.live,
        "ringing": incoming and leg.live and leg.status.value == "ringing",
        "parent": leg.line.parent.sid if leg.line.parent else None,
        "listening": leg.ear is not None,
        "listening_for_keys": leg.ear is not None and leg.ear.on_key is not None,
        "listening_for_speech": leg.ear is not None and leg.ear.on_speech is not None,
        "room": {"kind": leg.room.kind, "name": leg.room.name} if leg.room is not None else None,
        "connected_to": [other.sid for other in others] if in_room else [],
        "connected_phones": [other.line.phone.number for other in others] if in_room else [],
        "captions": [caption_view(caption) for caption in leg.captions],
        "created": leg.created.isoformat(),
        "answered": leg.started.isoformat() if leg.started else None,
        "ended": leg.ended.isoformat() if leg.ended else None,
        "duration_s": leg.duration_s,
    }


def caption_view(caption: Caption) -> dict[str, Any]:
    """Return what was heard, and when."""
    return {
        "kind": caption.kind,
        "said": caption.said,
        "language": caption.language,
        "voice": caption.voice,
        "at": caption.at.isoformat(),
    }


def rooms_view(legs: list[Leg]) -> list[dict[str, Any]]:
    """Return who hears whom: every room with at least two people."""
    rooms: dict[int, dict[str, Any]] = {}
    for leg in legs:
        if leg.live and leg.room is not None and leg in leg.room.members:
            room = rooms.setdefault(
                id(leg.room), {"kind": leg.room.kind, "name": leg.room.name, "calls": [], "phones": []}
            )
            room["calls"].append(leg.sid)
            room["phones"].append(leg.line.phone.number)
    return [room for room in rooms.values() if len(room["calls"]) >= 2]
