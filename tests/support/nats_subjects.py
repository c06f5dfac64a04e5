"""How nats-server compares subjects, written down a second time."""

from __future__ import annotations


def covers(pattern: str, subject: str) -> bool:
    """True if a subscription to `pattern` receives what is published on `subject`."""
    wanted, tokens = pattern.split("."), subject.split(".")
    for position, token in enumerate(wanted):
        if token == ">":
            return len(tokens) > position
        if position >= len(tokens) or token not in {"*", tokens[position]}:
            return False
    return len(wanted) == len(tokens)


def collide(one: str, other: str) -> bool:
    """True if some subject is covered by both patterns."""
    left, right = one.split("."), other.split(".")
    for a, b in zip(left, right, strict=False):
        if ">" in {a, b}:
            return True
        if a != b and "*" not in {a, b}:
            return False
    return len(left) == len(right)
