"""TwiML as text: a document is its verbs in order, a verb its attributes and what is inside.

Twilio's library (9.13) makes a tree and has ElementTree write it, which cost a call's turn a tenth; a property holds
that the same document comes out (tests/helpline/test_twiml.py), and the emulator refuses what Twilio would.
"""

from xml.sax.saxutils import escape

Attribute = str | int | None
"""None leaves it out; a switch is an int like any: True and False."""

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_IN_QUOTES = {'"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#09;"}


def document(*verbs: str) -> str:
    """What Twilio is answered with."""
    return f"{HEAD}<Response>{''.join(verbs)}</Response>" if verbs else f"{HEAD}<Response />"


def verb(name: str, *inside: str, **attributes: Attribute) -> str:
    """A verb or a noun; what is inside are others, or words that `said` has made safe."""
    given = "".join(f' {key}="{_value(value)}"' for key, value in attributes.items() if value is not None)
    return f"<{name}{given}>{''.join(inside)}</{name}>" if inside else f"<{name}{given} />"


def said(words: str) -> str:
    """Words as they may stand in a document."""
    return escape(words)


def _value(value: str | int) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(value, _IN_QUOTES) if isinstance(value, str) else str(value)
