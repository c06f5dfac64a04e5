"""What the struct `Settings` says about itself, as plain data for flags, errors and docs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol, cast

from msgspec import inspect

from jetbridge.settings import Settings

ENV_PREFIX = "JETBRIDGE_"


class SettingField(NamedTuple):
    """One setting: its names in every source, and its documentation."""

    name: str
    kind: str
    default: object
    group: str
    unit: str
    meaning: str
    zero: str
    is_list: bool

    @property
    def env(self) -> str:
        return ENV_PREFIX + self.name.upper()

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def default_text(self) -> str:
        """The default as one would write it in a flag or variable."""
        if isinstance(self.default, bool):
            return str(self.default).lower()
        return "" if self.default == () else str(self.default)


class _Documented(Protocol):
    """`inspect.Metadata` as `settings.about` fills it."""

    type: inspect.Type
    extra: Mapping[str, str]
    extra_json_schema: Mapping[str, str]


def setting_fields() -> list[SettingField]:
    """All settings, in the order in which the struct declares them."""
    info = cast("inspect.StructType", inspect.type_info(Settings))
    return [_describe(field) for field in info.fields]


def _describe(field: inspect.Field) -> SettingField:
    documented = cast("_Documented", field.type)
    return SettingField(
        name=field.name,
        kind=kind_of(documented.type),
        default=field.default,
        group=documented.extra["group"],
        unit=documented.extra["unit"],
        meaning=documented.extra_json_schema["description"],
        zero=documented.extra["zero"],
        is_list=isinstance(documented.type, inspect.VarTupleType),
    )


def kind_of(kind: inspect.Type) -> str:
    """The values a type admits, in words: "an integer, 0 to 65535"."""
    match kind:
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return "an integer" + _range(kind)
        case inspect.FloatType():
            return "a number" + _range(kind)
        case inspect.EnumType():
            return "one of " + ", ".join(str(member.value) for member in kind.cls)
        case inspect.VarTupleType():
            return f"a list, comma-separated, each {kind_of(kind.item_type)}"
        case inspect.StrType():
            return _text(kind)
        case _:
            raise TypeError(f"no setting has the type {kind}")


def _text(kind: inspect.StrType) -> str:
    if kind.pattern:
        return f"text matching `{kind.pattern}`"
    return "non-empty text" if kind.min_length else "text"


def _range(kind: inspect.IntType | inspect.FloatType) -> str:
    if kind.le is not None:
        low = f"{kind.ge} to" if kind.ge is not None else f"above {kind.gt}, at most"
        return f", {low} {kind.le}"
    if kind.ge is not None:
        return f", {kind.ge} or more"
    return f", above {kind.gt}" if kind.gt is not None else ""
