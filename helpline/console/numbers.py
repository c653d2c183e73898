"""Phone numbers as people type them, and as they may be shown."""

import phonenumbers

from helpline.arrival import in_e164


def typed_number(typed: str, helpline_number: str) -> str | None:
    """The number in E.164; one without a country is read as one of the helpline's own."""
    if len(typed) > 40:
        return None
    home = phonenumbers.region_code_for_number(phonenumbers.parse(helpline_number, None)) or "US"
    return in_e164(typed, home)


def masked(number: str | None) -> str:
    """Only the last two digits, enough to tell two callers apart and too little to call one."""
    return "withheld" if number is None else f"••• ••• ••{number[-2:]}"


def shown(number: str) -> str:
    """A number as people read it."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
