import numpy as np
import pytest

from sdaudio.errors import UsageError
from sdaudio.prior import Copied, CopyIndex
from sdaudio.prior.novelty import RUN_EVENTS


def noise(n_columns, seed, size=64):
    return np.random.default_rng(seed).integers(0, size, (3, n_columns)).astype(np.uint16)


@pytest.fixture(scope="module")
def files():
    return [noise(80 + 20 * n, n) for n in range(6)]


@pytest.fixture(scope="module")
def copies(files):
    return CopyIndex(files)


def test_a_copy_is_found_with_its_file_and_place(files, copies):
    take = np.concatenate([noise(10, 90), files[4][:, 30:70], noise(15, 91)], axis=1)
    found = copies.measure(take)
    assert found.longest == Copied(n_events=40, start=10, columns=40, file=4, file_column=30)
    assert found.longest_coarse.file == 4
    assert found.longest_coarse.n_events >= 38
    assert found.share == pytest.approx(25 / 65)


def test_a_whole_copy_has_no_novelty_and_random_codes_have_all(files, copies):
    assert copies.measure(files[2]).share == 0.0
    assert copies.measure(noise(400, 99)).share == 1.0
    assert copies.usual == 1.0


def test_a_copy_is_found_however_long_its_codes_last(files, copies):
    slow = np.repeat(files[1][:, 20:50], 3, axis=1)
    found = copies.measure(slow)
    assert found.share == 0.0
    assert (found.longest.n_events, found.longest.columns) == (30, 90)
    assert (found.longest.file, found.longest.file_column) == (1, 20)


def test_another_detail_does_not_hide_a_copy_and_another_timbre_does(files, copies):
    take = files[3].copy()
    take[2] = noise(take.shape[1], 5)[2]
    assert copies.measure(take).share == 0.0
    take[1] = noise(take.shape[1], 6)[1]
    found = copies.measure(take)
    assert found.share == 1.0
    assert found.longest_coarse.n_events > 0.9 * take.shape[1]


def test_runs_do_not_cross_from_one_file_to_another(files, copies):
    joint = np.concatenate([files[0][:, -10:], files[1][:, :10]], axis=1)
    assert copies.measure(joint).longest.n_events == 10


def test_what_the_sounds_share_among_them_is_usual(files):
    double = [*files, files[0][:, :40]]
    n_columns = sum(codes.shape[1] for codes in double)
    assert CopyIndex(double).usual == pytest.approx(1 - 80 / n_columns, abs=0.01)
    assert CopyIndex(files[:1]).usual == -1.0


def test_takes_of_a_few_columns_can_be_copies_too(files, copies):
    assert copies.measure(files[0][:, 3:4]).share == 0.0
    assert copies.measure(files[0][:, :0]).share == 1.0
    assert copies.measure(files[0][:, :0]).longest == Copied()


@pytest.mark.parametrize("seed", range(8))
def test_the_longest_runs_are_those_that_trying_everything_finds(seed):
    generator = np.random.default_rng(seed)
    files = [generator.integers(0, 3, (2, int(n))) for n in generator.integers(1, 40, 4)]
    take = generator.integers(0, 3, (2, 50))

    def events(codes):
        pairs = list(map(tuple, codes.T.tolist()))
        return [pair for at, pair in enumerate(pairs) if at == 0 or pairs[at - 1] != pair]

    sources, own = [events(codes) for codes in files], events(take)

    def occurs(run):
        return any(
            source[at : at + len(run)] == run for source in sources for at in range(len(source))
        )

    lengths = [
        max(n for n in range(len(own) - start + 1) if occurs(own[start : start + n]))
        for start in range(len(own))
    ]
    copied = set()
    for start, length in enumerate(lengths):
        if length >= RUN_EVENTS:
            copied |= set(range(start, start + length))
    found = CopyIndex(files).measure(take)
    assert found.longest.n_events == max(lengths)
    assert found.share == pytest.approx(1 - len(copied) / len(own))


def test_copies_cannot_be_told_from_nothing():
    with pytest.raises(UsageError, match="there are none"):
        CopyIndex([])


def test_an_hour_of_sounds_is_searched_exactly_without_a_table_of_runs():
    # 170 000 columns, and a take of 30 s that is pieced together from them
    files = [noise(8500, seed, size=256) for seed in range(20)]
    copies = CopyIndex(files)
    pieces = [files[n][:, 400 * n : 400 * n + 70] for n in range(20)]
    found = copies.measure(np.concatenate(pieces, axis=1))
    assert found.share == 0.0
    assert found.longest.n_events == 70
    assert found.longest.file_column == 400 * found.longest.file
