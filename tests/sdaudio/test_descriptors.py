"""Steps towards brighter, darker, louder and softer, judged on the decoded column itself."""

import numpy as np
import pytest

from sdaudio.descriptors import Stepper, listen_to_codes
from sdaudio.grid import Region
from sdaudio.modelfile import read_model, read_training_codes
from sdaudio.neighbours import DIRECTIONS
from sdaudio.render import Renderer
from sdaudio.resources import starter_model

LENGTH = 1024


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(read_model(starter_model()))


@pytest.fixture(scope="module")
def stepper(renderer: Renderer) -> Stepper:
    return Stepper(renderer)


@pytest.fixture(scope="module")
def files() -> list[np.ndarray]:
    return [codes for codes in read_training_codes(starter_model()) if codes.shape[1] > 30]


def _measured(audio: np.ndarray, column: int) -> tuple[float, float]:
    """Brightness in octaves and loudness in dB of a column's own samples and no others."""
    samples = audio[column * LENGTH : (column + 1) * LENGTH].astype(float)
    power = np.abs(np.fft.rfft(samples * np.hanning(LENGTH))) ** 2 + 1e-12
    centroid = (power * np.fft.rfftfreq(LENGTH, 1 / 48_000)).sum() / power.sum()
    return float(np.log2(centroid + 1)), float(10 * np.log10((samples**2).mean() + 1e-10))


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize(("level", "levels"), [(0, 1), (1, 1), (2, 1), (0, 3)])
def test_a_step_is_heard_in_its_direction(renderer, stepper, files, direction, level, levels):
    rng = np.random.default_rng(7)
    quality = int(direction in ("louder", "softer"))
    sign = 1 if direction in ("brighter", "louder") else -1
    right, moved, heard = 0, 0, 0
    for _ in range(24):
        codes = files[rng.integers(len(files))][:, :40]
        column = int(rng.integers(8, codes.shape[1] - 8))
        before = _measured(renderer.decode(codes), column)
        if before[1] < -70:
            continue
        heard += 1
        region = Region(level, levels, column, 1)
        after = codes.copy()
        after[region.level_slice, region.column_slice] = stepper.step(codes, region, direction)
        if (after != codes).any():
            moved += 1
            difference = _measured(renderer.decode(after), column)[quality] - before[quality]
            right += sign * difference > 0
    assert moved >= 0.7 * heard
    assert right >= 0.9 * moved


def test_a_step_changes_one_code_a_column_and_nothing_outside_its_region(stepper, files):
    codes = files[0][:, :30]
    region = Region(0, 3, 8, 12)
    after = codes.copy()
    after[region.level_slice, region.column_slice] = stepper.step(codes, region, "louder")
    changed = (after != codes).sum(axis=0)
    assert set(changed[8:20]) <= {0, 1}
    assert changed[8:20].sum() > 6
    assert changed.sum() == changed[8:20].sum()


def test_a_step_takes_the_nearest_code_that_leads_there(renderer, stepper, files):
    codes, region = files[0][:, :30], Region(0, 1, 12, 1)
    [[stepped]] = stepper.step(codes, region, "softer")
    codebook = renderer.codebooks[0]
    distance = np.linalg.norm(codebook - codebook[codes[0, 12]], axis=1)
    assert 0 < (distance < distance[stepped]).sum() < 40


def test_where_no_code_leads_the_column_stays(renderer, stepper):
    loudest = listen_to_codes(renderer).loudness_db.argmax(axis=1)
    codes = np.repeat(loudest[:, None], 20, axis=1).astype(np.uint16)
    region, steps = Region(0, 3, 8, 1), 0
    while not np.array_equal(after := stepper.step(codes, region, "louder"), codes[:, 8:9]):
        codes[:, 8:9] = after
        steps += 1
        assert steps < 50


def test_codes_are_measured_as_they_sound_alone(renderer):
    sounds = listen_to_codes(renderer)
    assert sounds.brightness_hz.shape == sounds.loudness_db.shape == (3, 128)
    for level, code in ((0, 5), (1, 77), (2, 127)):
        codes = np.zeros((3, 24), np.uint16)
        codes[level] = code
        brightness, loudness = _measured(renderer.decode(codes, active=(level,)), 12)
        assert np.log2(sounds.brightness_hz[level, code] + 1) == pytest.approx(brightness, abs=0.6)
        assert sounds.loudness_db[level, code] == pytest.approx(loudness, abs=4.0)
