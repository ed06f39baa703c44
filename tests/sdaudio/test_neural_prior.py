import dataclasses
import itertools

import numpy as np
import pytest
import torch

from sdaudio.errors import UsageError
from sdaudio.header import CodecConfig
from sdaudio.prior import CountPrior, SamplingOptions, fit, sample
from sdaudio.prior.blending import mix
from sdaudio.prior.budget import seconds_after, shape_for
from sdaudio.prior.holding import MAX_TESTED_COLUMNS, Excerpt, hold_out, shortened
from sdaudio.prior.learning import Limits, learn, learn_everything
from sdaudio.prior.listening import Listener
from sdaudio.prior.net import N_SURE_BINS, Net, NetConfig, expected_shapes, run_feature
from sdaudio.prior.network import Batch, Network
from sdaudio.prior.walker import walk

SIZE, LATENT = 64, 8
SMALL = NetConfig(hidden_size=16, layers=2, heads=2, context=8)
CODEC = CodecConfig(codebook_size=SIZE, latent_dim=LATENT)


def codebooks(n_levels=3, seed=0):
    return np.random.default_rng(seed).normal(size=(n_levels, SIZE, LATENT)).astype(np.float32)


def alike_codebooks(n_levels=3):
    """Codes in 8 groups of 8 that are nearly the same."""
    chance = np.random.default_rng(0)
    groups = np.repeat(chance.normal(size=(n_levels, 8, LATENT)), 8, axis=1)
    return (groups + 0.1 * chance.normal(size=groups.shape)).astype(np.float32)


def phrases(n_files=10, n_columns=60, n_levels=3, seed=0):
    """Sounds that go through all groups in order; which code of a group is chance."""
    chance = np.random.default_rng(seed)
    files = []
    for _ in range(n_files):
        groups = (np.arange(n_columns) + chance.integers(8)) % 8
        codes = 8 * groups + chance.integers(0, 8, (n_levels, n_columns))
        files.append(codes.astype(np.uint16))
    return files


def random_network(config=SMALL, n_levels=3, seed=1):
    torch.manual_seed(seed)
    network = Network(config, codebooks(n_levels)).eval()
    with torch.no_grad():
        # A fresh network has no opinion on codes and copies.
        for depth in network.depth:
            depth.scores.weight.normal_()
            depth.copy.weight.normal_()
    return network


def net_of(network, share=0.5):
    shares = np.full((network.sizes.n_levels, N_SURE_BINS), share, np.float32)
    return Net(network.config, network.sizes, network.weights(), shares)


def batch_of(codes):
    nothing = np.full((1, len(codes)), SIZE, np.int64)
    before = np.concatenate([nothing, codes.T.astype(np.int64)])
    now = np.concatenate([codes.T.astype(np.int64), nothing])
    runs = np.zeros(before.shape, int)
    for place in range(1, len(before)):
        runs[place] = np.where(before[place] == before[place - 1], runs[place - 1], 0) + 1
    arrays = (before, now, run_feature(runs), np.zeros(len(before), np.int64))
    return Batch(*(torch.tensor(array)[None] for array in arrays))


@pytest.mark.parametrize("n_levels", [2, 3, 4])
def test_walking_in_numpy_equals_the_network_in_torch(n_levels):
    network = random_network(n_levels=n_levels)
    codes = np.repeat(np.random.default_rng(2).integers(0, SIZE, (n_levels, 30)), 2, axis=1)
    with torch.no_grad():
        expected = [beliefs.all[0].exp().numpy() for beliefs in network(batch_of(codes))]
    listener = Listener(net_of(network))
    for place, column in enumerate([*codes.T.tolist(), [SIZE] * n_levels]):
        for level in range(n_levels):
            shares = listener.shares(column, level)
            assert shares.sum() == pytest.approx(1.0)
            assert shares == pytest.approx(expected[level][place], rel=1e-3, abs=1e-6)
        if place < codes.shape[1]:
            listener.hear(column)


def test_a_copy_goes_on_by_itself():
    listener = Listener(net_of(random_network()))
    listener.hear([1, 2, 3])
    other = listener.copy()
    before = listener.shares([0, 0, 0], 0)
    for _ in range(20):
        other.hear([4, 5, 6])
    assert np.array_equal(listener.shares([0, 0, 0], 0), before)
    assert not np.allclose(other.shares([0, 0, 0], 0), before)
    listener.hear([4, 5, 6])
    again = Listener(net_of(random_network()))
    for column in ([1, 2, 3], [4, 5, 6]):
        again.hear(column)
    assert np.array_equal(listener.shares([0, 0, 0], 0), again.shares([0, 0, 0], 0))


def test_a_new_sound_is_heard_without_the_one_before():
    net = net_of(random_network())
    listener = Listener(net)
    for _ in range(5):
        listener.hear([1, 2, 3])
    listener.forget()
    assert np.array_equal(listener.shares([0, 0, 0], 0), Listener(net).shares([0, 0, 0], 0))


def test_only_what_is_in_sight_is_heard():
    reach = SMALL.layers * SMALL.context
    codes = np.random.default_rng(3).integers(0, SIZE, (3, 60))
    prior = dataclasses.replace(fit(phrases(), SIZE), net=net_of(random_network(), 1.0))
    for kept in (60, reach + 40):
        shares, _ = walk(prior, codes[:, -kept:]).shares([0, 0, 0], 0)
        if kept == 60:
            expected = shares
    assert shares == pytest.approx(expected, rel=1e-5)


@pytest.fixture(scope="module")
def learned():
    seen = []
    result = learn(
        hold_out(phrases(10, 40)), alike_codebooks(), NetConfig(32, 1, 2, 16),
        limits=Limits(400, 60.0), seed=3, on_measured=seen.append, should_stop=lambda: False,
    )  # fmt: skip
    return result, seen


def test_a_net_learns_until_held_out_sounds_are_foreseen_no_better(learned):
    result, seen = learned
    assert result.is_settled
    assert result.best in seen
    assert np.mean(result.best.held_out) == min(np.mean(each.held_out) for each in seen)
    # 8 codes of 64 can come.
    assert np.exp(np.mean(result.best.held_out)) < 14
    assert [each.epoch for each in seen] == sorted(each.epoch for each in seen)


def test_learning_is_a_function_of_the_seed_and_leaves_other_chance_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    nets = []
    for seed in (1, 1, 2):
        torch.manual_seed(5)
        nets.append(
            learn_everything(
                phrases(4, 30), codebooks(), SMALL,
                epochs=2, seed=seed, on_progress=lambda *_: None, should_stop=lambda: False,
            )
        )  # fmt: skip
        assert torch.equal(torch.rand(3), expected)
    same = [np.array_equal(nets[0][name], nets[1][name]) for name in nets[0]]
    assert all(same)
    assert not np.array_equal(nets[0]["entrance.weight"], nets[2]["entrance.weight"])


def test_what_has_no_rule_is_learned_by_heart_and_said():
    chance = np.random.default_rng(0)
    files = [chance.integers(0, SIZE, (2, 20)).astype(np.uint16) for _ in range(8)]
    result = learn(
        hold_out(files), codebooks(2), NetConfig(128, 1, 2, 16),
        limits=Limits(400, 60.0), seed=0, on_measured=lambda _: None, should_stop=lambda: False,
    )  # fmt: skip
    assert result.memorised_after == result.best.epoch


def test_a_stop_keeps_the_best_so_far_or_nothing():
    calls = itertools.count()
    arguments = {"limits": Limits(500, 60.0), "seed": 0, "on_measured": lambda _: None}
    parts = hold_out(phrases())
    assert learn(parts, codebooks(), SMALL, should_stop=lambda: True, **arguments) is None
    kept = learn(parts, codebooks(), SMALL, should_stop=lambda: next(calls) > 20, **arguments)
    assert kept is not None
    assert kept.best.epoch < 40
    assert not kept.is_settled
    assert (
        learn_everything(
            phrases(4, 30), codebooks(), SMALL,
            epochs=5, seed=0, on_progress=lambda *_: None, should_stop=lambda: True,
        )
        is None
    )  # fmt: skip


def test_no_time_is_one_measurement():
    seen = []
    learn(
        hold_out(phrases()), codebooks(), SMALL,
        limits=Limits(500, 0.0), seed=0, on_measured=seen.append, should_stop=lambda: False,
    )  # fmt: skip
    assert len(seen) == 1


def test_a_net_that_knows_something_is_mixed_in_and_one_that_does_not_is_left_out(learned):
    parts = hold_out(phrases())
    counts = fit(parts.learned, SIZE)
    knowing = dataclasses.replace(
        net_of(random_network(NetConfig(32, 1, 2, 16))), weights=learned[0].weights
    )
    good = mix(counts, knowing, parts.held_out)
    assert good.helps
    better = [mixed <= alone for mixed, alone in zip(good.mixture, good.counts, strict=True)]
    assert all(better)
    bad = mix(counts, net_of(random_network()), parts.held_out)
    assert bad.shares.max() < 0.2
    assert np.mean(np.log(bad.mixture)) <= np.mean(np.log(bad.counts))


def test_what_a_walk_believes_is_the_mixture_as_defined():
    counts = fit(phrases(), SIZE)
    net = net_of(random_network(), 0.25)
    column = [3, 10, 31]
    alone, _ = walk(counts, np.zeros((3, 0), int)).shares(column, 1)
    mixed, seen = walk(dataclasses.replace(counts, net=net), np.zeros((3, 0), int)).shares(
        column, 1
    )
    told = Listener(net).shares(column, 1)
    assert mixed == pytest.approx(0.75 * alone / alone.sum() + 0.25 * told)
    assert seen[told > 1 / SIZE].all()


@pytest.fixture(scope="module")
def prior():
    return dataclasses.replace(fit(phrases(), SIZE), net=net_of(random_network()))


def test_a_prior_with_a_net_goes_through_plain_arrays_unchanged(prior):
    again = CountPrior.from_tensors(prior.tensors(), CODEC)
    assert again.net is not None
    assert again.net.config == SMALL
    takes = [sample(p, n_columns=80, options=SamplingOptions(seed=5)) for p in (prior, again)]
    assert np.array_equal(*takes)
    counts = dataclasses.replace(prior, net=None)
    assert CountPrior.from_tensors(counts.tensors(), CODEC).net is None
    assert not np.array_equal(
        sample(counts, n_columns=80, options=SamplingOptions(seed=5)), takes[0]
    )


def test_a_take_with_a_net_can_be_continued(prior):
    options = SamplingOptions(seed=3)
    whole = sample(prior, n_columns=150, options=options)
    rest = sample(prior, n_columns=50, options=options, prompt=whole[:, :100])
    assert np.array_equal(rest, whole[:, 100:])


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("shape", lambda array: array[:3]),
        ("shape", lambda array: array * 0),
        ("shape", lambda array: array.astype(np.int32)),
        ("shape", lambda _: None),
        ("shares", lambda array: array + 1),
        ("shares", lambda array: array[:2]),
        ("layers.0.heard.weight", lambda _: None),
        ("layers.1.up.bias", lambda array: array * np.nan),
        ("depth.2.known.weight", lambda array: array.T),
        ("embedding", lambda array: array.astype(np.float64)),
    ],
)
def test_a_damaged_net_is_refused(prior, name, damage):
    tensors = prior.tensors()
    after = damage(tensors.pop(f"prior.net.{name}"))
    if after is not None:
        tensors[f"prior.net.{name}"] = after
    with pytest.raises(ValueError, match=r"prior\.net\."):
        CountPrior.from_tensors(tensors, CODEC)


def test_a_weight_that_is_not_known_is_refused(prior):
    extra = {"prior.net.layers.7.up.bias": np.zeros(3, np.float32)}
    with pytest.raises(ValueError, match=r"layers\.7\.up\.bias is not known"):
        CountPrior.from_tensors({**prior.tensors(), **extra}, CODEC)


def test_the_network_has_the_weights_that_a_file_holds():
    network = Network(SMALL, codebooks())
    shapes = {name: array.shape for name, array in network.weights().items()}
    assert shapes == expected_shapes(SMALL, network.sizes)


@pytest.mark.parametrize(
    ("shape", "sentence"),
    [
        ({"hidden_size": 8}, "16 to 256"),
        ({"hidden_size": 50}, "multiple of heads"),
        ({"layers": 5}, "1 to 4"),
        ({"heads": 9}, "1 to 8"),
        ({"context": 129}, "1 to 128"),
    ],
)
def test_a_shape_that_cannot_be_says_what_can(shape, sentence):
    with pytest.raises(UsageError, match=sentence):
        NetConfig(**shape)


def test_the_shape_goes_by_the_material_unless_it_is_given():
    sizes = [shape_for(n).hidden_size for n in (500, 5000, 100_000)]
    assert sizes == sorted(set(sizes))
    assert shape_for(500, hidden_size=32, layers=1, heads=8) == NetConfig(32, 1, 8)


def test_the_net_takes_a_small_part_of_a_training():
    assert seconds_after(10) == 0
    assert 0 < seconds_after(120) <= 0.1 * 120
    assert seconds_after(8 * 3600) <= 120


def test_sounds_are_held_out_whole_or_at_their_ends_or_not_at_all():
    many = hold_out(phrases(10))
    assert many.by == "file"
    assert len(many.learned) + len(many.held_out) == 10
    few = hold_out([*phrases(3), np.zeros((3, 0), np.uint16)])
    assert few.by == "time"
    for learned_part, excerpt in zip(few.learned, few.held_out, strict=True):
        assert learned_part.shape[1] == excerpt.start
        assert excerpt.n_columns == 60 - excerpt.start == 9
    assert hold_out(phrases(2, 40)).by == "none"


def test_no_more_is_tested_on_than_tells_something():
    long = [Excerpt(np.zeros((2, 3000), int), 500), Excerpt(np.zeros((2, 3000), int), 100)] * 2
    chosen = shortened(long)
    assert [excerpt.start for excerpt in chosen] == [500, 100]
    assert sum(excerpt.n_columns for excerpt in chosen) == MAX_TESTED_COLUMNS
