"""Ids and subjects: one-to-one, whatever the ids hold."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from jetbridge_schemas import (
    CONTROL_EVENTS,
    CONTROL_TYPES,
    DeadLetterReason,
    EventSubject,
    InvalidIdError,
    InvalidSubjectError,
    check_event_type,
    control_subject,
    dead_letter_subject,
    decode_id,
    encode_id,
    event_subject,
    parse_event_subject,
    task_subject,
)

HOSTILE_IDS = [
    "*",
    ">",
    ".",
    "..",
    "a.b",
    "a b",
    "a\r\nb",
    "-",
    "=",
    "=abc",
    "=LQ",
    "\x00",
    "é🔥",
    " ",
]

plain_ids = st.from_regex(r"[A-Za-z0-9_:-]{1,128}", fullmatch=True)
ids = (st.text(min_size=1) | plain_ids | st.sampled_from(HOSTILE_IDS)).filter(
    lambda id: len(id.encode()) <= 256
)
type_parts = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters=".*>,"),
    min_size=1,
    max_size=7,
)
event_types = (
    st.lists(type_parts, min_size=1, max_size=4)
    .map(".".join)
    .filter(lambda type: type not in CONTROL_TYPES)
)


@given(ids)
def test_an_id_comes_back_from_its_token(id: str):
    assert decode_id(encode_id(id)) == id


@given(ids, ids)
@example("-", "=LQ")
@example("abc", "=YWJj")
def test_two_ids_never_share_a_token(one: str, other: str):
    assume(one != other)
    assert encode_id(one) != encode_id(other)


@given(ids)
def test_a_token_holds_nothing_that_nats_could_misread(id: str):
    token = encode_id(id)
    assert token
    assert token.isascii()
    assert not set(token) & set(".*> \t\r\n")
    assert not any(unicodedata.category(character) == "Cc" for character in token)


@given(st.text(max_size=20) | st.from_regex(r"=[A-Za-z0-9_-]{0,20}", fullmatch=True))
def test_a_token_is_either_refused_or_the_only_one_for_its_id(token: str):
    try:
        id = decode_id(token)
    except InvalidSubjectError:
        return
    assert encode_id(id) == token


@pytest.mark.parametrize("id", ["agent:001", "a", "A_b-9", "--", "a" * 128])
def test_plain_ids_stand_as_they_are(id: str):
    assert encode_id(id) == id


def test_other_ids_are_base64url_of_their_utf8_without_padding():
    assert encode_id("-") == "=LQ"
    assert encode_id("a.b") == "=YS5i"
    assert encode_id("é🔥") == "=w6nwn5Sl"
    assert encode_id("a" * 129).startswith("=YWFh")


@pytest.mark.parametrize(
    "token",
    ["", "-", "=", "a.b", "*", ">", "é", "a b", "a\n", "=YS5i\n", "=YS5i=", "=YS5j!", "a" * 129],
)
def test_tokens_outside_the_grammar_are_refused(token: str):
    with pytest.raises(InvalidSubjectError, match="stands for no id"):
        decode_id(token)


@pytest.mark.parametrize(
    ("token", "canonical"),
    [("=YWJj", "abc"), ("=LR", "=LQ")],
    ids=["a plain id in disguise", "stray bits"],
)
def test_a_token_that_is_not_canonical_is_refused_with_the_canonical_one(
    token: str, canonical: str
):
    with pytest.raises(InvalidSubjectError) as refusal:
        decode_id(token)
    assert refusal.value.hint.endswith(canonical)


@pytest.mark.parametrize(
    "token",
    ["=_w", "=gICA", "=7aCA", "=" + "YWFh" * 86, "=A"],
    ids=["not UTF-8", "continuation bytes", "a surrogate", "over 256 bytes", "half a byte"],
)
def test_tokens_that_decode_to_no_valid_id_are_refused(token: str):
    with pytest.raises(InvalidSubjectError):
        decode_id(token)


@pytest.mark.parametrize("id", ["", "a" * 257, "é" * 129, "x" * 10_000, "\ud800"])
def test_ids_that_no_subject_can_carry_are_refused(id: str):
    with pytest.raises(InvalidIdError) as refusal:
        encode_id(id)
    assert len(str(refusal.value)) < 300
    str(refusal.value).encode()


def test_ids_of_256_bytes_are_the_longest():
    longest = "é" * 128
    assert decode_id(encode_id(longest)) == longest


@given(ids, ids, st.none() | ids, event_types)
def test_a_subject_parses_to_what_it_was_made_from(
    tenant: str, agent: str, job: str | None, type: str
):
    subject = event_subject(tenant=tenant, agent=agent, job=job, type=type)
    assert parse_event_subject(subject) == EventSubject(tenant, agent, job, type)


@given(st.text(max_size=60) | st.text("evt.=-abcYWJj*>", max_size=30).map("evt.".__add__))
@example("evt.t.a.-.\x85")
def test_any_subject_is_either_refused_or_made_again_from_its_parts(subject: str):
    try:
        parts = parse_event_subject(subject)
    except InvalidSubjectError:
        return
    assert event_subject(**parts._asdict()) == subject


def test_a_job_named_dash_is_not_the_absence_of_a_job():
    named = event_subject(tenant="t", agent="a", job="-", type="x")
    absent = event_subject(tenant="t", agent="a", job=None, type="x")
    assert (named, absent) == ("evt.t.a.=LQ.x", "evt.t.a.-.x")
    assert parse_event_subject(named).job == "-"
    assert parse_event_subject(absent).job is None


@pytest.mark.parametrize(
    ("subject", "problem"),
    [
        ("", "is not evt"),
        ("evt", "is not evt"),
        ("evt.t.a.j", "is not evt"),
        ("dlq.t.a.j.x", "is not evt"),
        ("evt.t.a.j.", "empty part"),
        ("evt.t.a.j.x..y", "empty part"),
        ("evt.t.a..x", "stands for no id"),
        ("evt.t.*.j.x", "stands for no id"),
        ("evt.t.-.j.x", "stands for no id"),
        ("evt.-.a.j.x", "stands for no id"),
        ("evt.t.=YWJj.j.x", "not the one for the id 'abc'"),
        ("evt.t.a.j.>", "holds '>'"),
        ("evt.t.a.j.agent.*", r"holds '\*'"),
        ("evt.t.a.j.a,b", "holds ','"),
        ("evt.t.a.j.a b", "holds ' '"),
        ("evt.t.a.j.a\r\nid: 1", "holds"),
        ("evt.t.a.j.a\u2028b", "holds"),
        ("evt.t.a.j.1.2.3.4.5", "more than four parts"),
        ("evt.t.a.j." + "x" * 129, "129 bytes"),
        ("evt.t.a.j." + "é" * 65, "130 bytes"),
        ("evt.t.a.j.\udcff", "not Unicode"),
        ("evt.t.a.j.heartbeat", "reserved for the bridge"),
    ],
)
def test_a_subject_outside_the_grammar_is_refused_with_the_reason(subject: str, problem: str):
    with pytest.raises(InvalidSubjectError, match=problem) as refusal:
        parse_event_subject(subject)
    str(refusal.value).encode()


def test_event_types_have_up_to_four_parts_and_128_bytes():
    for type in ("agent.status", "WorkflowStarted", "a.b.c.d", "x" * 128, "wärme.größe"):
        check_event_type(type)


@pytest.mark.parametrize("type", sorted(CONTROL_TYPES))
def test_control_events_cannot_be_published(type: str):
    with pytest.raises(InvalidSubjectError, match="reserved"):
        event_subject(tenant="t", agent="a", job=None, type=type)


def test_every_control_event_is_reserved():
    assert set(CONTROL_EVENTS) <= CONTROL_TYPES


def test_the_other_subjects_encode_their_ids_too():
    reason = DeadLetterReason.BAD_JSON
    assert dead_letter_subject("default", reason) == "dlq.default.bad_json"
    assert dead_letter_subject("a.b", reason) == "dlq.=YS5i.bad_json"
    assert task_subject("default", "agent:001") == "task.default.agent:001"
    assert task_subject("t", ">") == "task.t.=Pg"
    assert control_subject("t", "a", "task 1") == "ctl.t.a.=dGFzayAx"
    assert control_subject("t", "a", None) == "ctl.t.a.-"
