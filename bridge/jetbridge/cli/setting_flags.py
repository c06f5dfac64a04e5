"""Every setting as a flag, made from the settings' own documentation."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Annotated, NamedTuple, cast

from cyclopts import Group, Parameter

from jetbridge.settings import Settings
from jetbridge.settings_fields import SettingField, setting_fields
from jetbridge.settings_loading import CONFIG_VARIABLE, load

FROM_FILE = Annotated[
    Path | None,
    Parameter(name="--config", help=f"TOML file with settings [variable: {CONFIG_VARIABLE}]."),
]


class Given(NamedTuple):
    """What the command line says about settings: flags by setting name, and a file."""

    flags: Mapping[str, object]
    config: Path | None

    def load(self, defaults: Settings | None = None) -> Settings:
        """The settings that hold. Raises SettingsError."""
        return load(self.flags, os.environ, self.config, defaults=defaults)


def with_setting_flags(
    *, only: Collection[str] = (), without: Collection[str] = ()
) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Decorate a command with `--config` and flags for all settings, `only` some, or `without`.

    The command gets a `Given` as its first argument, and its own keyword arguments.
    """
    fields = [
        field
        for field in setting_fields()
        if field.name not in without and (not only or field.name in only)
    ]
    flags = [_config(), *(_flag(field) for field in fields)]

    def decorate(command: Callable[..., int]) -> Callable[..., int]:
        def call(*positional: object, **named: object) -> int:
            config = cast("Path | None", named.pop("config", None))
            given = {field.name: named.pop(field.name, None) for field in fields}
            return command(Given(given, config), *positional, **named)

        own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]
        call.__name__ = command.__name__
        call.__doc__ = command.__doc__
        call.__dict__["__signature__"] = inspect.Signature([*own, *flags])
        return call

    return decorate


def _config() -> inspect.Parameter:
    return inspect.Parameter(
        "config", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=FROM_FILE
    )


def _flag(field: SettingField) -> inspect.Parameter:
    kind = bool if isinstance(field.default, bool) else str
    about = Parameter(
        name=field.flag,
        help=_help(field),
        group=Group(field.group, sort_key=_groups().index(field.group)),
        show_default=False,
    )
    return inspect.Parameter(
        field.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[kind | None, about],
    )


def _groups() -> list[str]:
    return list(dict.fromkeys(field.group for field in setting_fields()))


def _help(field: SettingField) -> str:
    unit = f" {field.unit}" if field.unit else ""
    zero = f" 0: {field.zero}." if field.zero else ""
    default = f" [default: {field.default_text}{unit}]" if field.default_text else ""
    return f"{field.meaning}{zero}{default}"
