import doctest

import pytest

from sdaudio import rhythms
from sdaudio.rhythms import euclid


def _shown(pattern: tuple[bool, ...]) -> str:
    return "".join(".x"[hit] for hit in pattern)


@pytest.mark.parametrize(
    ("hits", "steps", "expected"),
    [
        (1, 4, "x..."),
        (2, 5, "x.x.."),
        (3, 8, "x..x..x."),
        (4, 7, "x.x.x.x"),
        (4, 9, "x.x.x.x.."),
        (5, 8, "x.xx.xx."),
        (5, 9, "x.x.x.x.x"),
        (5, 12, "x..x.x..x.x."),
        (5, 16, "x..x..x..x..x..."),
        (7, 12, "x.xx.x.xx.x."),
        (7, 16, "x..x.x.x..x.x.x."),
        (9, 16, "x.xx.x.x.xx.x.x."),
        (0, 3, "..."),
        (3, 3, "xxx"),
        (1, 1, "x"),
    ],
)
def test_the_rhythms_of_toussaint(hits: int, steps: int, expected: str):
    expected = expected.ljust(steps, ".")
    assert _shown(euclid(hits, steps)) == expected


def test_every_rhythm_has_its_hits_as_evenly_as_steps_allow():
    for steps in range(1, 33):
        for hits in range(1, steps + 1):
            pattern = euclid(hits, steps)
            places = [i for i, hit in enumerate(pattern) if hit]
            assert (len(pattern), len(places)) == (steps, hits)
            gaps = {b - a for a, b in zip(places, [*places[1:], places[0] + steps], strict=True)}
            assert max(gaps) - min(gaps) <= 1, (hits, steps)


def test_a_rotation_begins_with_a_later_step():
    assert _shown(euclid(3, 8, rotation=3)) == "x..x.x.."
    assert _shown(euclid(3, 8, rotation=-1)) == ".x..x..x"
    assert euclid(5, 8, rotation=8) == euclid(5, 8)


def test_the_example_runs():
    assert doctest.testmod(rhythms).attempted == 1
    assert doctest.testmod(rhythms).failed == 0
