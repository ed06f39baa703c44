import numpy as np
import pytest
import torch

from sdaudio import noise
from sdaudio.header import CodecConfig
from sdaudio.losses import coherence_loss
from sdaudio.render.spectral import Spectral


@pytest.mark.parametrize("n_bins", [33, 129, 513])
def test_bands_follow_one_another_and_widen(n_bins):
    bands = noise.band_of_bin(n_bins)

    widths = np.bincount(bands)
    assert bands[0] == 0
    assert set(np.diff(bands)) == {0, 1}
    assert (np.diff(widths[:-1]) >= 0).all()
    assert widths[0] == 2
    assert noise.n_bands(n_bins) == len(widths)


def test_angles_belong_to_absolute_frames():
    whole = noise.angles(np.arange(1000, 1400), 129)

    np.testing.assert_array_equal(noise.angles(np.arange(1100, 1110), 129), whole[100:110])
    np.testing.assert_array_equal(noise.angles(np.array([1399, 1000]), 129), whole[[399, 0]])


def test_angles_are_spread_evenly_and_neighbours_know_nothing_of_each_other():
    angles = noise.angles(np.arange(4000), 65)
    turned = np.exp(1j * angles)

    assert -np.pi < angles.min() < -3.1
    assert 3.1 < angles.max() < np.pi
    assert abs(turned.mean()) < 0.01
    for lag in range(1, 17):
        assert abs((turned[lag:] * turned[:-lag].conj()).mean()) < 0.03
    assert abs((turned[:, 1:] * turned[:, :-1].conj()).mean()) < 0.01


def test_trusted_phases_stay_and_others_turn_all_the_way():
    spread = noise.spread(np.array([0.0, 0.1, 0.3, 0.5, 0.75, 1.0], np.float32))

    np.testing.assert_allclose(spread[[0, 1]], 1.0)
    np.testing.assert_allclose(spread[[4, 5]], 0.0, atol=1e-6)
    assert (np.diff(spread) <= 0).all()


def test_make_up_gives_back_what_scattering_takes():
    n_fft, hop = 256, 64
    spectral = Spectral(CodecConfig(sample_rate=16_000, n_fft=n_fft, hop_length=hop))
    sound = np.random.default_rng(0).normal(size=400 * hop + n_fft - hop).astype(np.float32)
    spectrum = spectral.analyse(sound)

    for share in (0.0, 0.3, 0.6, 1.0):
        turned = share * noise.angles(np.arange(400), n_fft // 2 + 1)
        gain = np.exp(noise.make_up(np.float32([share])))
        heard = spectral.synthesise((spectrum * np.exp(1j * turned) * gain).astype(np.complex64))
        assert heard.std() == pytest.approx(1.0, abs=0.06)


def test_coherence_learns_how_much_of_the_target_is_explained():
    generator = torch.Generator().manual_seed(0)
    n_bands = noise.n_bands(65)

    def spectrum():
        return torch.randn(400, 65, dtype=torch.complex64, generator=generator)

    learned = spectrum()
    target = 0.6 * learned + 0.8 * spectrum()
    losses = {
        share: float(coherence_loss(torch.full((400, n_bands), share), learned, target))
        for share in (0.0, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)
    }

    # Bands of two bins vary much from frame to frame, which draws the best share down a little.
    assert min(losses, key=losses.get) in (0.5, 0.6)
    assert all(0.0 <= loss <= 1.0 for loss in losses.values())


def test_coherence_leaves_the_phases_alone():
    learned = torch.randn(4, 65, dtype=torch.complex64, requires_grad=True)
    coherence = torch.full((4, noise.n_bands(65)), 0.5, requires_grad=True)

    coherence_loss(coherence, learned, torch.randn(4, 65, dtype=torch.complex64)).backward()

    assert learned.grad is None
    assert coherence.grad.abs().sum() > 0


def test_frames_without_weight_teach_nothing():
    learned = torch.randn(2, 65, dtype=torch.complex64)
    coherence = torch.full((2, noise.n_bands(65)), 0.5, requires_grad=True)

    coherence_loss(
        coherence, learned, torch.randn_like(learned), weights=torch.tensor([1.0, 0.0])
    ).backward()

    assert coherence.grad[0].abs().sum() > 0
    assert coherence.grad[1].abs().sum() == 0
