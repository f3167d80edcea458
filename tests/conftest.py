"""What tests of several folders share."""

import pytest

import costmodel as cm


@pytest.fixture(scope="session")
def american():
    """The study clonazepam-us: reading it checks and evaluates every scenario, so it is read once."""
    return cm.read_study("clonazepam-us")
