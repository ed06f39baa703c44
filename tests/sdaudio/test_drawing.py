"""What the controls of sampling do to the codes that are drawn."""

import numpy as np
import pytest
from test_prior import SIZE, phrases

from sdaudio.errors import UsageError
from sdaudio.prior import (
    CopyIndex,
    SamplingOptions,
    fit,
    sample,
    weights_between,
    weights_of_files,
)


@pytest.fixture(scope="module")
def files():
    return phrases()


@pytest.fixture(scope="module")
def prior(files):
    return fit(files, SIZE)


@pytest.fixture(scope="module")
def copies(files):
    return CopyIndex(files)


def draw(prior, n_columns=400, copies=None, weigh=None, prompt=None, **options):
    return sample(
        prior,
        n_columns=n_columns,
        options=SamplingOptions(**options),
        copies=copies,
        weigh=weigh,
        prompt=prompt,
    )


def events(codes):
    pairs = codes[:2].T.tolist()
    return [pair for at, pair in enumerate(pairs) if at == 0 or pairs[at - 1] != pair]


def longest_stay(codes):
    changes = np.flatnonzero(np.diff(codes[0].astype(int), prepend=-1, append=-1))
    return int(np.diff(changes).max())


EVERYTHING = {
    "temperature": 1.3,
    "top_k": 30,
    "top_p": 0.95,
    "typical": 0.9,
    "level_temperatures": (0.5, 0.0, 1.5),
    "hold_columns": 4,
    "avoid": 0.5,
    "phrase": 3,
    "novelty": 0.5,
    "seed": 11,
}


def cut(prior, n_columns, stop, chunk_columns, options, copies=None):
    """A take that is stopped before a column, put together from its chunks, and as answered."""
    chunks = []
    asked = iter(range(1, n_columns + 1))
    part = sample(
        prior,
        n_columns=n_columns,
        options=options,
        copies=copies,
        chunk_columns=chunk_columns,
        on_columns=lambda start, codes: chunks.append((start, codes)),
        should_stop=lambda: next(asked) == stop,
    )
    widths = [codes.shape[1] for _, codes in chunks]
    assert [start for start, _ in chunks] == [sum(widths[:n]) for n in range(len(widths))]
    return np.concatenate([codes for _, codes in chunks], axis=1), part


@pytest.mark.parametrize("chunk_columns", [0, 1, 7, 64])
def test_a_take_is_the_same_however_it_is_chunked_and_wherever_it_is_cut(
    prior, copies, chunk_columns
):
    options = SamplingOptions(**EVERYTHING)
    whole = sample(prior, n_columns=120, options=options, copies=copies)
    for stop in (1, 50, 119, 120):
        told, answered = cut(prior, 120, stop, chunk_columns, options, copies)
        assert np.array_equal(told, whole[:, :stop])
        assert np.array_equal(answered, told)


def test_a_take_can_be_cancelled_at_every_column(prior):
    options = SamplingOptions(seed=2)
    whole = sample(prior, n_columns=40, options=options)
    for stop in range(1, 41):
        told, answered = cut(prior, 40, stop, 0, options)
        assert np.array_equal(told, whole[:, :stop])
        assert np.array_equal(answered, told)


def test_a_prompt_may_be_cut_where_it_does_not_matter_any_more(prior):
    past = draw(prior, 300, seed=4)
    options = SamplingOptions(seed=5, avoid=0.9, hold_columns=5)
    whole = sample(prior, n_columns=50, options=options, prompt=past)
    part = sample(prior, n_columns=50, options=options, prompt=past[:, 150:], first_column=150)
    assert np.array_equal(whole, part)


def test_a_hold_bounds_how_long_a_code_lasts_also_behind_a_prompt(prior):
    assert longest_stay(draw(prior)) > 3
    assert longest_stay(draw(prior, hold_columns=3)) == 3
    held = np.repeat(phrases(1, 1)[0], 3, axis=1)
    after = draw(prior, 1, hold_columns=3, prompt=held)
    assert after[0, 0] != held[0, 0]


def test_avoided_codes_come_back_later_and_last_as_long():
    jumps = [np.random.default_rng(n).integers(0, 50, (2, 40)).repeat(2, 1) for n in range(20)]
    prior = fit(jumps, SIZE)

    def habits(avoid):
        codes = draw(prior, 900, avoid=avoid, top_p=0.0)[0].astype(int)
        begins = np.flatnonzero(np.diff(codes, prepend=-1))
        returns = [codes[at] in codes[max(0, at - 40) : at] for at in begins]
        return np.mean(returns), len(begins)

    (free, n_free), (avoiding, n_avoiding) = habits(0.0), habits(1.0)
    assert avoiding < 0.2 * free
    assert n_avoiding == pytest.approx(n_free, rel=0.1)


@pytest.mark.parametrize("length", [2, 4])
def test_a_phrase_does_not_come_back(prior, length):
    def n_repeated(codes):
        own = events(codes)
        runs = [tuple(map(tuple, own[at : at + length])) for at in range(len(own) - length + 1)]
        return len(runs) - len(set(runs))

    free = draw(prior, 120, temperature=0.3)
    assert n_repeated(free) > 5
    assert n_repeated(draw(prior, 120, temperature=0.3, phrase=length)) == 0


@pytest.mark.parametrize("novelty", [0.3, 0.8, 1.0])
def test_a_take_is_as_new_as_was_asked_for(prior, copies, novelty):
    careful = {"temperature": 0.3, "top_p": 0.5}
    for seed in range(3):
        assert copies.measure(draw(prior, seed=seed, **careful)).share < 0.3
        take = draw(prior, seed=seed, copies=copies, novelty=novelty, **careful)
        assert copies.measure(take).share >= novelty - 1e-9


def test_a_long_take_does_not_save_up_for_a_long_copy(prior, copies):
    careful = {"temperature": 0.3, "top_p": 0.5}
    take = draw(prior, 1500, copies=copies, novelty=0.8, **careful)
    found = copies.measure(take)
    assert 0.8 <= found.share < 0.95
    assert found.longest.n_events < 10
    assert copies.measure(draw(prior, 1500, **careful)).longest.n_events > 12


def test_chosen_files_give_only_their_codes(prior, files):
    allowed = [set(files[3][level]) | set(files[8][level]) for level in range(3)]
    take = draw(prior, weigh=weights_of_files(files, (3, 8), SIZE), temperature=2.0, top_p=0.0)
    assert all(set(take[level]) <= allowed[level] for level in range(3))
    free = draw(prior, temperature=2.0, top_p=0.0)
    assert any(not set(free[level]) <= allowed[level] for level in range(3))


def test_codes_of_a_prompt_that_are_not_allowed_do_not_go_on(prior, files):
    low = np.full((3, 4), 60, np.uint16)
    take = draw(prior, 20, weigh=weights_of_files(files, (0,), SIZE), prompt=low)
    assert set(take[0]) <= set(files[0][0])


def test_typical_sampling_leaves_out_what_is_too_likely_or_too_rare(prior):
    def chances(**options):
        codes = draw(prior, 900, top_p=0.0, **options)
        moves = codes[0][np.flatnonzero(np.diff(codes[0].astype(int), prepend=-1))]
        return (np.diff(moves.astype(int)) % 8 == 1).mean()

    assert chances(typical=0.5) > chances() > 0.6
    off = draw(prior, 100, top_p=0.0)
    assert np.array_equal(draw(prior, 100, top_p=0.0, typical=1.0), off)


def test_every_level_has_a_temperature_of_its_own(prior):
    def wild(*temperatures):
        codes = draw(prior, 900, top_p=0.0, level_temperatures=temperatures)
        rule = ((codes[1].astype(int) - codes[0].astype(int) * 3 - 1) % SIZE == 0).mean()
        moves = codes[0][np.flatnonzero(np.diff(codes[0].astype(int), prepend=-1))]
        return (np.diff(moves.astype(int)) % 8 == 1).mean(), rule

    careful_moves, _ = wild(0.2, 2.0)
    wild_moves, rule = wild(2.0, 0.2)
    assert careful_moves > wild_moves + 0.1
    assert rule > 0.85
    assert np.array_equal(
        draw(prior, 60, temperature=0.7, level_temperatures=(0.0, 0.0, 0.0)),
        draw(prior, 60, temperature=0.7),
    )


def test_a_morph_begins_in_one_grid_and_ends_in_the_other():
    low, high = phrases(6, 40), [(codes + 30) % SIZE for codes in phrases(6, 40, seed=1)]
    prior = fit(low + high, SIZE)
    way = weights_between(low[0], high[0], 200, SIZE)
    for seed in range(3):
        take = draw(prior, 200, weigh=way, seed=seed)
        is_high = take[0] >= 30
        assert is_high[:40].mean() < 0.1
        assert is_high[-40:].mean() > 0.9
        assert 0.2 < is_high[50:150].mean() < 0.8


def test_the_ends_of_a_morph_are_what_the_grids_hold_there(prior):
    first, second = phrases(2, 60, seed=7)
    weigh = weights_between(first, second, 100, SIZE)
    at_start, at_end = weigh(0, 0), weigh(99, 0)
    assert set(np.flatnonzero(at_start > 0.01)) == set(first[0, :9])
    assert set(np.flatnonzero(at_end > 0.01)) == set(second[0, -9:])
    assert at_start.min() > 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("typical", 1.1),
        ("hold_columns", -1),
        ("avoid", 2.0),
        ("phrase", 17),
        ("novelty", -0.1),
        ("level_temperatures", (1.0, 0.05)),
    ],
)
def test_a_control_out_of_range_names_what_is_allowed(name, value):
    with pytest.raises(UsageError, match=r"allowed are"):
        SamplingOptions(**{name: value})
