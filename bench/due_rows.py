"""How late due rows are attended to: the line's own, and the jobs of RQ's scheduler beside them."""

import secrets
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from bench import load, stack, stock_rq
from bench.figures import Times, lateness
from bench.stack import Server
from helpline.store import Transaction, keys
from helpline.store.transaction import milliseconds
from helpline.wiring import Services, connect

ROWS = 1_000
OVER_S = 10.0
LOOK_S, AHEAD_S = 0.004, 0.05  # how often is looked, and how far ahead: a row taken before its time is seen, too
PATIENCE_S = 30.0
CALLERS_AT_ONCE = 5
STOCK_STARTS_S, STOCK_ENQUEUES_PER_S, STOCK_PATIENCE_S = 3.0, 500, 120.0


def of_the_line(line: Server, services: Services) -> Times:
    """Conversations whose menu was left open; late is the time until a row has been attended to and taken out."""
    rows = left_open(line, services)
    begin = datetime.now(UTC) + timedelta(seconds=1)
    due = {row: begin + timedelta(seconds=OVER_S * n / ROWS) for n, row in enumerate(rows)}
    services.store.transact(lambda tx: _wake(tx, due))
    late: list[float] = []
    redis = connect(services.settings, answer_s=None)
    while due and datetime.now(UTC) < begin + timedelta(seconds=OVER_S + PATIENCE_S):
        near = datetime.now(UTC) + timedelta(seconds=AHEAD_S)
        waiting = _names(redis.zrangebyscore(keys.DUE, 0, milliseconds(near)))
        seen = datetime.now(UTC)
        attended = [row for row, at in due.items() if at <= near and row not in waiting]
        late += [(seen - due.pop(row)).total_seconds() * 1_000 for row in attended]
        time.sleep(LOOK_S)
    if due:
        raise RuntimeError(f"{len(due)} due rows were never attended to")
    return lateness(f"{ROWS:,} due rows, ours", late)


def left_open(line: Server, services: Services) -> list[str]:
    """The rows of callers who said hello and left the menu open: no question whose silence brings a person."""
    redis = connect(services.settings, answer_s=None)
    before = _names(redis.zrange(keys.DUE, 0, -1))
    numbers = [f"+1404{n:07d}" for n in range(ROWS)]
    posts = [line.post("/twilio/sms", stack.text(who, "hi", f"SM{secrets.token_hex(16)}")) for who in numbers]
    answered = load.run("127.0.0.1", line.port, posts, CALLERS_AT_ONCE)
    if answered.wrong:
        raise RuntimeError(f"{answered.wrong} of {ROWS} answers were not 200")
    rows = _names(redis.zrange(keys.DUE, 0, -1)) - before
    timers = sorted(row for row in rows if row.startswith("timer|"))
    if len(timers) != ROWS:
        raise RuntimeError(f"{ROWS} callers left {len(timers)} menus open")
    return timers


def of_stock_rq() -> Times:
    """As many with RQ's own scheduler: `enqueue_in` and `rq worker --with-scheduler`, on a Redis of its own."""
    with stock_rq.stock() as one, one.worker("late", "--with-scheduler"):
        time.sleep(STOCK_STARTS_S)
        begin = time.time() + 1 + ROWS / STOCK_ENQUEUES_PER_S
        for n in range(ROWS):
            at = begin + OVER_S * n / ROWS
            one.queue.enqueue_in(timedelta(seconds=at - time.time()), "bench.peers.stock_alert.alert", at)
        until = begin + OVER_S + STOCK_PATIENCE_S
        while (ran := one.redis.llen(stock_rq.LATE)) < ROWS and time.time() < until:
            time.sleep(0.1)
        if ran < ROWS:
            raise RuntimeError(f"stock RQ ran {ran} of {ROWS} rows within {STOCK_PATIENCE_S:g} s")
        late = [float(seconds) * 1_000 for seconds in one.redis.lrange(stock_rq.LATE, 0, -1)]
    return lateness(f"{ROWS:,} due rows, stock RQ `enqueue_in`", late)


def _wake(tx: Transaction, due: Mapping[str, datetime]) -> None:
    for row, at in due.items():
        tx.wake(row, at)


def _names(rows: Iterable[object]) -> set[str]:
    """Rows as this connection reads them, in bytes."""
    return {row.decode() for row in rows if isinstance(row, bytes)}
