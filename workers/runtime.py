"""The services of this worker process, built once; a forked job inherits them."""

from functools import lru_cache

from config.logs import configure
from config.settings import from_environment
from helpline.wiring import Services, build


@lru_cache(maxsize=1)
def services() -> Services:
    """The services, over the process's environment."""
    settings = from_environment()
    configure(settings)
    line = build(settings)
    line.watch_content()
    return line
