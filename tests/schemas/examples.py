"""Payloads of every known event type: some that must pass, some that must not."""

from __future__ import annotations

from typing import Any

Payload = dict[str, Any]

_STAGE: Payload = {
    "agent_id": "agent:001",
    "task_id": "task-1",
    "timestamp": "2026-01-02T03:04:05.000Z",
}
_SESSION: Payload = {
    "timestamp": "2024-01-01T12:00:00.000Z",
    "worker_id": "worker-uuid",
    "aux": {"info_type": "smiles_init", "reaction_index": 0},
}

VALID: list[tuple[str, Payload]] = [
    (
        "agent.status",
        {
            "agent_id": "agent:001",
            "status": "RUNNING",
            "progress_percent": 50,
            "current_step": "thermal_analysis",
            "metadata": {"steam_flow": 25.5, "efficiency": 0.88},
        },
    ),
    ("agent.status", {"agent_id": "agent:001", "status": "COMPLETED", "progress_percent": 100}),
    ("agent.status", {"agent_id": "a", "status": "IDLE", "progress_percent": None, "new": [1]}),
    (
        "calculation.progress",
        {
            "job_id": "job:123",
            "agent_id": "agent:001",
            "progress_percent": 75,
            "current_step": "Calculating emissions",
            "step_number": 3,
            "total_steps": 4.0,
            "elapsed_seconds": 120.5,
            "estimated_total_seconds": 160,
            "details": {"records_processed": 300, "current_temp": 155.0},
        },
    ),
    (
        "alarm.update",
        {
            "alarm_id": "alarm:001",
            "agent_id": "agent:001",
            "severity": "CRITICAL",
            "message": "Pressure exceeded maximum",
            "parameter": "steam_pressure",
            "current_value": 9.5,
            "threshold_value": 9,
            "metadata": {"unit": "bar", "time_exceeded": "2 minutes"},
        },
    ),
    (
        "metrics.update",
        {
            "source_id": "agent:001",
            "metrics": {"temperature": 150.5, "pressure": 8},
            "unit": "SI",
            "metadata": {"data_quality": "GOOD"},
        },
    ),
    ("WorkflowStarted", {**_STAGE, "description": "Explain", "budget": 1.5}),
    ("WorkflowStarted", {**_STAGE, "attempt": 2, "worker_id": "w", "queue_sequence": 7}),
    ("WorkflowCompleted", {**_STAGE, "result": {"answer": "42"}, "cost": 0.02}),
    ("WorkflowCompleted", {**_STAGE, "result": None}),
    ("WorkflowFailed", {**_STAGE, "error": "no model"}),
    ("WorkflowLLMCallStarted", {**_STAGE, "model": "gpt-4", "estimated_cost": 0.01}),
    ("WorkflowLLMCallCompleted", {**_STAGE, "model": "gpt-4", "cost": 0.01, "result": "text"}),
    ("WorkflowToolCallStarted", {**_STAGE, "tool": "search", "arguments": {"q": "x"}}),
    ("WorkflowToolCallCompleted", {**_STAGE, "tool": "search", "result": [1, 2]}),
    ("WorkflowBudgetWarning", {**_STAGE, "budget": 1, "spent": 0.8}),
    ("WorkflowBudgetExceeded", {**_STAGE, "budget": 1, "spent": 1.2}),
    ("WorkflowPaused", _STAGE),
    ("WorkflowResumed", {**_STAGE, "timestamp": "2025-12-07T10:30:45.123456"}),
    ("WorkflowStepStarted", {**_STAGE, "step": 1}),
    ("WorkflowStepCompleted", {**_STAGE, "step": "retrieve", "result": {}}),
    ("chat.status", {"type": "status", "status": "analyzing", "message": "Analyzing …"}),
    ("chat.status", {"type": "status", "request_id": "req_123", "message": "Processing"}),
    (
        "chat.specialist_activated",
        {"type": "specialist_activated", "specialist": "DataAnalyst", "task": "t", "icon": "📊"},
    ),
    ("chat.specialist_activated", {"type": "specialist_activated", "specialist": "Expert1"}),
    (
        "chat.specialist_update",
        {"type": "specialist_update", "specialist": "e", "status": "s", "timestamp": "2026-01-01"},
    ),
    ("chat.specialist_complete", {"type": "specialist_complete", "specialist": "DataAnalyst"}),
    (
        "chat.progress",
        {"type": "progress", "specialist": "d", "progress": 65, "current_action": "a"},
    ),
    ("chat.progress", {"type": "progress", "progress": 50}),
    (
        "chat.thinking",
        {"type": "thinking", "agent": "Orchestrator", "thought": "…", "visible": True},
    ),
    (
        "chat.tool_call",
        {"type": "tool_call", "tool": "q", "parameters": {"query": "SELECT"}, "specialist": "d"},
    ),
    (
        "chat.tool_call",
        {"type": "tool_call", "tool": "q", "arguments": {}, "timestamp": "2026-01-02T03:04:05"},
    ),
    (
        "chat.partial_result",
        {"type": "partial_result", "specialist": "r", "result": {"risk_score": 7.2}},
    ),
    (
        "chat.synthesis",
        {
            "type": "synthesis",
            "message": "Combining",
            "specialists_complete": ["DataAnalyst", "RiskAnalyst"],
            "specialists_pending": [],
        },
    ),
    ("chat.text", {"type": "text", "content": "Hello", "timestamp": "2026-01-02T03:04:05"}),
    ("chat.timeout", {"type": "timeout", "message": "Longer …", "action": "continuing"}),
    ("chat.batch", {"type": "batch", "updates": [{"type": "progress", "progress": 50}]}),
    ("chat.error", {"type": "error", "error": "it broke"}),
    ("chat.error", {"type": "error", "message": "it broke"}),
    ("chat.complete", {"type": "complete", "result": {"answer": "42"}}),
    ("chat.complete", {"type": "complete", "status": "complete"}),
    ("session.info", {"type": "info", "message": "Starting", **_SESSION}),
    (
        "session.data",
        {
            "type": "data",
            "message": "Got SMILES values for reaction 0",
            **_SESSION,
            "aux": {
                "info_type": "smiles_update",
                "reaction_index": 0,
                "returnable": {"values": ["CCO", "C=O"], "invalid_count": 1},
            },
        },
    ),
    ("session.error", {"type": "error", "message": "m", **_SESSION, "aux": {"info_type": "x"}}),
    ("session.completion", {"_type": "completion", "status": "completed"}),
    ("session.completion", {"_type": "completion", "status": "error", "error": "Error message"}),
    (
        "task.submitted",
        {
            "task_id": "task-1",
            "agent_id": "agent:001",
            "description": "My streaming task",
            "user_id": "user123",
            "task_parameters": {"enable_streaming": True, "model": "gpt-4"},
        },
    ),
    ("task.cancelled", {"task_id": "task-1", "agent_id": "agent:001"}),
]

INVALID: list[tuple[str, Payload, str]] = [
    ("agent.status", {"status": "IDLE"}, "agent_id"),
    ("agent.status", {"agent_id": "", "status": "IDLE"}, "agent_id"),
    ("agent.status", {"agent_id": "a", "status": "running"}, "status"),
    ("agent.status", {"agent_id": "a", "status": "IDLE", "progress_percent": 100.1}, "percent"),
    ("agent.status", {"agent_id": "a", "status": "IDLE", "progress_percent": -1}, "percent"),
    ("agent.status", {"agent_id": "a", "status": "IDLE", "progress_percent": True}, "percent"),
    ("agent.status", {"agent_id": "a", "status": "IDLE", "progress_percent": "50"}, "percent"),
    ("agent.status", {"agent_id": "a", "status": "IDLE", "metadata": [1]}, "metadata"),
    ("calculation.progress", {"agent_id": "a", "progress_percent": 1}, "job_id"),
    ("calculation.progress", {"job_id": "j", "agent_id": "a"}, "progress_percent"),
    (
        "calculation.progress",
        {"job_id": "j", "agent_id": "a", "progress_percent": 1, "step_number": 1.5},
        "step_number",
    ),
    (
        "calculation.progress",
        {"job_id": "j", "agent_id": "a", "progress_percent": 1, "elapsed_seconds": -0.1},
        "elapsed_seconds",
    ),
    ("alarm.update", {"alarm_id": "x", "agent_id": "a", "severity": "BAD", "message": ""}, "sever"),
    ("alarm.update", {"alarm_id": "x", "agent_id": "a", "severity": "INFO"}, "message"),
    ("metrics.update", {"source_id": "a"}, "metrics"),
    ("metrics.update", {"source_id": "a", "metrics": {"t": "hot"}}, "metrics"),
    ("metrics.update", {"source_id": "a", "metrics": {"t": None}}, "metrics"),
    ("WorkflowStarted", {"agent_id": "a", "task_id": "t"}, "timestamp"),
    ("WorkflowStarted", {"agent_id": "a", "task_id": "t", "timestamp": ""}, "timestamp"),
    ("WorkflowFailed", {**_STAGE, "error": {"code": 1}}, "error"),
    ("WorkflowBudgetWarning", {**_STAGE, "spent": -1}, "spent"),
    ("WorkflowStepStarted", {**_STAGE, "step": 1.5}, "step"),
    ("chat.text", {"content": "no tag"}, "type"),
    ("chat.text", {"type": "status", "content": "another tag"}, "type"),
    ("chat.text", {"type": None, "content": "no tag"}, "type"),
    ("chat.text", {"type": "never", "content": "no such tag"}, "never"),
    ("chat.text", {"type": "text"}, "content"),
    ("chat.progress", {"type": "progress", "progress": 101}, "progress"),
    ("chat.batch", {"type": "batch", "updates": ["x"]}, "updates"),
    ("session.info", {"type": "info", "message": "m", **_SESSION, "aux": {}}, "info_type"),
    ("session.data", {"type": "info", "message": "m", **_SESSION}, "type"),
    ("session.completion", {"status": "completed"}, "_type"),
    ("session.completion", {"_type": "completion", "status": "done"}, "status"),
    ("task.submitted", {"task_id": "t", "agent_id": "a"}, "task_parameters"),
]
