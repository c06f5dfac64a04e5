"""What travels between agents, NATS, the bridge and browsers. Needs msgspec and nothing else.

- events by family: `process_heat`, `workflow`, `chat`, `session`, `task`; all of them by type in
  `registry.EVENT_TYPES`; what the bridge adds in `control`, and why in `reasons`
- `subjects`: ids → subject tokens and back
- tasks: `task_request` and `task_control` go to workers, `presence` comes from them;
  `task_fold`: a task's events → its `task_state`; `terminal`: which events end a stream
- `codec`: message bodies → JSON, events → bytes; `validation`: does a payload fit its type
- `cloudevents`, `timestamps`, `dead_letters`, `errors`: as they are called
- `export` (not imported here): JSON Schema, AsyncAPI and TypeScript made from the structs
"""

from jetbridge_schemas.chat import (
    ChatBatch,
    ChatComplete,
    ChatError,
    ChatEvent,
    ChatPartialResult,
    ChatProgress,
    ChatSpecialistActivated,
    ChatSpecialistComplete,
    ChatSpecialistUpdate,
    ChatStatus,
    ChatSynthesis,
    ChatText,
    ChatThinking,
    ChatTimeout,
    ChatToolCall,
)
from jetbridge_schemas.cloudevents import structured_event
from jetbridge_schemas.codec import (
    MAX_EVENT_BYTES,
    MSGPACK_CONTENT_TYPE,
    encode_json,
    encode_msgpack,
    to_json,
)
from jetbridge_schemas.control import (
    CONTROL_EVENTS,
    CaughtUp,
    Connected,
    ControlEvent,
    Draining,
    Gap,
    Heartbeat,
    SnapshotEnd,
    Unavailable,
)
from jetbridge_schemas.dead_letters import DeadLetter
from jetbridge_schemas.errors import (
    InvalidIdError,
    InvalidSubjectError,
    JetbridgeError,
    OutOfOrderError,
    PayloadError,
)
from jetbridge_schemas.events import Event
from jetbridge_schemas.presence import (
    WORKER_SERVICE,
    AgentInfo,
    WorkerPresence,
    agents_of,
    presence_subject,
)
from jetbridge_schemas.process_heat import (
    AgentStatus,
    AgentStatusEnum,
    AlarmSeverityEnum,
    AlarmUpdate,
    CalculationProgress,
    MetricsUpdate,
)
from jetbridge_schemas.reasons import (
    DeadLetterReason,
    GapReason,
    NotDurableReason,
    PauseReason,
    TaskFailure,
    UnavailableReason,
)
from jetbridge_schemas.registry import EVENT_TYPES, event_type_of
from jetbridge_schemas.session import (
    SessionAux,
    SessionCompletion,
    SessionData,
    SessionError,
    SessionEvent,
    SessionInfo,
)
from jetbridge_schemas.subjects import (
    CONTROL_TYPES,
    DEFAULT_TENANT,
    NO_JOB,
    EventSubject,
    check_event_type,
    control_subject,
    dead_letter_subject,
    decode_id,
    encode_id,
    event_subject,
    parse_event_subject,
    task_subject,
)
from jetbridge_schemas.task import TaskCancelled, TaskEvent, TaskSubmitted
from jetbridge_schemas.task_control import TaskAction, TaskControl, TaskControlReply
from jetbridge_schemas.task_fold import fold_task
from jetbridge_schemas.task_request import SUBMITTED_HEADER, TaskRequest, decode_request
from jetbridge_schemas.task_state import TaskState, TaskStatus
from jetbridge_schemas.terminal import TERMINAL_TYPES, Surface, is_terminal
from jetbridge_schemas.timestamps import rfc3339
from jetbridge_schemas.validation import decode_event, validate
from jetbridge_schemas.version import __version__
from jetbridge_schemas.workflow import (
    WorkflowBudgetExceeded,
    WorkflowBudgetWarning,
    WorkflowCompleted,
    WorkflowEvent,
    WorkflowFailed,
    WorkflowLLMCallCompleted,
    WorkflowLLMCallStarted,
    WorkflowPaused,
    WorkflowResumed,
    WorkflowStarted,
    WorkflowStepCompleted,
    WorkflowStepStarted,
    WorkflowToolCallCompleted,
    WorkflowToolCallStarted,
)

__all__ = [
    "CONTROL_EVENTS",
    "CONTROL_TYPES",
    "DEFAULT_TENANT",
    "EVENT_TYPES",
    "MAX_EVENT_BYTES",
    "MSGPACK_CONTENT_TYPE",
    "NO_JOB",
    "SUBMITTED_HEADER",
    "TERMINAL_TYPES",
    "WORKER_SERVICE",
    "AgentInfo",
    "AgentStatus",
    "AgentStatusEnum",
    "AlarmSeverityEnum",
    "AlarmUpdate",
    "CalculationProgress",
    "CaughtUp",
    "ChatBatch",
    "ChatComplete",
    "ChatError",
    "ChatEvent",
    "ChatPartialResult",
    "ChatProgress",
    "ChatSpecialistActivated",
    "ChatSpecialistComplete",
    "ChatSpecialistUpdate",
    "ChatStatus",
    "ChatSynthesis",
    "ChatText",
    "ChatThinking",
    "ChatTimeout",
    "ChatToolCall",
    "Connected",
    "ControlEvent",
    "DeadLetter",
    "DeadLetterReason",
    "Draining",
    "Event",
    "EventSubject",
    "Gap",
    "GapReason",
    "Heartbeat",
    "InvalidIdError",
    "InvalidSubjectError",
    "JetbridgeError",
    "MetricsUpdate",
    "NotDurableReason",
    "OutOfOrderError",
    "PauseReason",
    "PayloadError",
    "SessionAux",
    "SessionCompletion",
    "SessionData",
    "SessionError",
    "SessionEvent",
    "SessionInfo",
    "SnapshotEnd",
    "Surface",
    "TaskAction",
    "TaskCancelled",
    "TaskControl",
    "TaskControlReply",
    "TaskEvent",
    "TaskFailure",
    "TaskRequest",
    "TaskState",
    "TaskStatus",
    "TaskSubmitted",
    "Unavailable",
    "UnavailableReason",
    "WorkerPresence",
    "WorkflowBudgetExceeded",
    "WorkflowBudgetWarning",
    "WorkflowCompleted",
    "WorkflowEvent",
    "WorkflowFailed",
    "WorkflowLLMCallCompleted",
    "WorkflowLLMCallStarted",
    "WorkflowPaused",
    "WorkflowResumed",
    "WorkflowStarted",
    "WorkflowStepCompleted",
    "WorkflowStepStarted",
    "WorkflowToolCallCompleted",
    "WorkflowToolCallStarted",
    "__version__",
    "agents_of",
    "check_event_type",
    "control_subject",
    "dead_letter_subject",
    "decode_event",
    "decode_id",
    "decode_request",
    "encode_id",
    "encode_json",
    "encode_msgpack",
    "event_subject",
    "event_type_of",
    "fold_task",
    "is_terminal",
    "parse_event_subject",
    "presence_subject",
    "rfc3339",
    "structured_event",
    "task_subject",
    "to_json",
    "validate",
]
