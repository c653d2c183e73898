"""What a webhook URL's fragment, as in `#ct=2000&rc=3&rp=5xx,ct`, overrides (Twilio docs, Connection overrides)."""

from dataclasses import dataclass

from emulator.transport import Limits

POLICIES = ("4xx", "5xx", "ct", "rt")
# Name, lowest, highest: milliseconds, and for `rc` a count.
RANGES = {"ct": (100, 10_000), "rt": (100, 15_000), "tt": (100, 15_000), "rc": (0, 5)}
SILENT = ("sni", "e")  # what they choose (server name, edge) makes no difference on loopback


@dataclass(frozen=True, slots=True)
class Overrides:
    """The limits a URL asks for, and what in its fragment Twilio would not understand."""

    limits: Limits
    faults: tuple[str, ...] = ()


def read_overrides(url: str) -> Overrides:
    """Return the limits in force for requests to `url`; a value out of bounds leaves the default standing."""
    values: dict[str, str] = {}
    faults: list[str] = []
    for part in filter(None, url.partition("#")[2].split("&")):
        name, _, value = part.partition("=")
        fault = _fault(name, value)
        if fault:
            faults.append(fault)
        else:
            values[name] = value
    usual = Limits()
    limits = Limits(
        connect_s=_seconds(values, "ct", usual.connect_s),
        read_s=_seconds(values, "rt", usual.read_s),
        total_s=_seconds(values, "tt", usual.total_s),
        retries=int(values.get("rc", usual.retries)),
        retry_on=_policies(values["rp"]) if "rp" in values else usual.retry_on,
    )
    return Overrides(limits, tuple(faults))


def _fault(name: str, value: str) -> str:
    """Return what is wrong with one override, or nothing."""
    if name in RANGES:
        low, high = RANGES[name]
        fine = value.isascii() and value.isdigit() and low <= int(value) <= high
        return "" if fine else f"#{name}={value} must be a whole number from {low} to {high}"
    if name == "rp":
        unknown = sorted(set(value.split(",")) - {*POLICIES, "all"})
        return f"#rp={value} may hold {', '.join(POLICIES)} and all" if unknown else ""
    return "" if name in SILENT else f"#{name} is no connection override"


def _seconds(values: dict[str, str], name: str, usual: float) -> float:
    return int(values[name]) / 1000 if name in values else usual


def _policies(value: str) -> frozenset[str]:
    chosen = frozenset(value.split(","))
    return frozenset(POLICIES) if "all" in chosen else chosen
