"""The telephones of the demo: one for everybody on the roster, one for a caller, put into the emulator's hands."""

from collections.abc import Iterator

import requests

from config.roster import read_roster
from config.settings import Settings

_CALLER = ("+17175550142", "A caller")  # set aside for fiction, and nobody's on the example roster
_TIMEOUT_S = 2.0


def put_up(settings: Settings) -> None:
    """Put up the phones; one that is already there stays as it is.

    Raises:
        requests.RequestException: the emulator does not answer, or refuses.

    """
    for number, name in phones(settings):
        phone = {"number": number, "name": name}
        requests.post(f"{settings.api_url}/emulator/api/phones", json=phone, timeout=_TIMEOUT_S).raise_for_status()


def phones(settings: Settings) -> Iterator[tuple[str, str]]:
    """Number and name of every telephone of the demo."""
    yield _CALLER
    roster, _ = read_roster(settings.roster_file)
    for person in roster.staff if roster is not None else ():
        yield person.phones[0], person.name
    yield settings.fallback_number, "The fallback number"
