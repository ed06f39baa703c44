"""Regions of a grid drawn anew: fillings ranked, and the slider from what is there to a variation.

Filling as such is tested in test_prior.
"""

import itertools

import numpy as np
import pytest
from test_prior import SIZE, phrases

from sdaudio.errors import UsageError
from sdaudio.prior import CopyIndex, SamplingOptions, fit, infill, vary
from sdaudio.prior.sampling import sample

AMOUNTS = [0.0, 0.05, 0.1, 0.124, 0.126, 0.3, 0.5, 0.51, 0.7, 0.9, 1.0]


@pytest.fixture(scope="module")
def prior():
    return fit(phrases(), SIZE)


@pytest.fixture(scope="module")
def grid():
    return phrases(1, 80, seed=9)[0]


def two_regions(n_columns=64):
    """Two that differ in every cell."""
    before = np.random.default_rng(0).integers(0, 32, (3, n_columns)).astype(np.uint16)
    return before, before + np.uint16(32)


def slide(before, after, seed=3, first_column=20):
    return [
        vary(before, after, amount=amount, seed=seed, first_column=first_column)
        for amount in AMOUNTS
    ]


def test_a_slider_goes_all_the_way_from_one_to_the_other():
    before, after = two_regions()
    takes = slide(before, after)
    assert np.array_equal(takes[0], before)
    assert np.array_equal(takes[-1], after)
    changed = [int((take != before).sum()) for take in takes]
    assert changed == sorted(changed)
    assert len(set(changed)) > 7


@pytest.mark.parametrize("n_columns", [1, 5, 64])
def test_more_never_brings_back_a_cell_that_had_changed(n_columns):
    before, after = two_regions(n_columns)
    for seed in range(5):
        for less, more in itertools.pairwise(slide(before, after, seed)):
            has_changed = less != before
            assert np.array_equal(less[has_changed], more[has_changed])


def test_detail_varies_before_structure():
    before, after = two_regions(400)
    for take in slide(before, after)[1:-1]:
        changed = take != before
        assert (changed[0] <= changed[1]).all()
        assert (changed[1] <= changed[2]).all()
    changed = (vary(before, after, amount=0.3, seed=1, first_column=0) != before).mean(axis=1)
    assert changed[0] == pytest.approx(0.3, abs=0.15)
    assert changed[2] > changed[0] + 0.15


def test_neighbours_change_over_together():
    before, after = two_regions(400)
    changed = vary(before, after, amount=0.5, seed=1, first_column=3)[0] != before[0]
    seams = np.flatnonzero(np.diff(changed.astype(int)))
    assert len(seams) < 400 / 8
    assert np.unique(np.diff(seams) % 8).tolist() == [0]


def test_another_seed_takes_another_way():
    before, after = two_regions()
    one, other = (vary(before, after, amount=0.5, seed=seed, first_column=0) for seed in (1, 2))
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("amount", [-0.1, 1.1, float("nan")])
def test_an_amount_out_of_range_is_a_usage_error(amount):
    before, after = two_regions()
    with pytest.raises(UsageError, match="allowed are 0 to 1"):
        vary(before, after, amount=amount, seed=0, first_column=0)


def test_a_take_that_is_filled_with_its_own_seed_is_not_repeated(prior):
    options = SamplingOptions(seed=6)
    take = sample(prior, n_columns=60, options=options)
    filled = infill(prior, take, start=20, stop=60, options=options, n_tries=1)
    assert (filled[0].codes != take[:, 20:]).any()


def test_only_the_columns_near_by_matter(prior, grid):
    options = SamplingOptions(seed=1)
    long = np.concatenate([phrases(1, 300, seed=2)[0], grid], axis=1)
    [whole] = infill(prior, long, start=320, stop=340, options=options)
    part = long[:, 200:360]
    [cut] = infill(prior, part, start=120, stop=140, options=options, first_column=200)
    assert np.array_equal(whole.codes, cut.codes)


def test_fillings_are_ranked_by_how_well_what_stays_fits(prior, grid):
    keep = np.zeros((3, 12), bool)
    keep[1] = True
    options = SamplingOptions(seed=2)
    for kept in (None, keep):
        fillings = infill(
            prior, grid, start=30, stop=42, options=options, keep=kept, n_candidates=8, n_tries=2
        )
        ranks = [filling.likelihood for filling in fillings]
        assert len(fillings) == 8
        assert ranks == sorted(ranks, reverse=True)
        assert 0 > ranks[0] > ranks[-1]


def test_pinned_cells_pull_the_coarser_ones_towards_them(prior, grid):
    # level 1 follows level 0 by a rule, so that a kept level 1 tells which level 0 fits
    keep = np.zeros((3, 40), bool)
    keep[1:] = True

    def misfits(n_tries):
        [filling] = infill(
            prior,
            grid,
            start=30,
            stop=70,
            options=SamplingOptions(seed=5),
            keep=keep,
            n_tries=n_tries,
        )
        assert np.array_equal(filling.codes[keep], grid[:, 30:70][keep])
        rule = (filling.codes[1].astype(int) - filling.codes[0].astype(int) * 3 - 1) % SIZE
        return (rule > 1).mean()

    assert misfits(1) > 0.5
    assert misfits(32) < 0.3


def test_a_filling_is_as_new_as_was_asked_for(prior, grid):
    copies = CopyIndex(phrases())
    careful = {"temperature": 0.3, "top_p": 0.5, "seed": 1}
    shares = []
    for novelty in (0.0, 0.9):
        options = SamplingOptions(**careful, novelty=novelty)
        [filling] = infill(prior, grid, start=10, stop=70, options=options, copies=copies)
        shares.append(copies.measure(filling.codes).share)
    assert shares[0] < 0.5
    assert shares[1] >= 0.9
