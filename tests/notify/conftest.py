"""What tests of channels share."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from io import StringIO

import pytest

from notify_server import Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What a program that logs everything would have in its log.

    pytest's own fixture also listens to loggers that keep to themselves.
    """
    written, root = StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(written), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)
