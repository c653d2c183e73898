"""How much processor time one message takes to be screened: `python -m bench.screening`; prints a table.

Processor time, not time on the wall: what else runs on the machine is not the lexicon's doing.
"""

import random
import time
from pathlib import Path

from bench.figures import quantile
from config.lexicon import load_lexicon
from flows.safety import Lexicon, screen

CONTENT = Path(__file__).parents[1] / "flows" / "content"
SUITES = Path(__file__).parents[1] / "tests" / "safety_suites"
ROUNDS = 200
WALL = 1_600


def messages(name: str) -> list[str]:
    import json

    return [json.loads(line)["text"] for line in (SUITES / name).read_text(encoding="utf-8").splitlines()]


def wall(draw: random.Random, parts: list[str], glue: str) -> str:
    text = ""
    while len(text) < WALL:
        text += draw.choice(parts) + glue
    return text[:WALL]


def timed(texts: list[str], lexicon: Lexicon) -> list[float]:
    taken = []
    for text in texts:
        begun = time.thread_time()
        screen(text, lexicon)
        taken.append((time.thread_time() - begun) * 1_000)
    return taken


def measure() -> list[tuple[str, list[float]]]:
    """Milliseconds for each kind of text, ascending."""
    lexicon = load_lexicon(CONTENT)
    draw = random.Random(4)
    calm, danger = messages("must_not_page.jsonl"), messages("must_catch.jsonl")
    letters = [chr(draw.randrange(0x590, 0x6FF)) * 5 for _ in range(50)]
    kinds = {
        "one SMS, ordinary": [draw.choice(calm) for _ in range(ROUNDS)],
        "one SMS, danger": [draw.choice(danger) for _ in range(ROUNDS)],
        "1,600 characters, ordinary": [wall(draw, calm, ". ") for _ in range(ROUNDS)],
        "1,600 characters, danger": [wall(draw, danger, ". ") for _ in range(ROUNDS)],
        "1,600, danger, no punctuation": [wall(draw, danger, " ") for _ in range(ROUNDS)],
        "1,600, one phrase repeated": [wall(draw, [text], " ") for text in draw.sample(danger, 100)],
        "1,600, letters spaced": [" ".join(wall(draw, danger, " ")[: WALL // 2]) for _ in range(ROUNDS)],
        "1,600, right to left": [wall(draw, letters + danger[:3], " ") for _ in range(ROUNDS)],
        "1,600, typos and unknown words": [
            wall(draw, [f"{w}x" for t in danger for w in t.split()], " ") for _ in range(ROUNDS)
        ],
    }
    return [(name, sorted(timed(texts, lexicon))) for name, texts in kinds.items()]


def section() -> list[dict[str, object]]:
    """The rows as plain values."""
    return [
        {"name": name, "p50": quantile(taken, 0.5), "p99": quantile(taken, 0.99), "max": taken[-1], "n": len(taken)}
        for name, taken in measure()
    ]


def main() -> None:
    print(f"{'text':34}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}")
    for name, taken in measure():
        print(f"{name:34}{quantile(taken, 0.5):9.2f}{quantile(taken, 0.99):9.2f}{taken[-1]:9.2f}")


if __name__ == "__main__":
    main()
