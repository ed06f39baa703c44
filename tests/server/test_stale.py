from hypothesis import given
from hypothesis import strategies as st

from sdaudio_server.stale import StaleColumns

columns = st.integers(0, 60)
actions = st.lists(
    st.one_of(
        st.tuples(st.just("add"), columns, st.integers(0, 20)),
        st.tuples(st.just("remove"), columns, st.integers(0, 20)),
        st.tuples(st.just("take"), columns, st.integers(1, 12)),
        st.tuples(st.just("splice"), columns, st.integers(0, 8), st.integers(0, 8)),
    ),
    max_size=25,
)


@given(actions)
def test_it_is_a_set_of_columns(todo):
    stale, model = StaleColumns(), set()
    for name, first, *rest in todo:
        if name == "add":
            stale.add(first, first + rest[0])
            model |= set(range(first, first + rest[0]))
        elif name == "remove":
            stale.remove(first, first + rest[0])
            model -= set(range(first, first + rest[0]))
        elif name == "take" and stale:
            start, stop = stale.take(first, rest[0])
            taken = set(range(start, stop))
            assert taken
            assert taken <= model
            assert len(taken) <= rest[0]
            behind = [column for column in model if column >= first]
            assert start == min(behind or model)
            model -= taken
        elif name == "splice":
            removed, inserted = rest
            end, shift = first + removed, inserted - removed
            model = {c for c in model if c < first} | {c + shift for c in model if c >= end}
            stale.splice(first, removed, inserted)
        assert set().union(*(range(*span) for span in stale.spans)) == model
        assert bool(stale) == bool(model)
        assert stale.overlaps(10, 15) == bool(model & set(range(10, 15)))


def test_spans_that_touch_are_one():
    stale = StaleColumns()
    for start, stop in ((8, 10), (0, 4), (4, 8), (20, 21)):
        stale.add(start, stop)
    assert stale.spans == ((0, 10), (20, 21))


def test_what_is_near_comes_first_and_then_the_rest():
    stale = StaleColumns()
    stale.add(0, 300)
    assert stale.take(200, 64) == (200, 264)
    assert stale.take(264, 64) == (264, 300)
    assert stale.take(300, 64) == (0, 64)
