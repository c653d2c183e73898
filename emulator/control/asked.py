"""What a control request asks for."""

from flask import request

from emulator.journal import Query


def data() -> object:
    """Return the request's JSON: an empty object without a body, None for what is no JSON."""
    return request.get_json(silent=True) if request.get_data() else {}


def active() -> bool:
    """Return whether only live calls are wanted."""
    return request.args.get("active", "") == "true"


def query() -> Query:
    """Return which records of the journal are wanted."""
    return Query(
        kind=request.args.get("kind", ""),
        level=request.args.get("level", ""),
        subject=request.args.get("subject", ""),
        after=request.args.get("after", 0, int),
    )
