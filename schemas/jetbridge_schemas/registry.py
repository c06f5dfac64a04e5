"""Every known event type and the struct of its payload (contract section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from jetbridge_schemas import chat, process_heat, session, task, workflow
from jetbridge_schemas.errors import InvalidSubjectError
from jetbridge_schemas.events import Event

_STRUCTS: tuple[type[Event], ...] = (
    process_heat.AgentStatus,
    process_heat.CalculationProgress,
    process_heat.AlarmUpdate,
    process_heat.MetricsUpdate,
    workflow.WorkflowStarted,
    workflow.WorkflowCompleted,
    workflow.WorkflowFailed,
    workflow.WorkflowLLMCallStarted,
    workflow.WorkflowLLMCallCompleted,
    workflow.WorkflowToolCallStarted,
    workflow.WorkflowToolCallCompleted,
    workflow.WorkflowBudgetWarning,
    workflow.WorkflowBudgetExceeded,
    workflow.WorkflowPaused,
    workflow.WorkflowResumed,
    workflow.WorkflowStepStarted,
    workflow.WorkflowStepCompleted,
    chat.ChatStatus,
    chat.ChatSpecialistActivated,
    chat.ChatSpecialistUpdate,
    chat.ChatSpecialistComplete,
    chat.ChatProgress,
    chat.ChatThinking,
    chat.ChatToolCall,
    chat.ChatPartialResult,
    chat.ChatSynthesis,
    chat.ChatText,
    chat.ChatTimeout,
    chat.ChatBatch,
    chat.ChatError,
    chat.ChatComplete,
    session.SessionInfo,
    session.SessionData,
    session.SessionError,
    session.SessionCompletion,
    task.TaskSubmitted,
    task.TaskCancelled,
)

EVENT_TYPES: Mapping[str, type[Event]] = MappingProxyType(
    {struct.event_type: struct for struct in _STRUCTS}
)
"""Event type → struct, in the order of the contract. Other types are welcome, and not checked."""


def event_type_of(event: Event) -> str:
    """Return the event type that `event` is published as.

    Raises InvalidSubjectError for a struct that has none, such as `ChatEvent` itself.
    """
    name = getattr(type(event), "event_type", None)
    if not isinstance(name, str):
        raise InvalidSubjectError(
            f"{type(event).__name__} has no event type",
            hint='set `event_type: ClassVar[str] = "…"` in the class',
        )
    return name
