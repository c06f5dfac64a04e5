"""A small steam plant that publishes like a real one: for demos, examples and load."""

from __future__ import annotations

from jetbridge_publishers.plant.demo import run_demo

__all__ = ["run_demo"]
