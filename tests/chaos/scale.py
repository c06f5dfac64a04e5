"""How large the tests are: small in `make test`, in full in `make chaos`."""

from __future__ import annotations

import os
from typing import TypeVar

T = TypeVar("T")


def scaled(small: T, full: T) -> T:
    """The one that is asked for by the environment: `CHAOS_FULL=1` is all of it."""
    return full if os.environ.get("CHAOS_FULL") == "1" else small
