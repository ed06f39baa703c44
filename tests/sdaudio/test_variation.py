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


def slide(prior, grid, **more):
    arguments = {"start": 20, "stop": 60, "options": SamplingOptions(seed=3), **more}
    return [vary(prior, grid, amount=amount, **arguments) for amount in AMOUNTS]


def test_nothing_is_varied_by_nothing_and_more_and_more_by_more(prior, grid):
    takes = slide(prior, grid)
    changed = [int((take != grid[:, 20:60]).sum()) for take in takes]
    assert changed[0] == 0
    assert changed == sorted(changed)
    assert changed[-1] > 40


def test_a_cell_that_changed_keeps_its_code_when_the_amount_grows(prior, grid):
    takes = slide(prior, grid)
    for less, more in itertools.pairwise(takes):
        has_changed = less != grid[:, 20:60]
        assert np.array_equal(less[has_changed], more[has_changed])


def test_detail_varies_before_structure(prior, grid):
    for take in slide(prior, grid, options=SamplingOptions(seed=4))[1:5]:
        changed = (take != grid[:, 20:60]).sum(axis=1)
        assert changed[0] <= changed[2]
    small = [
        vary(prior, grid, start=0, stop=80, amount=0.15, options=SamplingOptions(seed=seed))
        for seed in range(6)
    ]
    by_level = np.sum([take != grid for take in small], axis=(0, 2))
    assert by_level[2] > by_level[0]


def test_cells_that_are_kept_stay_at_every_amount(prior, grid):
    keep = np.zeros((3, 40), bool)
    keep[0] = True
    keep[:, 10:20] = True
    for take in slide(prior, grid, keep=keep):
        assert np.array_equal(take[keep], grid[:, 20:60][keep])
    assert (take != grid[:, 20:60]).any()


def test_a_take_that_is_varied_or_filled_with_its_own_seed_is_not_repeated(prior):
    options = SamplingOptions(seed=6)
    take = sample(prior, n_columns=60, options=options)
    assert (vary(prior, take, start=20, stop=60, amount=1.0, options=options) != take[:, 20:]).any()
    filled = infill(prior, take, start=20, stop=60, options=options, n_candidates=1)
    assert (filled[0].codes != take[:, 20:]).any()


def test_only_the_columns_near_by_matter(prior, grid):
    options = SamplingOptions(seed=1)
    arguments = {"amount": 0.7, "options": options}
    long = np.concatenate([phrases(1, 300, seed=2)[0], grid], axis=1)
    whole = vary(prior, long, start=320, stop=340, **arguments)
    part = vary(prior, long[:, 200:360], start=120, stop=140, first_column=200, **arguments)
    assert np.array_equal(whole, part)


@pytest.mark.parametrize("amount", [-0.1, 1.1, float("nan")])
def test_an_amount_out_of_range_is_a_usage_error(prior, grid, amount):
    with pytest.raises(UsageError, match="allowed are 0 to 1"):
        vary(prior, grid, start=0, stop=8, amount=amount, options=SamplingOptions())


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
