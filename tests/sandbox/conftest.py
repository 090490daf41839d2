"""A stand-in server per test, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from sandbox_bench import Bench

from citewatch.sandbox import Sandbox, World


@pytest.fixture(scope="session")
def living_world() -> World:
    """The living world; it is never changed, so that one serves all tests."""
    return World()


@pytest.fixture
def make_bench(living_world: World) -> Iterator[Callable[..., Bench]]:
    with ExitStack() as stack:

        def make(**options: Any) -> Bench:
            bench = Bench()
            world = options.pop("world", living_world)
            box = Sandbox(world, lambda: bench.now, **options)
            bench.box = stack.enter_context(box)
            bench.client = stack.enter_context(httpx.Client(trust_env=False))
            return bench

        yield make


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    """A stand-in without limits."""
    return make_bench(limits=False)


@pytest.fixture
def strict(make_bench: Callable[..., Bench]) -> Bench:
    """A stand-in with limits."""
    return make_bench()
