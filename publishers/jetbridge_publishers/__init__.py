"""Publishing to Jetbridge from agents: needs `nats-py`, but not the bridge."""

from __future__ import annotations

try:
    import nats as _nats  # noqa: F401  # pyright: ignore[reportUnusedImport] - only to see if it is there
except ModuleNotFoundError as error:
    raise ImportError(
        "jetbridge_publishers needs nats-py, which is not installed. "
        "Install it with: pip install 'jetbridge[publishers]'"
    ) from error
