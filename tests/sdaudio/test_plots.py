import subprocess
import sys

import matplotlib.image
import numpy as np
import pytest

from sdaudio import plots
from sdaudio.errors import FileError, UsageError
from sdaudio.header import LossPoint

NAMES = ("Structure", "Timbre", "Detail")


def grid(n_columns, seed=0):
    return np.random.default_rng(seed).integers(0, 64, (3, n_columns))


def picture(path):
    """Read a PNG back as (row, column, channel), 0 to 1, and check that something is on it."""
    assert path.read_bytes().startswith(b"\x89PNG")
    image = matplotlib.image.imread(path)
    assert image.std() > 0.05
    return image


@pytest.mark.parametrize("n_columns", [1, 300])
def test_a_grid_becomes_a_picture(tmp_path, n_columns):
    plots.plot_grid(grid(n_columns), NAMES, tmp_path / "grid.png", codebook_size=64)
    assert picture(tmp_path / "grid.png").shape[1] == 960


def test_other_codes_give_another_picture(tmp_path):
    for seed in (0, 1):
        plots.plot_grid(grid(50, seed), NAMES, tmp_path / f"{seed}.png", codebook_size=64)
    assert np.abs(picture(tmp_path / "0.png") - picture(tmp_path / "1.png")).max() > 0.3


def test_more_levels_make_a_taller_picture(tmp_path):
    for n_levels in (1, 4):
        codes = np.zeros((n_levels, 30), int)
        codes[:, ::2] = 5
        plots.plot_grid(codes, ["L"] * n_levels, tmp_path / f"{n_levels}.png")
    heights = [picture(tmp_path / f"{n}.png").shape[0] for n in (1, 4)]
    assert heights[1] > 1.5 * heights[0]


@pytest.mark.parametrize("n_sounds", [2, 5])
def test_sounds_become_spectrograms(tmp_path, n_sounds):
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 9600).astype(np.float32)
    sounds = {f"sound {n}": noise[: 600 * (n + 1)] for n in range(n_sounds)}
    plots.plot_spectrograms(sounds, 48_000, tmp_path / "a.png")
    picture(tmp_path / "a.png")


def test_a_spectrogram_shows_high_sounds_above_low_ones(tmp_path):
    time = np.arange(24_000) / 48_000
    rows = []
    for name, frequency_hz in (("low", 200.0), ("high", 9000.0)):
        sound = np.sin(2 * np.pi * frequency_hz * time).astype(np.float32)
        plots.plot_spectrograms({name: sound}, 48_000, tmp_path / "a.png")
        image = picture(tmp_path / "a.png")
        yellow = (image[..., 0] > 0.85) & (image[..., 1] > 0.8) & (image[..., 2] < 0.5)
        rows.append(np.flatnonzero(yellow.any(axis=1)).mean())
    assert rows[1] < rows[0] - 50


def test_silence_has_a_spectrogram(tmp_path):
    plots.plot_spectrograms({"silence": np.zeros(4000, np.float32)}, 48_000, tmp_path / "a.png")
    picture(tmp_path / "a.png")


def test_usage_becomes_a_picture_with_unused_codes_in_grey(tmp_path):
    usage = np.ones((3, 64), int)
    plots.plot_usage(usage, NAMES, tmp_path / "all.png")
    usage[1, 10:] = 0
    usage[2] = 0
    plots.plot_usage(usage, NAMES, tmp_path / "some.png")
    greys = [
        (np.abs(picture(tmp_path / name)[..., :3] - 0xD9 / 255).max(axis=2) < 0.01).mean()
        for name in ("all.png", "some.png")
    ]
    assert greys[1] > greys[0] + 0.2


@pytest.mark.parametrize("n_points", [1, 200])
def test_losses_become_a_picture(tmp_path, n_points):
    history = [LossPoint(n, n * 0.5, 3.0 / (n + 1), 0.5, 0.0) for n in range(n_points)]
    plots.plot_losses(history, tmp_path / "losses.png")
    picture(tmp_path / "losses.png")


def test_losses_of_a_model_without_training_are_a_picture(tmp_path):
    plots.plot_losses([LossPoint(0, 0.0, 0.0, 0.0, 0.0)], tmp_path / "losses.png")
    picture(tmp_path / "losses.png")


def test_a_comparison_shows_what_is_missing_and_what_was_added(tmp_path):
    time = np.arange(24_000) / 48_000
    low, high = (np.sin(2 * np.pi * hz * time).astype(np.float32) for hz in (300.0, 6000.0))
    counts = []
    for name, pair in {"same": (low, low), "other": (low, high)}.items():
        plots.plot_comparison({name: pair}, 48_000, tmp_path / "a.png")
        image = picture(tmp_path / "a.png")
        # the right third, above its scale: strong red or strong blue
        part = image[: image.shape[0] * 6 // 10, image.shape[1] * 7 // 10 :]
        counts.append(int((np.ptp(part[..., :3], axis=2) > 0.5).sum()))
    assert counts[0] == 0
    assert counts[1] > 100


def test_a_map_of_usage_shows_codes_that_are_never_used(tmp_path):
    greys = []
    for n_unused in (0, 32):
        usage = np.full((3, 64), 5)
        usage[:, :n_unused] = 0
        plots.plot_usage_map(usage, NAMES, tmp_path / "a.png")
        image = np.round(picture(tmp_path / "a.png")[..., :3] * 255)
        greys.append(int((image == 0xD9).all(axis=2).sum()))
    assert greys[1] > greys[0] + 10_000


@pytest.mark.parametrize(
    "draw",
    [
        lambda path: plots.plot_grid(grid(5), NAMES[:2], path),
        lambda path: plots.plot_grid(grid(0), NAMES, path),
        lambda path: plots.plot_grid(np.zeros(5, int), ("a",), path),
        lambda path: plots.plot_usage(grid(5), NAMES[:2], path),
        lambda path: plots.plot_spectrograms({}, 48_000, path),
        lambda path: plots.plot_spectrograms({"a": np.zeros(0, np.float32)}, 48_000, path),
        lambda path: plots.plot_losses([], path),
        lambda path: plots.plot_usage_map(grid(5), NAMES[:2], path),
        lambda path: plots.plot_comparison({}, 48_000, path),
        lambda path: plots.plot_comparison({"a": (np.zeros(0), np.zeros(9))}, 48_000, path),
    ],
)
def test_what_cannot_be_drawn_is_a_usage_error(tmp_path, draw):
    with pytest.raises(UsageError):
        draw(tmp_path / "a.png")
    assert not (tmp_path / "a.png").exists()


def test_a_picture_that_cannot_be_written_is_a_file_error(tmp_path):
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(FileError):
        plots.plot_grid(grid(5), NAMES, tmp_path / "folder.png")


def test_nothing_else_imports_matplotlib():
    check = (
        "import sys, sdaudio.audio, sdaudio.dataset, sdaudio.prior, sdaudio.modelfile, "
        "sdaudio.starter.synthesis; print('matplotlib' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True)
    assert answer.stdout.strip() == "False"
