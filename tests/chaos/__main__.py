"""`make chaos`: long runs, by three variables of the environment.

CHAOS_SECONDS (600) is how long the monkey is at large in each run; CHAOS_NODES ("1 3") are
the sizes of the NATS clusters, a run for each; CHAOS_SEED repeats a run that was logged.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import sys
import tempfile
from pathlib import Path
from random import Random

from tests.chaos.report import Report
from tests.chaos.run import Options, run_chaos
from tests.chaos.site import single_node_site, three_node_site

logger = logging.getLogger("chaos")

LONGEST_FAULT_SECONDS = 10.0
SITES = {"1": single_node_site, "3": three_node_site}


async def run(folder: Path, nodes: str, seed: int, seconds: float) -> Report:
    """One run in an empty folder."""
    options = Options(seed=seed, seconds=seconds, longest_fault_seconds=LONGEST_FAULT_SECONDS)
    async with SITES[nodes](folder, Random(seed)) as site:
        return await run_chaos(site, options)


def is_good(nodes: str, seed: int, seconds: float) -> bool:
    """Run, and print the report."""
    logger.info("CHAOS_NODES=%s CHAOS_SECONDS=%g CHAOS_SEED=%d", nodes, seconds, seed)
    folder = Path(tempfile.mkdtemp(prefix="jetbridge-chaos-"))
    report = asyncio.run(run(folder, nodes, seed, seconds))
    sys.stdout.write(f"{report.details}\n\n{report.line}\n")
    try:
        report.check()
    except AssertionError as error:
        sys.stdout.write(f"{error}\nlogs: {folder}\n")
        return False
    return True


def main() -> int:
    """All runs; 1 if anything was wrong."""
    level = os.environ.get("CHAOS_LOG_LEVEL") or "INFO"
    logging.basicConfig(level=level, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("jetbridge").setLevel(logging.ERROR)
    seed = int(os.environ.get("CHAOS_SEED") or secrets.randbelow(10**9))
    seconds = float(os.environ.get("CHAOS_SECONDS") or 600)
    sizes = (os.environ.get("CHAOS_NODES") or "1 3").split()
    good = [is_good(nodes, seed, seconds) for nodes in sizes]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
