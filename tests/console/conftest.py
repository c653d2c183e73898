"""One line in this process for all tests of a module; everything in it is forgotten before each."""

import pytest

from tests.console.desk import BEN, CARLA, Desk
from tests.helpline.inside import BEGIN, inside


@pytest.fixture(scope="module")
def _running(tmp_path_factory):
    with inside(tmp_path_factory.mktemp("c")) as line:
        yield line


@pytest.fixture
def line(_running):
    _running.redis.flushall()
    _running.clock.now = BEGIN
    for limiter in _running.app.extensions["limiter"]:
        limiter.reset()
    return _running


@pytest.fixture
def desk(line):
    """A browser nobody has signed in with."""
    return Desk(line, line.app.test_client())


@pytest.fixture
def ana(line):
    return Desk(line, line.app.test_client()).sign_in()


@pytest.fixture
def ben(line):
    return Desk(line, line.app.test_client()).sign_in(BEN)


@pytest.fixture
def carla(line):
    """The supervisor."""
    return Desk(line, line.app.test_client()).sign_in(CARLA)
