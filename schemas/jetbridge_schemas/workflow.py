"""Events of a workflow, from its start to its end: model and tool calls, budget, steps.

Every stage says whose task it is and when; the rest is there when the stage has it.
"""

from typing import Any, ClassVar

from jetbridge_schemas.events import Event
from jetbridge_schemas.fields import Id, Money, Seconds, Timestamp, WholeNumber


class WorkflowEvent(Event, frozen=True, kw_only=True):
    """What every stage of a workflow carries."""

    agent_id: Id
    task_id: Id
    timestamp: Timestamp
    message: str | None = None
    metadata: dict[str, Any] | None = None


class WorkflowStarted(WorkflowEvent, frozen=True, kw_only=True):
    """The task is being worked on.

    When a worker dies, another one starts again with the next `attempt`, from 1.
    `queue_sequence` is the task's place in the stream `TASKS`.
    """

    event_type: ClassVar[str] = "WorkflowStarted"

    attempt: WholeNumber | None = None
    worker_id: str | None = None
    queue_sequence: WholeNumber | None = None
    description: str | None = None
    query: str | None = None
    model: str | None = None
    budget: Money | None = None
    enable_streaming: bool | None = None
    task_parameters: dict[str, Any] | None = None


class WorkflowCompleted(WorkflowEvent, frozen=True, kw_only=True):
    """The task ended well; the last event of its stream."""

    event_type: ClassVar[str] = "WorkflowCompleted"

    result: Any = None
    final_response: str | None = None
    cost: Money | None = None
    elapsed_seconds: Seconds | None = None


class WorkflowFailed(WorkflowEvent, frozen=True, kw_only=True):
    """The task ended badly; the last event of its stream."""

    event_type: ClassVar[str] = "WorkflowFailed"

    error: str | None = None
    error_type: str | None = None
    cost: Money | None = None
    elapsed_seconds: Seconds | None = None


class WorkflowLLMCallStarted(WorkflowEvent, frozen=True, kw_only=True):
    """A language model was asked."""

    event_type: ClassVar[str] = "WorkflowLLMCallStarted"

    model: str | None = None
    estimated_cost: Money | None = None
    step: str | WholeNumber | None = None


class WorkflowLLMCallCompleted(WorkflowEvent, frozen=True, kw_only=True):
    """A language model answered, or failed with `error`."""

    event_type: ClassVar[str] = "WorkflowLLMCallCompleted"

    model: str | None = None
    result: Any = None
    error: str | None = None
    cost: Money | None = None
    input_tokens: WholeNumber | None = None
    output_tokens: WholeNumber | None = None
    elapsed_seconds: Seconds | None = None
    step: str | WholeNumber | None = None


class WorkflowToolCallStarted(WorkflowEvent, frozen=True, kw_only=True):
    """A tool was called."""

    event_type: ClassVar[str] = "WorkflowToolCallStarted"

    tool: str | None = None
    arguments: dict[str, Any] | None = None
    step: str | WholeNumber | None = None


class WorkflowToolCallCompleted(WorkflowEvent, frozen=True, kw_only=True):
    """A tool returned, or failed with `error`."""

    event_type: ClassVar[str] = "WorkflowToolCallCompleted"

    tool: str | None = None
    result: Any = None
    error: str | None = None
    cost: Money | None = None
    elapsed_seconds: Seconds | None = None
    step: str | WholeNumber | None = None


class WorkflowBudgetWarning(WorkflowEvent, frozen=True, kw_only=True):
    """What was spent comes near the budget."""

    event_type: ClassVar[str] = "WorkflowBudgetWarning"

    budget: Money | None = None
    spent: Money | None = None


class WorkflowBudgetExceeded(WorkflowEvent, frozen=True, kw_only=True):
    """What was spent is over the budget."""

    event_type: ClassVar[str] = "WorkflowBudgetExceeded"

    budget: Money | None = None
    spent: Money | None = None


class WorkflowPaused(WorkflowEvent, frozen=True, kw_only=True):
    """The task waits until it is resumed."""

    event_type: ClassVar[str] = "WorkflowPaused"

    reason: str | None = None
    step: str | WholeNumber | None = None


class WorkflowResumed(WorkflowEvent, frozen=True, kw_only=True):
    """The task goes on."""

    event_type: ClassVar[str] = "WorkflowResumed"

    reason: str | None = None
    step: str | WholeNumber | None = None


class WorkflowStepStarted(WorkflowEvent, frozen=True, kw_only=True):
    """One step of the task begins."""

    event_type: ClassVar[str] = "WorkflowStepStarted"

    step: str | WholeNumber | None = None
    total_steps: WholeNumber | None = None
    description: str | None = None


class WorkflowStepCompleted(WorkflowEvent, frozen=True, kw_only=True):
    """One step of the task is done."""

    event_type: ClassVar[str] = "WorkflowStepCompleted"

    step: str | WholeNumber | None = None
    total_steps: WholeNumber | None = None
    result: Any = None
    cost: Money | None = None
    elapsed_seconds: Seconds | None = None
