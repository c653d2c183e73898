"""Each person's duty as an iCalendar feed: an address nobody can guess, which any calendar can subscribe to.

The address holds a keyed hash of the person's id, so it needs no sign-in and says nothing; with another
HELPLINE_LOOKUP_KEY every address is a new one. There is nothing about any caller in a feed.
Like every page of ours it says `no-store`: a person's duty is their own, and a copy is wrong after the next swap.
"""

import hmac
from datetime import timedelta
from http import HTTPStatus

from flask import Blueprint, Response

from flows.roster import Staff
from helpline.store import RedisStore
from helpline.wiring import Services

BACK, AHEAD = timedelta(days=7), timedelta(days=90)


def blueprint(line: Services) -> Blueprint:
    """The addresses of the feeds."""
    pages = Blueprint("duty_feed", __name__)

    @pages.get("/duty/<staff_id>/<key>.ics")
    def feed(staff_id: str, key: str) -> Response:
        """One person's duty; any wrong part of the address is as good as no such person."""
        from helpline.staff.calendars import calendar_feed  # its library costs 50 ms: not at every start

        roster = line.roster.now()
        person = next((one for one in roster.staff if one.id == staff_id), None)
        if person is None or not hmac.compare_digest(key.encode(), feed_key(line.store, person).encode()):
            return Response("There is no such calendar.\n", HTTPStatus.NOT_FOUND, mimetype="text/plain")
        now = line.clock()
        made = calendar_feed(roster, person, start=now - BACK, end=now + AHEAD, stamp=now)
        return Response(made, mimetype="text/calendar")

    return pages


def feed_key(store: RedisStore, person: Staff) -> str:
    """What only this line can know of a person."""
    return store.vault.caller_key(f"duty feed of {person.id}")


def feed_address(line: Services, person: Staff) -> str:
    """Where the person's calendar finds their duty."""
    return f"{line.settings.public_url}/duty/{person.id}/{feed_key(line.store, person)}.ics"
