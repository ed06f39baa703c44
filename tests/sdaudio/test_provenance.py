"""Where codes come from, compared with a search that looks at every window one by one."""

import numpy as np
import pytest

from sdaudio.codebooks import embed
from sdaudio.errors import UsageError
from sdaudio.provenance import MAX_COLUMNS, Place, Provenance

LEVELS, SIZE, DIMS = 3, 64, 16
SILENCE = np.array([5, 0, 9], np.uint16)


@pytest.fixture(scope="module")
def codebooks():
    scale = np.array([4.0, 2.0, 1.0])[:, None, None]
    noise = np.random.default_rng(0).standard_normal((LEVELS, SIZE, DIMS))
    return (scale * noise).astype(np.float32)


@pytest.fixture(scope="module")
def files():
    chance = np.random.default_rng(1)
    lengths = (30, 1, 200, 75, 12)
    return [chance.integers(0, SIZE, (LEVELS, n)).astype(np.uint16) for n in lengths]


@pytest.fixture(scope="module")
def provenance(files, codebooks):
    return Provenance(files, codebooks, SILENCE)


def naive(files, codebooks, codes, count):
    """Every window of every file, with silence around, one after the other."""
    n = codes.shape[1]
    wanted = embed(codes, codebooks)
    found = []
    for number, file in enumerate(files):
        gap = np.repeat(SILENCE[:, None], n - 1, axis=1)
        latents = embed(np.concatenate((gap, file, gap), axis=1), codebooks)
        for start in range(len(latents) - n + 1):
            apart = np.sum((latents[start : start + n] - wanted) ** 2, axis=1)
            found.append((float(np.sqrt(apart.mean())), number, start - n + 1))
    chosen = []
    for distance, number, column in sorted(found):
        if all(number != other or abs(column - at) >= n for _, other, at in chosen):
            chosen.append((distance, number, column))
    return chosen[:count]


@pytest.mark.parametrize("n_columns", [1, 2, 7, 50, 300])
def test_places_are_those_of_an_exhaustive_search(provenance, files, codebooks, n_columns):
    codes = np.random.default_rng(n_columns).integers(0, SIZE, (LEVELS, n_columns))
    found = provenance.find(codes, count=5)
    expected = naive(files, codebooks, codes, 5)
    assert [(place.file, place.column) for place in found] == [each[1:] for each in expected]
    assert [place.distance for place in found] == pytest.approx([each[0] for each in expected])


def test_what_was_taken_from_a_file_has_no_distance(provenance, files):
    for file, column, columns in ((2, 70, 33), (0, 0, 30), (3, 74, 1), (1, 0, 1)):
        codes = files[file][:, column : column + columns]
        best = provenance.find(codes, count=3)[0]
        assert (best.file, best.column, best.distance) == (file, column, 0.0)


def test_a_region_that_goes_on_after_its_file_is_found_there(provenance, files):
    silence = np.repeat(SILENCE[:, None], 4, axis=1)
    late = np.concatenate((files[3][:, -20:], silence), axis=1)
    early = np.concatenate((silence, files[3][:, :20]), axis=1)
    assert provenance.find(late, count=1) == [Place(3, 55, 0.0)]
    assert provenance.find(early, count=1)[0].column == -4
    whole = np.concatenate((silence, files[4], silence), axis=1)
    assert provenance.find(whole, count=1) == [Place(4, -4, 0.0)]


def test_places_do_not_overlap_and_come_nearest_first(provenance, files):
    found = provenance.find(files[2][:, 40:60], count=8)
    assert len(found) == 8
    assert [place.distance for place in found] == sorted(place.distance for place in found)
    for one in found:
        for other in found:
            apart = abs(one.column - other.column)
            assert one is other or one.file != other.file or apart >= 20


def test_repeated_sounds_are_found_at_each_place(codebooks, files):
    twice = np.concatenate((files[0], files[2], files[0]), axis=1)
    found = Provenance([twice, files[0]], codebooks, SILENCE).find(files[0], count=4)
    assert {(place.file, place.column) for place in found[:3]} == {(0, 0), (0, 230), (1, 0)}
    assert [place.distance for place in found[:3]] == [0.0] * 3
    assert found[3].distance > 1.0


def test_fewer_places_than_asked_for_are_no_mistake(codebooks, files):
    small = Provenance([files[1]], codebooks, SILENCE)
    assert len(small.find(files[1], count=4)) == 1


def test_a_search_ends_when_nobody_waits_for_it(codebooks):
    chance = np.random.default_rng(3)
    long = chance.integers(0, SIZE, (LEVELS, 30_000)).astype(np.uint16)
    provenance, told = Provenance([long], codebooks, SILENCE), []

    def once(fraction):
        told.append(fraction)
        return False

    found = provenance.find(long[:, 20_000:20_010], count=1, on_progress=once)
    assert len(told) == 1
    assert found[0].column < 20_000
    told.clear()
    assert provenance.find(
        long[:, 20_000:20_010], count=1, on_progress=lambda fraction: not told.append(fraction)
    )[0].column == 20_000  # fmt: skip
    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.mark.parametrize("n_columns", [0, MAX_COLUMNS + 1])
def test_a_region_of_another_length_is_refused(provenance, n_columns):
    with pytest.raises(UsageError, match=f"of {n_columns} columns .* allowed are 1 to 512"):
        provenance.find(np.zeros((LEVELS, n_columns), int), count=1)


def test_the_typical_columns_of_a_code_use_it_and_lie_in_the_middle(provenance, files, codebooks):
    level, code = 1, 7
    found = provenance.typical(level, code, count=3)
    assert all(files[place.file][level, place.column] == code for place in found)
    everywhere = np.concatenate(files, axis=1)
    users = embed(everywhere[:, everywhere[level] == code], codebooks)
    distances = np.linalg.norm(users - users.mean(axis=0), axis=1)
    assert found[0].distance == pytest.approx(distances.min(), rel=1e-5)
    assert [place.distance for place in found] == sorted(place.distance for place in found)


def test_a_code_that_nobody_uses_comes_from_nowhere(codebooks, files):
    unused = [np.where(file == 63, 0, file) for file in files]
    assert Provenance(unused, codebooks, SILENCE).typical(0, 63, count=3) == []
