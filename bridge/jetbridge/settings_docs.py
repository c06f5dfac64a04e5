"""`docs/configuration.md`, made from the settings themselves so that it cannot be wrong."""

from __future__ import annotations

from itertools import groupby

from jetbridge.settings_fields import SettingField, setting_fields

INTRODUCTION = """\
# Configuration

<!-- Generated from bridge/jetbridge/settings.py by `make generate`. Do not edit. -->

Every setting can be given in four ways. The first that names it holds:

1. a flag: `jetbridge serve --max-queue-size 200`
2. an environment variable: `JETBRIDGE_MAX_QUEUE_SIZE=200`
3. a key of a TOML file, `max_queue_size = 200`, read when `--config FILE` or
   `JETBRIDGE_CONFIG=FILE` names it
4. the default below

A name that nobody knows and a value of the wrong type are errors, not warnings: the bridge
does not start, and says which setting is meant. In flags and variables, lists are separated
by commas; in TOML they are arrays.

In Kubernetes a Service called `jetbridge` makes the cluster put variables such as
`JETBRIDGE_PORT=tcp://…` into each pod. Switch that off with `enableServiceLinks: false` in the
pod's spec.
"""

HEADINGS = "| setting | variable | values | default | meaning |\n|---|---|---|---|---|\n"


def render() -> str:
    """The whole page, as Markdown."""
    groups = groupby(setting_fields(), key=lambda field: field.group)
    return INTRODUCTION + "".join(_section(group, list(fields)) for group, fields in groups)


def _section(group: str, fields: list[SettingField]) -> str:
    return f"\n## {group}\n\n" + HEADINGS + "".join(_row(field) for field in fields)


def _row(field: SettingField) -> str:
    unit = f" ({field.unit})" if field.unit else ""
    zero = f" 0: {field.zero}." if field.zero else ""
    default = f"`{field.default_text}`" if field.default_text else "empty"
    cells = (
        f"`{field.name}`",
        f"`{field.env}`",
        _escape(field.kind),
        default + unit,
        _escape(field.meaning + zero),
    )
    return "| " + " | ".join(cells) + " |\n"


def _escape(text: str) -> str:
    return text.replace("|", "\\|")
