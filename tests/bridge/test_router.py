"""The router finds the same groups as asking every one of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jetbridge.event import Event
from jetbridge.filters import Filter
from jetbridge.router import MAX_MEMO, Router
from tests.support.events import events, filters, make_event


@given(
    st.lists(filters(), max_size=12),
    st.sets(st.integers(0, 11)),
    st.lists(events(), max_size=8),
)
def test_an_event_goes_to_every_group_that_wants_it_once_and_to_no_other(
    wanted: list[Filter], gone: set[int], published: list[Event]
) -> None:
    router: Router[int] = Router()
    for group, each in enumerate(wanted):
        router.add(group, each)
    for event in published:
        # Routed before some groups go too, so that what the router remembers is tested.
        assert sorted(router.route(event)) == [g for g, f in enumerate(wanted) if f.matches(event)]
    for group in gone & set(range(len(wanted))):
        router.remove(group, wanted[group])
    for event in published:
        left = [g for g, f in enumerate(wanted) if f.matches(event) and g not in gone]
        assert sorted(router.route(event)) == left


def test_a_publisher_that_invents_types_without_end_does_not_fill_the_memory() -> None:
    router: Router[str] = Router()
    router.add("all", Filter("default"))
    for number in range(MAX_MEMO * 2 + 1):
        assert list(router.route(make_event(type=f"t{number}"))) == ["all"]
    remembered = router._type_memo  # pyright: ignore[reportPrivateUsage] - what is bounded
    assert len(remembered) <= MAX_MEMO
