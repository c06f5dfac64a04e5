"""Agents to look at: a chat with specialists, a workflow with a budget, a reaction session."""

from __future__ import annotations

from jetbridge_publishers.demo.agents import (
    CHAT_AGENT,
    SESSION_AGENT,
    WORKFLOW_AGENT,
    DemoOptions,
    chat_worker,
    run_demo_workers,
    session_worker,
    workflow_worker,
)

__all__ = [
    "CHAT_AGENT",
    "SESSION_AGENT",
    "WORKFLOW_AGENT",
    "DemoOptions",
    "chat_worker",
    "run_demo_workers",
    "session_worker",
    "workflow_worker",
]
