"""Where the helpline's number must send what arrives, and how that differs from where it sends it now."""

from collections.abc import Iterator, Mapping

from config.settings import Settings

RETRY = "#rc=3&rp=ct,rt,5xx&ct=2000&rt=5000&tt=15000"
"""Three more tries when we cannot be reached, are slow or fail, each short, 15 s in all: by itself Twilio tries a text
once more and only when it cannot connect (Twilio docs, "Webhooks connection overrides"). The same event again is known
by its id, so a retry does no harm. What follows `#` is neither sent nor signed."""


def wanted(settings: Settings, fallback_base: str = "") -> dict[str, str]:
    """The webhooks of the number. `fallback_base`: where the static documents of `helpline fallback` are hosted."""
    here = f"{settings.public_url}/twilio"
    there = fallback_base.rstrip("/")
    return {
        "sms_url": f"{here}/sms{RETRY}",
        "sms_method": "POST",
        "sms_fallback_url": f"{there}/sms.xml" if there else f"{here}/sms/fallback",
        "sms_fallback_method": "GET" if there else "POST",
        "voice_url": f"{here}/voice{RETRY}",
        "voice_method": "POST",
        "voice_fallback_url": f"{there}/voice.xml" if there else f"{here}/voice/fallback",
        "voice_fallback_method": "GET" if there else "POST",
        "status_callback": f"{here}/voice/status{RETRY}",
        "status_callback_method": "POST",
    }


def wanted_of_service(settings: Settings, fallback_base: str = "") -> dict[str, str]:
    """The webhooks of the Messaging Service the number is a sender of: texts go to the same place."""
    number = wanted(settings, fallback_base)
    return {
        "inbound_request_url": number["sms_url"],
        "inbound_method": number["sms_method"],
        "fallback_url": number["sms_fallback_url"],
        "fallback_method": number["sms_fallback_method"],
        "use_inbound_webhook_on_number": "false",
    }


def difference(now: Mapping[str, str], then: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """What has to change: name to value now and value then."""
    return {name: (now.get(name, ""), value) for name, value in then.items() if now.get(name, "") != value}


def misdirected(now: Mapping[str, str], right: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Webhooks by which callers would be lost: name and what is wrong. A fallback elsewhere is no fault."""
    for name, address in right.items():
        here = now.get(name, "")
        if "fallback" in name:
            if name.endswith("_url") and not here:
                yield name, "is empty: while the line is down callers get nothing, or an error"
        elif _bare(here) != _bare(address):
            yield name, f"is {_bare(here) or 'empty'} and not {_bare(address)}"


def _bare(address: str) -> str:
    return address.partition("#")[0]
