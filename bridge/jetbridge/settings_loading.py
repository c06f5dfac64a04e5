"""Where settings come from: flags, then `JETBRIDGE_*`, then a TOML file, then defaults.

A name nobody knows and a value of the wrong type are errors that name the setting, so
that a typing mistake never leaves a bridge running on a default.
"""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, get_type_hints

import msgspec

from jetbridge.settings import Settings
from jetbridge.settings_fields import ENV_PREFIX, SettingField, setting_fields
from jetbridge_schemas.errors import JetbridgeError

CONFIG_VARIABLE = ENV_PREFIX + "CONFIG"

# What Kubernetes puts into every pod for a Service that is itself called "jetbridge".
SERVICE_LINK_NAME = re.compile(r"_SERVICE_(HOST|PORT)(_|$)|_PORT(_\d+_(TCP|UDP|SCTP).*)?$")
SERVICE_LINK_VALUE = re.compile(r"^(tcp|udp|sctp)://")
SERVICE_LINK_HINT = (
    "Kubernetes sets this for a Service of that name: "
    "put `enableServiceLinks: false` into the pod's spec"
)


class SettingsError(JetbridgeError):
    """A setting is unknown, has the wrong type, or its file cannot be read."""


class Given(NamedTuple):
    """A value as somebody gave it; `label` is what that person calls the setting.

    Flags and variables can only say text, so `lenient` lets text stand for numbers.
    """

    label: str
    name: str
    value: object
    lenient: bool = True


def load(
    flags: Mapping[str, object],
    environ: Mapping[str, str],
    toml_path: Path | None = None,
    *,
    defaults: Settings | None = None,
) -> Settings:
    """The settings that hold: flags > environment > file > `defaults`.

    `flags` are by setting name; a flag that is None counts as not given. The file is
    `toml_path`, else the one that JETBRIDGE_CONFIG names. Raises SettingsError, naming
    the setting and its source, for unknown names, wrong types and unreadable files.
    """
    path = toml_path or _config_path(environ)
    fields = {field.name: field for field in setting_fields()}
    given = [
        *(_from_file(path, fields) if path else ()),
        *_from_environment(environ, fields),
        *_from_flags(flags, fields),
    ]
    values = {one.name: _convert(one, fields[one.name]) for one in given}
    return msgspec.structs.replace(defaults or Settings(), **values)


def _config_path(environ: Mapping[str, str]) -> Path | None:
    named = environ.get(CONFIG_VARIABLE)
    return Path(named) if named else None


def _from_file(path: Path, fields: Mapping[str, SettingField]) -> Iterator[Given]:
    for name, value in _read_toml(path).items():
        if name not in fields:
            raise SettingsError(f"{path}: unknown setting {name}", hint=_did_you_mean(name, fields))
        yield Given(f"{path}: {name}", name, value, lenient=False)


def _read_toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read the settings file {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}") from error


def _from_environment(
    environ: Mapping[str, str], fields: Mapping[str, SettingField]
) -> Iterator[Given]:
    by_variable = {field.env: field.name for field in fields.values()}
    for variable, value in sorted(environ.items()):
        if not variable.startswith(ENV_PREFIX) or variable == CONFIG_VARIABLE:
            continue
        if variable not in by_variable:
            raise SettingsError(
                f"unknown setting {variable} in the environment",
                hint=_service_link_hint(variable, value) or _did_you_mean(variable, by_variable),
            )
        yield Given(variable, by_variable[variable], value)


def _from_flags(flags: Mapping[str, object], fields: Mapping[str, SettingField]) -> Iterator[Given]:
    for name, value in flags.items():
        flag = "--" + name.replace("_", "-")
        if name not in fields:
            known = [field.flag for field in fields.values()]
            raise SettingsError(f"unknown setting {flag}", hint=_did_you_mean(flag, known))
        if value is not None:
            yield Given(flag, name, value)


def _convert(given: Given, field: SettingField) -> object:
    try:
        return _convert_value(given.value, field, lenient=given.lenient)
    except (msgspec.ValidationError, ValueError) as error:
        raise SettingsError(
            f"{given.label} must be {field.kind}, not {given.value!r}",
            hint=_service_link_hint(given.label, str(given.value)) or field.meaning,
        ) from error


def _convert_value(value: object, field: SettingField, *, lenient: bool) -> object:
    if lenient and field.is_list and isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    kind = get_type_hints(Settings, include_extras=True)[field.name]
    converted: object = msgspec.convert(value, kind, strict=not lenient)
    if isinstance(converted, float) and not math.isfinite(converted):
        raise ValueError("not a finite number")
    return converted


def _service_link_hint(variable: str, value: str) -> str:
    if not variable.startswith(ENV_PREFIX):
        return ""
    is_link = SERVICE_LINK_VALUE.match(value) or (
        SERVICE_LINK_NAME.search(variable) and variable != ENV_PREFIX + "PORT"
    )
    return SERVICE_LINK_HINT if is_link else ""


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
    return f"did you mean {close[0]}?" if close else "docs/configuration.md lists every setting"
