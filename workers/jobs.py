"""The jobs by name; each is a doorbell, harmless when rung twice, late or for nothing."""

from workers.doing import wake as look_after
from workers.runtime import services


def advance(case_id: str) -> None:
    """Plan a case."""
    services().dispatch.advance(case_id)


def send(case_id: str, page_id: str) -> None:
    """Hand a page or call to the carrier."""
    services().pager.send(case_id, page_id)


def reconcile(case_id: str, page_id: str) -> None:
    """Find out what became of a page whose answer was lost."""
    services().pager.reconcile(case_id, page_id)


def stop(case_id: str, page_id: str) -> None:
    """Stop a phone that rings for nothing."""
    services().pager.stop(case_id, page_id)


def tell(case_id: str, notice_id: str) -> None:
    """Tell somebody something."""
    services().errands.tell(case_id, notice_id)


def join(case_id: str) -> None:
    """Move the holding caller into the bridge."""
    services().errands.join(case_id)


def check(case_id: str) -> None:
    """See whether calls are still live."""
    services().errands.check(case_id)


def stay(case_id: str) -> None:
    """Let the owner leave a room without ending it."""
    services().errands.stay(case_id)


def post(letter_id: str) -> None:
    """Hand a letter to the carrier."""
    services().post.deliver(letter_id)


def chore(name: str) -> None:
    """Do what the line does by the clock."""
    services().chores.run(name)


def recording(sid: str, case_id: str) -> None:
    """Fetch a caller's spoken message for its case, or delete it at the carrier."""
    services().voicemail.settle(sid, case_id)


def timer(session_id: str, name: str, version: str) -> None:
    """Wake a conversation."""
    services().errands.timer(session_id, name, int(version))


def wake(*rows: str) -> None:
    """Look after due rows."""
    look_after(services(), rows)
