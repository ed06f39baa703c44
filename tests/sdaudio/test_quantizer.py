from dataclasses import replace

import numpy as np
import pytest
import torch

from sdaudio.codebooks import CANDIDATES, quantise
from sdaudio.codec import Codec, ColumnBank, ResidualQuantizer, closed_form
from sdaudio.header import CodecConfig

CONFIG = CodecConfig(sample_rate=16_000, n_fft=256, hop_length=64, latent_dim=8, codebook_size=64)
BOTH = pytest.mark.parametrize("factors", [True, False])


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(0)


def strokes(frequencies=(500.0, 1100.0, 2300.0, 4100.0), loudness=(1.0, 0.3, 0.1)):
    """Decaying tones: every colour at every loudness, with the same envelope."""
    time = np.arange(8 * CONFIG.column_length) / CONFIG.sample_rate
    envelope = np.exp(-20 * time)
    return [
        (0.5 * gain * envelope * np.sin(2 * np.pi * frequency * time)).astype(np.float32)
        for frequency in frequencies
        for gain in loudness
    ]


def fitted(config, sounds, generator):
    torch.manual_seed(1)
    codec = Codec(config).eval()
    closed_form.fit(codec, ColumnBank(sounds, config), generator=generator)
    return codec


def codes_of(codec, sounds):
    """(sound, column, level)."""
    with torch.no_grad():
        return codec.encode_to_codes(torch.from_numpy(np.stack(sounds))).numpy()


def test_codebooks_follow_the_latents_they_are_chosen_by():
    quantizer = ResidualQuantizer(replace(CONFIG, factors=False))
    quantizer.start(torch.zeros(3, 64, 8), torch.ones(3, 64))
    latents = torch.full((10, 8), 2.0)

    for _ in range(300):
        quantizer.update(latents, torch.full((10, 3), 5))

    torch.testing.assert_close(quantizer.codebooks[0, 5], torch.full((8,), 2.0), atol=0.05, rtol=0)
    torch.testing.assert_close(quantizer.codebooks[0, 6], torch.zeros(8))
    assert quantizer.codebooks[1, 5].abs().max() < 0.05


def test_codebooks_of_factors_follow_together_what_they_leave_together():
    quantizer = ResidualQuantizer(CONFIG)
    quantizer.start(torch.zeros(3, 64, 8), torch.ones(3, 64))
    latents = torch.full((10, 8), 2.0)

    for _ in range(300):
        quantizer.update(latents, torch.full((10, 3), 5))

    torch.testing.assert_close(
        quantizer.codebooks[:, 5].sum(0), torch.full((8,), 2.0), atol=0.05, rtol=0
    )
    assert quantizer.codebooks[:, 5].min() > 0.3
    assert not quantizer.codebooks[:, 6].any()


@BOTH
def test_codes_that_nothing_chooses_are_moved_onto_columns(factors, generator):
    quantizer = ResidualQuantizer(replace(CONFIG, factors=factors))
    far_away = torch.full((3, 64, 8), 100.0)
    far_away[:, 0] = 0.0
    quantizer.start(far_away, torch.ones(3, 64))
    latents = torch.randn(200, 8, generator=generator)
    for _ in range(3):
        quantizer.update(latents, quantizer.encode(latents))
    before = quantizer.encode(latents)[:, 0].unique().numel()

    moved = quantizer.reset_dead(latents, patience=3, generator=generator)

    assert before == 1
    assert moved == 3 * 63
    assert quantizer.encode(latents)[:, 0].unique().numel() > 40


@BOTH
def test_codes_in_use_are_never_moved(factors, generator):
    quantizer = ResidualQuantizer(replace(CONFIG, factors=factors))
    latents = torch.randn(512, 8, generator=generator)
    codebook, chosen = closed_form.kmeans(latents, 64, generator=generator)
    books = torch.stack([codebook] * 3)
    quantizer.start(books, torch.ones(3, 64))
    quantizer.update(latents, torch.arange(64).repeat_interleave(8)[:, None].expand(-1, 3))
    before = quantizer.codebooks.clone()

    assert quantizer.reset_dead(latents, patience=1, generator=generator) == 0
    assert torch.equal(quantizer.codebooks, before)
    assert chosen.unique().numel() == 64


@BOTH
@pytest.mark.parametrize("n_levels", [2, 3, 4])
def test_numpy_finds_the_codes_that_torch_finds(n_levels, factors, generator):
    config = replace(CONFIG, n_levels=n_levels, factors=factors)
    quantizer = ResidualQuantizer(config)
    latents = torch.randn(500, 8, generator=generator)
    books = torch.randn(quantizer.codebooks.shape, generator=generator) * 0.7
    quantizer.start(books, torch.ones(books.shape[:2]))

    codes, left = quantise(latents.numpy(), books.numpy(), structure_dims=config.structure_dims)

    expected = quantizer.encode(latents)
    np.testing.assert_array_equal(codes, expected.T.numpy())
    error = (latents - quantizer.embed(expected)).norm(dim=-1).numpy()
    np.testing.assert_allclose(left, error, rtol=1e-4)


def test_structure_is_one_of_the_nearest_in_its_dimensions_and_suits_the_other_levels(generator):
    latents = torch.randn(300, 8, generator=generator).numpy()
    books = torch.randn(3, 64, 8, generator=generator).numpy()

    codes, left = quantise(latents, books, structure_dims=3)

    seen = np.linalg.norm(latents[:, None, :3] - books[0, :, :3], axis=-1)
    rank = (seen < np.take_along_axis(seen, codes[:1].T.astype(int), 1)).sum(1)
    assert rank.max() < CANDIDATES
    nearest = latents - books[0, seen.argmin(1)]
    _, greedy = quantise(nearest, books[1:])
    assert (left <= greedy + 1e-5).all()
    assert left.mean() < 0.95 * greedy.mean()


@pytest.mark.parametrize(
    "frames", [{}, {"n_fft": 512, "hop_length": 128, "frames_per_column": 2}], ids=["short", "long"]
)
def test_the_first_dimensions_tell_how_loud_a_column_is(frames, generator):
    config = replace(CONFIG, **frames)
    sounds = strokes()
    codec = fitted(config, sounds, generator)

    with torch.no_grad():
        latents = codec.encode(torch.from_numpy(np.stack(sounds))).flatten(0, 1).numpy()

    columns = np.stack(sounds).reshape(-1, config.column_length)
    loudness = np.log(np.sqrt((columns**2).mean(1)) + 1e-4)

    def untold(latents):
        told = np.c_[latents, np.ones(len(latents))]
        return (loudness - told @ np.linalg.lstsq(told, loudness, rcond=None)[0]).var()

    assert untold(latents[:, : config.structure_dims]) < 1.3 * untold(latents)
    assert untold(latents) < 0.5 * untold(latents[:, config.structure_dims :])


def test_factors_give_equally_loud_moments_the_same_structure_whatever_their_colour(generator):
    sounds = strokes()

    def same_structure(factors):
        codec = fitted(replace(CONFIG, factors=factors), sounds, generator)
        structure = codes_of(codec, sounds)[..., 0].reshape(4, 3, -1)
        # at every loudness and moment: how often two colours share a code
        pairs = [(a, b) for a in range(4) for b in range(a)]
        return np.mean([(structure[a] == structure[b]).mean() for a, b in pairs])

    assert same_structure(factors=True) > 3 * same_structure(factors=False)


def test_a_silent_sound_has_factors_too(generator):
    codec = fitted(CONFIG, [np.zeros(5000, np.float32)], generator)

    assert torch.isfinite(codec.pca.components).all()
    assert torch.isfinite(codec.quantizer.codebooks).all()
