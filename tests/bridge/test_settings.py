from __future__ import annotations

import ast
from pathlib import Path

import pytest

from jetbridge import settings as settings_module
from jetbridge.setting_choices import StreamManage, Validation
from jetbridge.settings import GIB, Settings
from jetbridge.settings_fields import setting_fields
from jetbridge.settings_loading import SettingsError, load


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def refusal(
    flags: dict[str, object] | None = None,
    environ: dict[str, str] | None = None,
    toml_path: Path | None = None,
) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load(flags or {}, environ or {}, toml_path)
    return caught.value


def test_nothing_given_means_the_defaults_of_the_streaming_guide() -> None:
    settings = load({}, {})
    assert settings.heartbeat_interval_seconds == 30
    assert settings.client_timeout_seconds == 300
    assert settings.max_clients_per_stream == 1000
    assert settings.max_queue_size == 500
    assert settings.max_event_history == 100
    assert settings.enable_heartbeat is True
    assert settings.api_prefix == "/api/v1/stream"


def test_the_stream_is_verified_and_kept_for_three_days_or_a_gibibyte_by_default() -> None:
    settings = Settings()
    assert settings.stream_manage is StreamManage.VERIFY
    assert (settings.stream_max_age_hours, settings.stream_max_bytes) == (72, GIB)
    assert settings.stream_replicas == 1
    assert settings.validation is Validation.STRICT


def test_a_flag_wins_over_the_environment_which_wins_over_the_file(tmp_path: Path) -> None:
    toml = write(tmp_path / "j.toml", "port = 1\nmax_queue_size = 1\nmax_event_history = 1\n")
    environ = {"JETBRIDGE_PORT": "2", "JETBRIDGE_MAX_QUEUE_SIZE": "2"}
    settings = load({"port": "3"}, environ, toml)
    assert (settings.port, settings.max_queue_size, settings.max_event_history) == (3, 2, 1)


def test_given_defaults_are_weaker_than_every_source(tmp_path: Path) -> None:
    create = Settings(stream_manage=StreamManage.CREATE, port=9)
    toml = write(tmp_path / "j.toml", 'stream_manage = "off"\n')
    settings = load({}, {}, toml, defaults=create)
    assert (settings.stream_manage, settings.port) == (StreamManage.OFF, 9)


def test_a_flag_that_is_none_was_not_given() -> None:
    assert load({"port": None}, {"JETBRIDGE_PORT": "2"}).port == 2


def test_the_file_can_be_named_by_the_environment(tmp_path: Path) -> None:
    toml = write(tmp_path / "j.toml", 'nats = "nats://a:1,nats://b:1"\n')
    assert load({}, {"JETBRIDGE_CONFIG": str(toml)}).nats == "nats://a:1,nats://b:1"


def test_lists_are_comma_separated_in_variables_and_arrays_in_toml(tmp_path: Path) -> None:
    toml = write(tmp_path / "j.toml", 'allowed_origins = ["https://a", "https://b:8"]\n')
    from_environment = load({}, {"JETBRIDGE_ALLOWED_ORIGINS": "https://a, https://b:8"})
    assert load({}, {}, toml).allowed_origins == from_environment.allowed_origins
    assert from_environment.allowed_origins == ("https://a", "https://b:8")


@pytest.mark.parametrize(("text", "value"), [("true", True), ("false", False), ("0", False)])
def test_booleans_are_read_from_text(text: str, value: bool) -> None:
    assert load({}, {"JETBRIDGE_ENABLE_HEARTBEAT": text}).enable_heartbeat is value


def test_whole_numbers_in_toml_fit_settings_that_take_fractions(tmp_path: Path) -> None:
    toml = write(tmp_path / "j.toml", "heartbeat_interval_seconds = 5\n")
    assert load({}, {}, toml).heartbeat_interval_seconds == 5


def test_variables_of_other_programs_are_nobodys_business() -> None:
    assert load({}, {"NATS_URL": "x", "PATH": "/bin"}) == Settings()


def test_an_unknown_variable_is_an_error_that_names_it_and_the_likely_one() -> None:
    error = refusal(environ={"JETBRIDGE_MAX_QUEU_SIZE": "5"})
    assert "JETBRIDGE_MAX_QUEU_SIZE" in str(error)
    assert error.hint == "did you mean JETBRIDGE_MAX_QUEUE_SIZE?"


def test_an_unknown_key_is_an_error_that_names_the_file_and_the_likely_one(tmp_path: Path) -> None:
    toml = write(tmp_path / "j.toml", "heartbeat_seconds = 5\n")
    error = refusal(toml_path=toml)
    assert str(error) == f"{toml}: unknown setting heartbeat_seconds"
    assert error.hint == "did you mean heartbeat_interval_seconds?"


def test_an_unknown_flag_is_an_error_that_names_it() -> None:
    error = refusal({"prot": "1"})
    assert str(error) == "unknown setting --prot"
    assert error.hint == "did you mean --port?"


def test_a_name_like_no_other_is_sent_to_the_documentation() -> None:
    assert "docs/configuration.md" in refusal(environ={"JETBRIDGE_XYZZY": "1"}).hint


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("JETBRIDGE_PORT", "http", "JETBRIDGE_PORT must be an integer, 0 to 65535, not 'http'"),
        ("JETBRIDGE_PORT", "70000", "JETBRIDGE_PORT must be an integer, 0 to 65535, not '70000'"),
        ("JETBRIDGE_HOST", "", "JETBRIDGE_HOST must be non-empty text, not ''"),
        ("JETBRIDGE_VALIDATION", "lax", "must be one of strict, warn, off, not 'lax'"),
        ("JETBRIDGE_ENABLE_HEARTBEAT", "maybe", "must be true or false, not 'maybe'"),
        ("JETBRIDGE_DRAIN_SECONDS", "nan", "must be a number, 0 to 3600, not 'nan'"),
        ("JETBRIDGE_CLIENT_TIMEOUT_SECONDS", "inf", "must be a number, above 0, not 'inf'"),
        ("JETBRIDGE_HEARTBEAT_INTERVAL_SECONDS", "0", "must be a number, above 0, at most 3600"),
        ("JETBRIDGE_API_PREFIX", "/api/", "JETBRIDGE_API_PREFIX must be text matching"),
        ("JETBRIDGE_ALLOWED_ORIGINS", "a.example", "JETBRIDGE_ALLOWED_ORIGINS must be a list"),
    ],
)
def test_a_wrong_value_is_an_error_that_names_the_setting(
    variable: str, value: str, complaint: str
) -> None:
    assert complaint in str(refusal(environ={variable: value}))


def test_the_hint_of_a_wrong_value_is_what_the_setting_means() -> None:
    error = refusal(environ={"JETBRIDGE_API_PREFIX": "/api/"})
    assert "begins with `/`, ends without" in error.hint


@pytest.mark.parametrize("text", ['port = "8000"', "port = 1.5", "port = true", "port = [1]"])
def test_toml_values_must_have_the_right_toml_type(tmp_path: Path, text: str) -> None:
    toml = write(tmp_path / "j.toml", text)
    assert f"{toml}: port must be an integer" in str(refusal(toml_path=toml))


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("JETBRIDGE_PORT", "tcp://10.0.0.1:8000"),
        ("JETBRIDGE_PORT_8000_TCP", "tcp://10.0.0.1:8000"),
        ("JETBRIDGE_PORT_8000_TCP_ADDR", "10.0.0.1"),
        ("JETBRIDGE_SERVICE_HOST", "10.0.0.1"),
        ("JETBRIDGE_SERVICE_PORT_HTTP", "8000"),
        ("JETBRIDGE_CANARY_SERVICE_HOST", "10.0.0.1"),
    ],
)
def test_kubernetes_service_links_are_recognised(variable: str, value: str) -> None:
    assert "enableServiceLinks: false" in refusal(environ={variable: value}).hint


def test_a_file_that_is_missing_or_not_toml_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere.toml"
    assert str(missing) in str(refusal(toml_path=missing))
    broken = write(tmp_path / "broken.toml", "port = \n")
    assert f"{broken} is not TOML" in str(refusal(toml_path=broken))
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe")
    assert f"{binary} is not TOML" in str(refusal(toml_path=binary))


def test_settings_cannot_change_once_loaded() -> None:
    with pytest.raises(AttributeError):
        Settings().port = 1  # pyright: ignore[reportAttributeAccessIssue] - that is the point


def test_every_setting_is_documented() -> None:
    for field in setting_fields():
        assert field.group, field.name
        assert field.meaning.endswith("."), field.name


def test_every_setting_is_read_by_the_bridge() -> None:
    bridge = Path(settings_module.__file__).parent
    sources = [path for path in bridge.rglob("*.py") if not path.name.startswith("settings")]
    read = {
        node.attr
        for path in sources
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
    }
    assert [field.name for field in setting_fields() if field.name not in read] == []
