import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from sdaudio.codec import Codec, ColumnBank, closed_form, from_model, to_tensors
from sdaudio.errors import FileError, UsageError
from sdaudio.header import CodecConfig, ModelHeader
from sdaudio.modelfile import Model, read_model, write_model
from sdaudio.render import Renderer, products, renderer

LENGTH = 1024


@pytest.fixture(scope="module")
def model():
    """A model of the real size, with weights that make every part of the network matter."""
    torch.manual_seed(5)
    codec = Codec(CodecConfig(codebook_size=64))
    chance = np.random.default_rng(5)
    sounds = [chance.normal(0, 0.1, n).astype(np.float32) for n in (30_000, 9000)]
    bank = ColumnBank(sounds, codec.config)
    closed_form.fit(codec, bank, generator=torch.Generator().manual_seed(5))
    with torch.no_grad():
        for parameter in codec.parameters():
            parameter.add_(0.03 * torch.randn_like(parameter))
        codec.encoder.output.weight.normal_(0, 0.05)
    header = ModelHeader("noise", codec.config, ("Structure", "Timbre", "Detail"))
    return Model(header, to_tensors(codec))


@pytest.fixture(scope="module")
def codec(model):
    return from_model(model)


@pytest.fixture
def play(model):
    return Renderer(model)


def random_codes(n_columns, seed=0):
    return np.random.default_rng(seed).integers(0, 64, (3, n_columns)).astype(np.uint16)


def noise(n_samples, seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, n_samples).astype(np.float32)


def signal_to_noise_db(signal, other):
    return 10 * np.log10((signal**2).sum() / ((signal - other) ** 2).sum())


@pytest.mark.parametrize("n_columns", [1, 2, 11, 60])
def test_decode_equals_torch(play, codec, n_columns):
    codes = random_codes(n_columns)

    with torch.inference_mode():
        expected = codec.decode_codes(torch.from_numpy(codes.astype(np.int64)).T[None])[0].numpy()

    audio = play.decode(codes)
    assert audio.dtype == np.float32
    assert audio.shape == (n_columns * LENGTH,)
    assert signal_to_noise_db(expected, audio) > 90


@pytest.mark.parametrize("n_samples", [1, 700, 1024, 30_001])
def test_encode_equals_torch(play, codec, n_samples):
    audio = noise(n_samples)

    with torch.inference_mode():
        expected = codec.encode_to_codes(torch.from_numpy(audio)[None])[0].T.numpy()

    codes = play.encode(audio)
    assert codes.dtype == np.uint16
    np.testing.assert_array_equal(codes, expected)


def test_every_window_is_bit_identical_with_the_whole(play):
    chance = np.random.default_rng(1)
    for n_columns in (1, 2, 5, 11, 12, 23, 100):
        codes = random_codes(n_columns, seed=n_columns)
        whole = play.decode(codes)
        borders = [(0, 1), (n_columns - 1, n_columns), (0, n_columns)]
        inside = [tuple(sorted(chance.integers(0, n_columns + 1, 2))) for _ in range(6)]
        for start, stop in borders + [(a, b) for a, b in inside if a < b]:
            first, window = play.decode_window(codes, int(start), int(stop))
            begin = first * LENGTH
            np.testing.assert_array_equal(window, whole[begin : begin + window.size])
            assert first == max(0, start - play.reach)
            assert begin + window.size == min(n_columns, stop + play.reach) * LENGTH


_KERNELS = ["", "Haswell", "Zen", "Sandybridge", "Nehalem", "Prescott"]
if any(
    "V4" in name or "512" in name for name in np.show_config("dicts")["SIMD Extensions"]["found"]
):
    _KERNELS.append("SkylakeX")


@pytest.mark.parametrize(("kernel", "threads"), [(kernel, 1) for kernel in _KERNELS] + [("", 2)])
def test_windows_are_exact_with_any_kernel_of_the_matrix_library(kernel, threads):
    choice = {"OPENBLAS_CORETYPE": kernel} if kernel else {}
    environment = {**os.environ, **choice, "OPENBLAS_NUM_THREADS": str(threads)}
    program = Path(__file__).parent / "exact_windows.py"

    done = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, env=environment
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_wide_products_are_the_narrow_ones_side_by_side():
    chance = np.random.default_rng(2)
    matrix = chance.normal(size=(96, 40)).astype(np.float32)
    wide = products.padded(40, 1000)
    products.inside(wide, 1000)[...] = chance.normal(size=(40, 1000))

    whole = products.inside(products.multiply(matrix, wide), 1000)

    for start, n in ((0, 1), (290, 40), (650, 300), (999, 1)):
        narrow = products.padded(40, n)
        products.inside(narrow, n)[...] = products.inside(wide, 1000)[:, start : start + n]
        part = products.inside(products.multiply(matrix, narrow), n)
        np.testing.assert_array_equal(part, whole[:, start : start + n])
    np.testing.assert_allclose(whole, products.inside(matrix @ wide, 1000), atol=1e-4)


@pytest.mark.parametrize("tile", [8, 32])
@pytest.mark.parametrize("n_steps", [5, 70, 384])
def test_products_are_made_in_tiles_where_columns_are_not_alike(monkeypatch, tile, n_steps):
    chance = np.random.default_rng(2)
    matrix = chance.normal(size=(96, 40)).astype(np.float32)
    x = products.padded(40, n_steps)
    products.inside(x, n_steps)[...] = chance.normal(size=(40, n_steps))
    monkeypatch.setattr(products, "_measure", lambda _n_out, _n_in: (False, tile))

    product = products.multiply(matrix, x)

    assert product.shape == (96, x.shape[1])
    np.testing.assert_allclose(product, matrix @ x, atol=1e-4)
    first = np.zeros((40, tile), np.float32)
    first[:, : min(tile, n_steps)] = products.inside(x, n_steps)[:, :tile]
    n = min(tile, n_steps)
    np.testing.assert_array_equal(product[:, 8 : 8 + n], (matrix @ first)[:, :n])


def test_nothing_outside_a_window_changes(play):
    codes = random_codes(50)
    before = play.decode(codes)
    codes[:, 20:23] = (codes[:, 20:23] + 17) % 64

    after = play.decode(codes)
    first, window = play.decode_window(codes, 20, 23)
    before[first * LENGTH : first * LENGTH + window.size] = window

    np.testing.assert_array_equal(before, after)


def test_noise_goes_by_the_place_in_the_grid(play):
    codes = random_codes(300)
    whole = play.decode(codes)

    tail = play.decode(codes[:, 40:], first_column=40)
    elsewhere = play.decode(codes[:, 40:], first_column=41)
    first, window = play.decode_window(codes[:, 140:180], 17, 19, first_column=140)

    np.testing.assert_array_equal(tail[10 * LENGTH :], whole[50 * LENGTH :])
    assert signal_to_noise_db(tail, elsewhere) < 20
    begin = (140 + first) * LENGTH
    np.testing.assert_array_equal(window, whole[begin : begin + window.size])


def test_long_sounds_come_out_the_same_in_stretches(play, monkeypatch):
    codes, audio = random_codes(90), noise(90 * LENGTH - 300)
    whole, encoded = play.decode(codes), play.encode(audio)

    monkeypatch.setattr(renderer, "STRETCH_COLUMNS", 17)

    np.testing.assert_array_equal(play.decode(codes), whole)
    np.testing.assert_array_equal(play.encode(audio), encoded)


def test_a_machine_without_exact_windows_gets_the_whole_sound(play, monkeypatch):
    codes = random_codes(40)
    monkeypatch.setitem(play.__dict__, "_windows_are_exact", False)

    first, audio = play.decode_window(codes, 30, 31)

    assert first == 0
    np.testing.assert_array_equal(audio, play.decode(codes))


def test_absent_levels_add_nothing_instead_of_code_zero(play, codec):
    codes = random_codes(12)
    with torch.inference_mode():
        latents = codec.quantizer.codebooks[1, torch.from_numpy(codes[1].astype(np.int64))]
        expected = codec.decode(latents[None])[0].numpy()

    audio = play.decode(codes, active=(1,))

    assert signal_to_noise_db(expected, audio) > 90
    np.testing.assert_array_equal(play.decode(codes, active=(2, 0, 1)), play.decode(codes))


def test_windows_respect_absent_levels(play):
    codes = random_codes(30)

    first, window = play.decode_window(codes, 14, 15, active=(0, 2))

    whole = play.decode(codes, active=(0, 2))
    np.testing.assert_array_equal(window, whole[first * LENGTH :][: window.size])


def test_rendering_survives_the_model_file(play, model, tmp_path):
    write_model(tmp_path / "m.sda", model)

    again = Renderer(read_model(tmp_path / "m.sda"))

    np.testing.assert_array_equal(again.decode(random_codes(9)), play.decode(random_codes(9)))
    assert again.header == model.header


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("decoder.head.weight", lambda array: array[:-1]),
        ("encoder.frame_blocks.1.gamma", lambda array: array[None]),
        ("pca.components", lambda array: array.astype(np.float64)),
    ],
)
def test_a_weight_that_does_not_fit_the_header_is_named(model, name, change):
    tensors = {**model.tensors, name: change(model.tensors[name])}

    with pytest.raises(FileError, match=f"'noise' contradicts itself: weight '{name}'"):
        Renderer(Model(model.header, tensors))


def test_a_missing_weight_is_named(model):
    tensors = {name: array for name, array in model.tensors.items() if name != "pca.mean"}

    with pytest.raises(FileError, match=r"weight 'pca\.mean' is missing"):
        Renderer(Model(model.header, tensors))


def test_a_header_of_another_shape_is_refused(model):
    header = replace(model.header, codec=replace(model.header.codec, decoder_frame_blocks=4))

    with pytest.raises(FileError, match=r"decoder.frame_blocks.2"):
        Renderer(Model(header, model.tensors))


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        (np.zeros((3, 0), np.uint16), "1 column or more"),
        (np.zeros((2, 5), np.uint16), "3 levels"),
        (np.full((3, 5), 64, np.uint16), "from 0 to 63"),
        (np.full((3, 5), -1), "from 0 to 63"),
        (np.zeros((3, 5)), "whole numbers"),
    ],
)
def test_wrong_codes_are_refused(play, codes, message):
    with pytest.raises(UsageError, match=message):
        play.decode(codes)


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (3, 3), (4, 6)])
def test_windows_outside_the_grid_are_refused(play, start, stop):
    with pytest.raises(UsageError, match="no window of a grid of 5 columns"):
        play.decode_window(random_codes(5), start, stop)


def test_unknown_levels_are_refused(play):
    with pytest.raises(UsageError, match="0 to 2"):
        play.decode(random_codes(5), active=(3,))


@pytest.mark.parametrize("audio", [np.zeros(0, np.float32), np.zeros((2, 9), np.float32)])
def test_sounds_that_cannot_be_encoded_are_refused(play, audio):
    with pytest.raises(UsageError, match="must be mono"):
        play.encode(audio)


def test_importing_the_renderer_loads_no_torch():
    program = (
        "import sys, sdaudio.render; "
        "print([name for name in ('torch', 'librosa', 'torchaudio', 'scipy', 'soundfile') "
        "if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert (done.stdout.strip(), done.stderr) == ("[]", "")
