"""What Twilio itself keeps of texts and calls, and having it deleted there (Twilio docs, Message and Call resources).

Deleting a message deletes its media too. What is not in a final state is refused with 20009 and asked for again
later. Twilio's own logs are not reachable by any customer; they are its business associate agreement's matter.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from helpline.gateway.failures import Refused, translated
from helpline.gateway.rest import NOT_FOUND, Gateway

NOT_FINISHED = 20009
BATCH = 20  # deletions a time: a request takes 0.1 to 0.3 s, and the worker has other work


class Copy(StrEnum):
    """What Twilio keeps."""

    TEXT = "text"
    CALL = "call"
    RECORDING = "recording"


@dataclass(frozen=True, slots=True)
class Copies:
    """Finds and deletes what Twilio keeps for the helpline's own number; the account's other numbers are left alone."""

    gateway: Gateway

    def of(self, number: str, limit: int = BATCH) -> Iterator[tuple[Copy, str]]:
        """What is kept of one person's number: recordings before the calls they hang on.

        Raises:
            Refused, Unavailable, Uncertain: as the gateway says.

        """
        mine, client = self.gateway.number, self.gateway.client
        with translated():
            for here, there in ((number, mine), (mine, number)):
                for call in client.calls.list(from_=here, to=there, limit=limit):
                    for recording in client.recordings.list(call_sid=call.sid, limit=limit):
                        yield Copy.RECORDING, str(recording.sid)
                    yield Copy.CALL, str(call.sid)
                for message in client.messages.list(from_=here, to=there, limit=limit):
                    yield Copy.TEXT, str(message.sid)

    def older_than(self, moment: datetime, limit: int = BATCH) -> Iterator[tuple[Copy, str]]:
        """What is kept of anybody from before this moment.

        Raises:
            Refused, Unavailable, Uncertain: as the gateway says.

        """
        mine, client = self.gateway.number, self.gateway.client
        with translated():
            for recording in client.recordings.list(date_created_before=moment, limit=limit):
                yield Copy.RECORDING, str(recording.sid)
            for side in ("from_", "to"):
                for message in client.messages.list(date_sent_before=moment, limit=limit, **{side: mine}):
                    yield Copy.TEXT, str(message.sid)
                for call in client.calls.list(start_time_before=moment, limit=limit, **{side: mine}):
                    yield Copy.CALL, str(call.sid)

    def delete(self, what: Copy, sid: str) -> bool:
        """Have one deleted; False where it is not finished yet, True also when it was gone already.

        Raises:
            Refused, Unavailable, Uncertain: as the gateway says.

        """
        try:
            with translated():
                self._delete(what, sid)
        except Refused as refused:
            if refused.code == NOT_FINISHED:
                return False
            if refused.code != NOT_FOUND:
                raise
        return True

    def _delete(self, what: Copy, sid: str) -> None:
        match what:
            case Copy.TEXT:
                self.gateway.client.messages(sid).delete()
            case Copy.CALL:
                self.gateway.client.calls(sid).delete()
            case Copy.RECORDING:
                self.gateway.client.recordings(sid).delete()
            case _:
                assert_never(what)
