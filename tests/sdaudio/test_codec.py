import numpy as np
import pytest
import torch

from sdaudio.codec import Codec, ColumnBank, closed_form, from_model, to_tensors
from sdaudio.codec.spectral import log_magnitude
from sdaudio.errors import FileError, UsageError
from sdaudio.header import CodecConfig, ModelHeader
from sdaudio.losses import SpectralLoss, phase_loss
from sdaudio.modelfile import Model

CONFIG = CodecConfig(
    sample_rate=16_000,
    n_fft=256,
    hop_length=64,
    latent_dim=8,
    codebook_size=64,
    encoder_channels=16,
    column_channels=24,
    frame_channels=16,
)


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(0)


@pytest.fixture
def codec():
    torch.manual_seed(1)
    return Codec(CONFIG).eval()


def tones(n=6, length=4000, seed=0):
    chance = np.random.default_rng(seed)
    time = np.arange(length) / CONFIG.sample_rate
    return [
        (0.5 * np.sin(2 * np.pi * chance.uniform(100, 4000) * time) * np.exp(-6 * time)).astype(
            np.float32
        )
        for _ in range(n)
    ]


def rough_audio(n_samples, seed=0):
    return torch.randn(1, n_samples, generator=torch.Generator().manual_seed(seed)) * 0.1


def test_synthesis_gives_back_what_was_analysed_up_to_the_edges(codec):
    audio = rough_audio(5 * CONFIG.column_length)

    spectrum = codec.spectral.spectrum(codec.spectral.columns(audio))

    assert spectrum.shape == (1, 20, 129)
    torch.testing.assert_close(codec.spectral.synthesise(spectrum), audio, atol=1e-5, rtol=0)


def test_a_started_column_is_filled_up_with_silence(codec):
    assert codec.encode(rough_audio(2 * CONFIG.column_length + 1)).shape == (1, 3, 8)


def test_decoding_codes_equals_the_forward_pass(codec, generator):
    closed_form.fit(codec, ColumnBank(tones(), CONFIG), generator=generator)
    audio = rough_audio(7 * CONFIG.column_length)

    heard, quantised = codec(audio)

    torch.testing.assert_close(
        codec.decode_codes(codec.encode_to_codes(audio)), heard, atol=1e-6, rtol=1e-5
    )
    assert torch.equal(quantised.codes, codec.encode_to_codes(audio))


def test_one_code_reaches_five_columns_and_no_further(codec):
    codes = torch.zeros(1, 30, 3, dtype=torch.long)
    changed = codes.clone()
    changed[0, 15] = 7

    difference = (codec.decode_codes(codes) - codec.decode_codes(changed)).abs()
    columns = difference.reshape(30, -1).amax(1) > 0

    assert columns[10:21].any()
    assert not columns[:10].any()
    assert not columns[21:].any()


def test_closed_form_codes_tell_different_tones_apart(codec, generator):
    sounds = tones()
    bank = ColumnBank(sounds, CONFIG)

    closed_form.fit(codec, bank, generator=generator)
    latents = codec.encode(torch.from_numpy(np.stack(sounds))).detach()
    left = latents - codec.quantizer.embed(codec.quantizer.encode(latents))

    assert float(left.square().mean() / latents.square().mean()) < 0.05
    assert float(latents.square().mean().sqrt()) == pytest.approx(1.0, abs=0.1)


def test_closed_form_components_are_orthonormal(codec, generator):
    closed_form.fit(codec, ColumnBank(tones(), CONFIG), generator=generator)

    product = codec.pca.components @ codec.pca.components.T

    torch.testing.assert_close(product, torch.eye(8), atol=1e-4, rtol=0)


def test_closed_form_looks_at_a_bounded_number_of_columns_of_every_sound():
    sounds = [np.zeros(n * CONFIG.column_length, np.float32) for n in (3, 50_000, 9000)]
    bank = ColumnBank(sounds, CONFIG)

    columns = closed_form.spread_columns(bank).numpy()

    assert columns.size <= closed_form.MAX_COLUMNS
    assert np.bincount(bank.sound_of(columns)).min() == 3
    assert np.unique(columns).size == columns.size


@pytest.mark.parametrize(
    "sounds",
    [
        [np.zeros(5000, np.float32)],
        [np.ones(1, np.float32)],
        [np.full(300, 0.1, np.float32), np.zeros(10, np.float32)],
    ],
    ids=["silence", "one sample", "two columns"],
)
def test_closed_form_survives_sounds_with_nothing_in_them(codec, generator, sounds):
    closed_form.fit(codec, ColumnBank(sounds, CONFIG), generator=generator)

    heard, _ = codec(torch.from_numpy(sounds[0])[None])

    assert torch.isfinite(codec.quantizer.codebooks).all()
    assert torch.isfinite(heard).all()


def test_no_codes_are_much_louder_than_the_sounds_they_were_learned_from(codec, generator):
    sounds = tones()
    closed_form.fit(codec, ColumnBank(sounds, CONFIG), generator=generator)
    codes = torch.randint(64, (1, 200, 3), generator=generator)
    with torch.no_grad():
        codec.decoder.head.bias[: CONFIG.n_bins] += 5.0

        heard = codec.decode_codes(codes)

    loudest = max(np.abs(sound).max() for sound in sounds)
    assert 1.4 * loudest < float(heard.abs().max()) < 4.2 * loudest


def test_kmeans_finds_separate_clusters(generator):
    centres = torch.tensor([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
    points = centres.repeat_interleave(50, 0) + 0.1 * torch.randn(150, 2, generator=generator)

    found, chosen = closed_form.kmeans(points, 3, generator=generator)

    assert all(len(chosen[i * 50 : i * 50 + 50].unique()) == 1 for i in range(3))
    torch.testing.assert_close(found[chosen[::50]], centres, atol=0.1, rtol=0)


def test_the_encoder_stays_near_the_linear_latents(codec, generator):
    closed_form.fit(codec, ColumnBank(tones(), CONFIG), generator=generator)
    with torch.no_grad():
        codec.encoder.output.weight.normal_(0, 30.0, generator=generator)
    spectrum = codec.spectral.spectrum(codec.spectral.columns(rough_audio(20_000)))

    with torch.no_grad():
        far = codec.encode_spectrum(spectrum) - codec.pca(log_magnitude(spectrum))

    length = far.norm(dim=-1)
    assert float(length.max()) <= 1.0001 * CONFIG.encoder_freedom
    assert float(length.min()) > 0.9 * CONFIG.encoder_freedom


def test_gradients_pass_the_quantiser(codec, generator):
    closed_form.fit(codec, ColumnBank(tones(), CONFIG), generator=generator)

    heard, _ = codec(torch.from_numpy(np.stack(tones())))
    heard.square().sum().backward()

    assert float(codec.encoder.output.weight.grad.abs().sum()) > 0


def test_weights_survive_the_way_through_a_model(codec):
    header = ModelHeader("m", CONFIG, ("Structure", "Timbre", "Detail"))

    again = from_model(Model(header, to_tensors(codec)))

    codes = torch.randint(0, 64, (1, 9, 3), generator=torch.Generator().manual_seed(3))
    assert torch.equal(again.decode_codes(codes), codec.decode_codes(codes))


@pytest.mark.parametrize("name", ["decoder.head.weight", "pca.mean"])
def test_a_wrong_weight_is_named(codec, name):
    header = ModelHeader("m", CONFIG, ("Structure", "Timbre", "Detail"))
    tensors = to_tensors(codec)
    tensors[name] = tensors[name][:5]

    with pytest.raises(FileError, match=name):
        from_model(Model(header, tensors))
    del tensors[name]
    with pytest.raises(FileError, match=f"{name}' is missing"):
        from_model(Model(header, tensors))


def test_a_column_bank_reads_every_column_with_what_lies_around_it():
    length, chance = CONFIG.column_length, np.random.default_rng(0)
    sounds = [chance.random(n, np.float32) for n in (length * 2 + 5, length * 3)]
    bank = ColumnBank(sounds, CONFIG)

    windows = bank.read(np.array([4, 2, 3]))

    padded = [np.pad(sound, (bank.margin, 2 * length)) for sound in sounds]
    width = length + 2 * bank.margin
    np.testing.assert_array_equal(windows[0], padded[1][length : length + width])
    np.testing.assert_array_equal(windows[1], padded[0][2 * length : 2 * length + width])
    np.testing.assert_array_equal(windows[2], padded[1][:width])
    assert bank.n_columns == 6


@pytest.mark.parametrize("sounds", [[], [np.zeros(0, np.float32)]])
def test_a_dataset_without_samples_is_refused(sounds):
    with pytest.raises(UsageError, match="at least one sound"):
        ColumnBank(sounds, CONFIG)


def test_losses_of_a_sound_with_itself_vanish_and_grow_with_distance():
    loss = SpectralLoss(48_000)
    audio = rough_audio(20_000)
    other = rough_audio(20_000, seed=1)

    def distance(estimate):
        return float(loss(estimate, audio, chance=np.random.default_rng(0)))

    assert distance(audio) < 1e-3
    assert distance(audio) < distance(audio + 0.1 * other) < distance(other)


@pytest.mark.parametrize("scale", [0.0, 1.0])
def test_losses_of_silence_have_finite_gradients(scale):
    loss = SpectralLoss(48_000)
    estimate = (scale * rough_audio(5000)).requires_grad_()

    loss(estimate, torch.zeros(1, 5000), chance=np.random.default_rng(0)).backward()

    assert torch.isfinite(estimate.grad).all()


def test_the_phase_loss_hears_a_turned_phase():
    spectrum = torch.fft.rfft(rough_audio(1024))

    assert float(phase_loss(spectrum, spectrum)) == 0.0
    assert float(phase_loss(spectrum * 1j, spectrum)) > 0.5
