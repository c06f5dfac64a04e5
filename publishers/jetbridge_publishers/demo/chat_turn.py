"""A chat turn of an orchestrator with three specialists: pure, the same for the same seed.

It says every kind of chat message. `timeout` comes when the query asks for something slow,
`error`, instead of an answer, when it asks for a failure.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jetbridge_publishers.demo.beats import Beat, chance_of
from jetbridge_schemas.chat import (
    ChatBatch,
    ChatComplete,
    ChatError,
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

ORCHESTRATOR = "Orchestrator"


@dataclass(frozen=True, slots=True)
class Specialist:
    """Somebody with one skill: what they do, and what they do it with."""

    name: str
    icon: str
    task: str
    actions: tuple[str, str]
    tool: str
    arguments: dict[str, Any]


SPECIALISTS = (
    Specialist(
        "DataAnalyst",
        "📊",
        "Analyzing trends in your data",
        ("Reading two years of operation", "Processing historical data"),
        "data_query",
        {"query": "SELECT day, steam_t, fuel_mwh FROM operation WHERE day > now() - 730"},
    ),
    Specialist(
        "RiskAnalyst",
        "⚖️",
        "Weighing what could go wrong",
        ("Collecting incidents", "Simulating a hard winter"),
        "monte_carlo",
        {"runs": 10_000, "variable": "gas_price"},
    ),
    Specialist(
        "ComplianceExpert",
        "📋",
        "Checking permits and limits",
        ("Reading the emission permit", "Comparing with measured values"),
        "permit_lookup",
        {"permit": "2023-117", "pollutants": ["NOx", "CO"]},
    ),
)
NAMES = [specialist.name for specialist in SPECIALISTS]


def chat_turn(query: str, *, seed: int) -> Iterator[Beat]:
    """What is said in answer to `query`: about 45 messages in 14 seconds."""
    chance = chance_of(seed, query)
    asked = query.lower()
    yield Beat(0.0, ChatStatus(status="analyzing", message="Analyzing your request complexity..."))
    yield Beat(0.6, _thought("This needs data, risk and compliance; I ask all three.", True))
    for specialist in SPECIALISTS:
        yield Beat(0.2, _activated(specialist))
    yield from _work(chance)
    if "slow" in asked:
        yield Beat(1.0, _timeout())
    yield from _results(chance, fails="fail" in asked)
    if "fail" in asked:
        yield Beat(0.4, ChatError(error="The permit register does not answer"))
        return
    yield from _answer(query, chance)


def _work(chance: random.Random) -> Iterator[Beat]:
    """Everybody works at once: what they say comes in turns, and once all together."""
    for share, action in ((30, 0), (65, 1)):
        for specialist in chance.sample(SPECIALISTS, 3):
            percent = share + chance.randrange(-10, 11)
            name, doing = specialist.name, specialist.actions[action]
            yield Beat(0.35, ChatSpecialistUpdate(specialist=name, status=doing))
            yield Beat(0.25, ChatProgress(specialist=name, progress=percent, current_action=doing))
    for specialist in SPECIALISTS:
        yield Beat(0.3, _tool_call(specialist))
    updates = [
        {"type": "progress", "specialist": name, "progress": chance.randrange(85, 96)}
        for name in NAMES
    ]
    yield Beat(0.4, ChatBatch(updates=updates))
    yield Beat(0.1, ChatProgress(progress=60, current_action="Waiting for the results"))


def _results(chance: random.Random, *, fails: bool) -> Iterator[Beat]:
    done: list[str] = []
    for specialist in SPECIALISTS[:2] if fails else SPECIALISTS:
        name = specialist.name
        yield Beat(0.5, ChatPartialResult(specialist=name, result=_finding(name, chance)))
        done.append(name)
        yield Beat(0.2, ChatSpecialistComplete(specialist=name, message="Done"))
        pending = [each for each in NAMES if each not in done]
        message = f"Combining insights from {len(done)} of {len(NAMES)} specialists..."
        yield Beat(
            0.3,
            ChatSynthesis(
                message=message, specialists_complete=list(done), specialists_pending=pending
            ),
        )


def _answer(query: str, chance: random.Random) -> Iterator[Beat]:
    saving = chance.randrange(6, 13)
    yield Beat(0.3, _thought("The three agree well enough to answer.", False))
    sentences = (
        f"You asked: “{query.strip() or 'nothing in particular'}”. ",
        f"The data show that a new economizer saves about {saving} % of the fuel. ",
        "The risk lies in the gas price, not in the technology. ",
        "The permit allows it as long as NOx stays below 100 mg/m³.",
    )
    for sentence in sentences:
        for piece in _pieces(sentence):
            yield Beat(0.12, ChatText(content=piece))
    yield Beat(0.2, ChatProgress(progress=100, current_action="Done"))
    yield Beat(0.1, ChatComplete(status="complete", result={"saving_percent": saving}))


def _pieces(sentence: str) -> Iterator[str]:
    words = sentence.split(" ")
    for start in range(0, len(words), 4):
        last = start + 4 >= len(words)
        yield " ".join(words[start : start + 4]) + ("" if last else " ")


def _finding(name: str, chance: random.Random) -> dict[str, Any]:
    confidence = round(chance.uniform(0.7, 0.95), 2)
    findings = {
        "DataAnalyst": {"trend": "falling", "fuel_percent_per_year": -1.4},
        "RiskAnalyst": {"risk_score": round(chance.uniform(3, 8), 1)},
        "ComplianceExpert": {"compliant": True, "nox_mg_m3": chance.randrange(70, 95)},
    }
    return {**findings[name], "confidence": confidence}


def _thought(text: str, visible: bool) -> ChatThinking:
    return ChatThinking(agent=ORCHESTRATOR, thought=text, visible=visible)


def _activated(specialist: Specialist) -> ChatSpecialistActivated:
    return ChatSpecialistActivated(
        specialist=specialist.name, task=specialist.task, icon=specialist.icon
    )


def _tool_call(specialist: Specialist) -> ChatToolCall:
    return ChatToolCall(
        tool=specialist.tool,
        arguments=specialist.arguments,
        parameters=specialist.arguments,
        specialist=specialist.name,
    )


def _timeout() -> ChatTimeout:
    return ChatTimeout(message="Analysis is taking longer than expected...", action="continuing")
