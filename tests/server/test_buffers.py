import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sdaudio_server.buffers import PlainBuffer, Splices

splices = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 8), st.integers(0, 8)), max_size=12)


@given(st.integers(0, 20), splices)
def test_splices_together_are_what_they_are_one_by_one(n_columns, steps):
    length = 3
    old = np.arange(1, n_columns * length + 1, dtype=np.float32)
    expected, together = old.copy(), Splices(n_columns)
    for column, removed, inserted in steps:
        present = len(expected) // length
        at = min(column, present)
        removed = min(removed, present - at)
        middle = np.zeros(inserted * length, np.float32)
        rest = expected[(at + removed) * length :]
        expected = np.concatenate((expected[: at * length], middle, rest))
        together.add(at, removed, inserted)
    assert together.n_columns * length == len(expected)
    new = np.zeros(len(expected), np.float32)
    together.carry_out(old, new, length)
    np.testing.assert_array_equal(new, expected)


def test_a_plain_buffer_is_written_and_composed_anew():
    buffer = PlainBuffer()
    assert len(buffer.audio) == 0
    buffer.compose(4, lambda new: new.__setitem__(slice(1, 3), 1.0))
    buffer.write(2, np.array([5.0, 6.0], np.float32))
    np.testing.assert_array_equal(buffer.audio, [0.0, 1.0, 5.0, 6.0])
