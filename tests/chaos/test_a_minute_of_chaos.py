"""Nothing is lost while everything breaks: the short form of `make chaos`."""

from __future__ import annotations

import logging
import os
import secrets
from pathlib import Path
from random import Random

import pytest

from tests.chaos.run import Options, run_chaos
from tests.chaos.site import single_node_site

logger = logging.getLogger("chaos")

SECONDS = 40
LONGEST_FAULT_SECONDS = 2.5


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_no_client_misses_anything_whatever_breaks(tmp_path: Path) -> None:
    seed = int(os.environ.get("CHAOS_SEED") or secrets.randbelow(10**9))
    options = Options(seed=seed, seconds=SECONDS, longest_fault_seconds=LONGEST_FAULT_SECONDS)
    async with single_node_site(tmp_path, Random(seed)) as site:
        report = await run_chaos(site, options)
    logger.info("%s", report.line)
    report.check()
