"""One Redis and one set of services for all runs of this folder; each run begins with an empty store."""

import logging

import pytest
import structlog

from tests.paging.house import World


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("paging"))
    yield made
    made.stop()


@pytest.fixture(autouse=True, scope="module")
def _quiet():
    """Thousands of lines of log would hide what a failed run says."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.configure(**before)
