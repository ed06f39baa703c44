import numpy as np
import pytest

from sdaudio.health import measure, measure_level


def test_even_use_of_every_code_is_healthy():
    level = measure_level(np.full(64, 10))

    assert (level.light, level.sentence) == ("green", "Healthy")
    assert level.utilisation == 1.0
    assert level.perplexity == pytest.approx(64.0)
    assert level.dead_codes == 0


def test_a_third_of_the_codes_in_use_is_underused():
    counts = np.zeros(64, int)
    counts[:24] = 10

    level = measure_level(counts)

    assert (level.light, level.sentence) == ("yellow", "Some codes underused")
    assert level.dead_codes == 40


def test_under_thirty_percent_utilisation_is_a_collapse():
    counts = np.zeros(128, int)
    counts[:38] = 50

    level = measure_level(counts)

    assert level.utilisation < 0.3
    assert (level.light, level.sentence) == ("red", "Codebook collapse detected")


def test_one_code_for_nearly_everything_is_a_collapse_although_all_are_used():
    counts = np.ones(128, int)
    counts[5] = 1_000_000

    level = measure_level(counts)

    assert level.dead_codes == 0
    assert level.perplexity < 1.1
    assert level.light == "red"


def test_sounds_with_fewer_columns_than_codes_are_no_collapse():
    counts = np.zeros(256, int)
    counts[[3, 7, 9]] = 1

    level = measure_level(counts)

    assert level.light == "yellow"
    assert level.utilisation == pytest.approx(3 / 256)


def test_a_level_nothing_has_used_yet_has_perplexity_one():
    level = measure_level(np.zeros(64, int))

    assert level.perplexity == 1.0
    assert level.dead_codes == 64


def test_every_level_is_judged_by_its_own_counts():
    counts = np.zeros((3, 64), int)
    counts[0] = 5
    counts[1, :20] = 5
    counts[2, :2] = 50

    assert [level.light for level in measure(counts)] == ["green", "yellow", "red"]
