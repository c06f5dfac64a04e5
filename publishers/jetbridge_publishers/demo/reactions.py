"""A session that turns reactions into SMILES, SMARTS and SMIRKS: pure, the same for the same seed.

One reaction in four has a value that is not valid; a session with a query that asks for a
failure ends with one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from jetbridge_publishers.demo.beats import Beat, chance_of

MAX_REACTIONS = 20

MOLECULES = ("CCO", "C=O", "CC(=O)O", "c1ccccc1", "CC(C)=O", "CCN", "O=C=O", "CC#N", "OCC(O)CO")
STAGES = (("smiles", "SMILES"), ("smarts", "SMARTS"), ("smirks", "SMIRKS"))


class ReactionError(Exception):
    """What ends a session that is to fail."""


def reaction_session(query: str, *, reactions: int, seed: int) -> Iterator[Beat]:
    """What the session says: seven or eight messages for each reaction, in about 4 seconds.

    Raises ReactionError at the end of a session whose query has the word "fail" in it.
    """
    chance = chance_of(seed, query)
    yield Beat(0.0, _message("info", f"Parsing {reactions} reactions", "parse_init"))
    for index in range(reactions):
        for stage, name in STAGES:
            start = f"Starting {name} Agent for reaction {index}"
            yield Beat(0.3, _message("info", start, f"{stage}_init", index))
            yield Beat(0.9, _found(stage, name, index, chance))
        yield from _validated(index, chance)
    if "fail" in query.lower():
        raise ReactionError("The validation service does not answer")


def _found(stage: str, name: str, index: int, chance: random.Random) -> dict[str, Any]:
    values = _values(stage, chance)
    text = f"Got {name} values for reaction {index}"
    returnable = {"values": values, "invalid_count": int(chance.random() < 0.25)}
    return _message("data", text, f"{stage}_update", index, returnable)


def _values(stage: str, chance: random.Random) -> list[str]:
    left, right = chance.sample(MOLECULES, 2)
    if stage == "smiles":
        return [left, right]
    return [f"[{left}:1]>>[{right}:1]"] if stage == "smirks" else [f"[{left[0]}]~[{right[0]}]"]


def _validated(index: int, chance: random.Random) -> Iterator[Beat]:
    if chance.random() < 0.25:
        text = f"Reaction {index} has an atom that maps to nothing"
        yield Beat(0.2, _message("error", text, "validation_error", index))
    text = f"Validated reaction {index}"
    yield Beat(0.3, _message("info", text, "validation_complete", index))


def _message(
    type: str,
    message: str,
    info_type: str,
    index: int | None = None,
    returnable: dict[str, Any] | None = None,
) -> dict[str, Any]:
    aux: dict[str, Any] = {"info_type": info_type}
    if index is not None:
        aux["reaction_index"] = index
    if returnable is not None:
        aux["returnable"] = returnable
    return {"type": type, "message": message, "aux": aux}
