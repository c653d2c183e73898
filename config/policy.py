"""The escalation policy's file, read whole: a policy, or what is wrong with it."""

import re
from pathlib import Path
from typing import Any

from config.content_yaml import read_document
from flows.fault import Fault
from flows.policy import Policy

NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")


class PolicyFaults(ValueError):
    """Everything that keeps the policy from being used."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


def load(path: Path) -> Policy:
    """The policy in a file; durations are in seconds.

    Raises:
        PolicyFaults: the file cannot be read, or a policy like this would not page.

    """
    document = read_document(path, path.name)
    if isinstance(document, Fault):
        raise PolicyFaults((document,))
    if not isinstance(document.values, dict):
        raise PolicyFaults((Fault(document.file, 1, "this is not a policy", "Write routine, soon, urgent, emergency"),))
    try:
        return Policy.from_plain(_measured(document.values))
    except (ValueError, TypeError, KeyError) as wrong:
        mend = "Compare with flows/content/policy.yaml of the program; durations are numbers of seconds"
        raise PolicyFaults((Fault(document.file, 1, str(wrong), mend),)) from wrong


def _measured(value: Any) -> Any:
    """The document's values with numbers as numbers: the reader keeps every scalar as it was written."""
    match value:
        case dict():
            return {name: _measured(item) for name, item in value.items()}
        case list():
            return [_measured(item) for item in value]
        case str() if NUMBER.fullmatch(value):
            return float(value)
        case _:
            return value
