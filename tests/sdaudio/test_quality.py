import numpy as np
import pytest

from sdaudio.audio import write_sound
from sdaudio.errors import UsageError
from sdaudio.header import SourceFile
from sdaudio.modelfile import read_model
from sdaudio.quality import MAX_FILES, Quality, measure_quality
from sdaudio.render import Renderer
from sdaudio.resources import starter_model


@pytest.fixture(scope="module")
def renderer():
    return Renderer(read_model(starter_model()))


def write_sounds(folder, renderer, n):
    """Write sounds that the model plays well, the later the more noise on them."""
    codes = np.random.default_rng(0).integers(0, 16, (renderer.header.codec.n_levels, 12))
    sound = renderer.decode(codes)
    noise = np.random.default_rng(1).standard_normal(sound.size).astype(np.float32)
    files = []
    for index in range(n):
        name = f"{index:02}.wav"
        write_sound(folder / name, 0.3 * sound + 0.05 * index * noise, 48_000)
        files.append(SourceFile(name, sound.size / 48_000))
    return files


def test_files_are_measured_and_the_nearest_comes_first(tmp_path, renderer):
    quality = measure_quality(renderer, write_sounds(tmp_path, renderer, 3), [tmp_path])
    mels = [file.mel for file in quality.files]
    assert mels == sorted(mels)
    assert quality.mel == pytest.approx(np.mean(mels))
    assert quality.extremes == quality.files
    first = quality.files[0]
    assert first.played.shape == first.original.shape
    assert quality.sentence


def test_files_that_are_gone_are_counted(tmp_path, renderer):
    files = [*write_sounds(tmp_path, renderer, 1), SourceFile("gone.wav", 1.0)]
    quality = measure_quality(renderer, files, [tmp_path])
    assert (len(quality.files), quality.n_missing) == (1, 1)
    assert len(quality.extremes) == 1
    with pytest.raises(UsageError, match="name the folder"):
        measure_quality(renderer, files[1:], [tmp_path])


def test_a_large_set_is_measured_in_part(tmp_path, renderer):
    (file,) = write_sounds(tmp_path, renderer, 1)
    assert len(measure_quality(renderer, [file] * 90, [tmp_path]).files) == MAX_FILES


def test_a_better_distance_has_better_words(tmp_path, renderer):
    (file,) = measure_quality(renderer, write_sounds(tmp_path, renderer, 1), [tmp_path]).files

    def words(mel):
        return Quality((type(file)(**{**fields(file), "mel": mel}),), 0, 48_000).sentence

    assert len({words(mel) for mel in (0.5, 0.7, 1.0, 2.0)}) == 4
    assert words(0.5).startswith("very near")


def fields(file):
    return {name: getattr(file, name) for name in file.__slots__}
