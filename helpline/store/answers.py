"""What a conversation's last events were answered with: the same event again gets the same answer and nothing else.

All in one record (`desk`): one for each event weighed more than all else that is kept of a conversation.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

Row = Sequence[str | int]
"""An event, when it came in seconds since 1970, and its answer; of older ones the answer is left out."""

OF_TEXTS, OF_CALLS = 4, 1
"""Events whose very answer is kept: a repetition comes within seconds (Twilio docs, "Connection overrides").

Several texts may be under way at once; of a call one question is, and an older document would lead back to another.
"""

MOST = 200
"""Events that are known to have come."""


def given(rows: Sequence[Row], event_key: str) -> str | None:
    """The answer to an event that came before; where its own is kept no more, the newest; None to a new one."""
    for row in reversed(rows):
        if row[0] == event_key:
            return str((row if len(row) > 2 else rows[-1])[2])
    return None


def with_one_more(rows: Sequence[Row], newest: Row, whole: int, kept: timedelta) -> list[Row]:
    """The rows and one more; `whole` of them with their answers, and none that is older than it by more than `kept`."""
    since = int(newest[1]) - kept.total_seconds()
    young = [row for row in rows[-MOST + 1 :] if int(row[1]) > since]
    bare = max(len(young) + 1 - whole, 0)
    return [*(row[:2] for row in young[:bare]), *young[bare:], newest]


def row(event_key: str, at: datetime, answer: str) -> Row:
    """What is kept of one event."""
    return event_key, int(at.timestamp()), answer
