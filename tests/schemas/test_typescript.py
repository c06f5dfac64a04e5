"""The TypeScript types: complete, and closed in themselves."""

from __future__ import annotations

import re
from enum import StrEnum

import pytest

from jetbridge_schemas import (
    CONTROL_EVENTS,
    EVENT_TYPES,
    DeadLetterReason,
    GapReason,
    NotDurableReason,
    UnavailableReason,
)
from jetbridge_schemas.export import typescript_module


def test_typescript_has_one_union_member_per_event():
    module = typescript_module()
    for type, struct in {**EVENT_TYPES, **CONTROL_EVENTS}.items():
        assert f'  | {{ type: "{type}"; data: {struct.__name__} }}' in module
        assert f"export interface {struct.__name__} {{" in module
    assert module.count("  | { type: ") == len(EVENT_TYPES) + len(CONTROL_EVENTS)


@pytest.mark.parametrize(
    "reasons", [DeadLetterReason, GapReason, NotDurableReason, UnavailableReason]
)
def test_typescript_has_the_reasons_as_literals(reasons: type[StrEnum]):
    declared = re.search(rf"export type {reasons.__name__} = (.*);", typescript_module())
    assert declared is not None
    assert set(declared[1].split(" | ")) == {f'"{reason}"' for reason in reasons}


def test_typescript_names_nothing_that_it_does_not_declare():
    module = typescript_module()
    declared = set(re.findall(r"export (?:type|interface|const) (\w+)", module))
    code = re.sub(r'(?m)"[^"]*"|/\*\*.*\*/$|^ *[/*].*$', "", module)
    used = set(re.findall(r"\b[A-Z]\w+", code))
    assert used <= declared | {"Array", "Record"}


def test_typescript_says_which_members_may_be_missing_and_in_what_unit():
    assert (
        "export interface CalculationProgress {\n"
        "  /** An id; never empty. */\n"
        "  job_id: string;\n"
        "  /** An id; never empty. */\n"
        "  agent_id: string;\n"
        "  /** A percentage from 0 to 100. */\n"
        "  progress_percent: number;\n"
        "  current_step?: string | null;\n"
    ) in typescript_module()
    assert (
        "  /** A duration in seconds. */\n  elapsed_seconds?: number | null;\n"
        in typescript_module()
    )
