"""The sources that the contract suite goes through."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("contract_cases", "source_world")

from contract_kits import KITS  # noqa: E402 - its asserts are to be explained
from source_kit import Kit  # noqa: E402


@pytest.fixture(params=sorted(KITS))
def kit(request: pytest.FixtureRequest) -> Kit:
    """Each source in turn."""
    return KITS[request.param]
