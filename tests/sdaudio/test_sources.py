import numpy as np
import pytest

from sdaudio.audio import write_sound
from sdaudio.dataset import load, scan
from sdaudio.errors import FileError, StateError, UsageError
from sdaudio.header import LEVEL_NAMES, CodecConfig, DatasetSummary, ModelHeader
from sdaudio.modelfile import read_header
from sdaudio.resources import starter_model
from sdaudio.sources import join, read_again, read_part, source_path

RATE = 16_000


def noise(seed, length=4000):
    return (0.3 * np.random.default_rng(seed).normal(size=length)).clip(-1, 1).astype(np.float32)


def write(folder, **seeds):
    folder.mkdir(exist_ok=True)
    for name, seed in seeds.items():
        write_sound(folder / f"{name}.wav", noise(seed)[None], RATE)
    return load(scan(folder), RATE)


def header_of(dataset):
    return ModelHeader(
        name="m",
        codec=CodecConfig(sample_rate=RATE),
        level_names=LEVEL_NAMES[3],
        dataset=DatasetSummary(dataset.files, dataset.fingerprint, dataset.folders),
    )


def test_sounds_are_read_again_as_they_were_whatever_came_since(tmp_path):
    old = write(tmp_path / "a", bell=1, drum=2)
    write(tmp_path / "a", aaa=3)

    again = read_again(header_of(old))

    assert again.files == old.files
    assert again.fingerprint == old.fingerprint
    for found, wanted in zip(again.sounds, old.sounds, strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_what_is_gone_and_what_has_changed_is_named(tmp_path):
    old = write(tmp_path / "a", bell=1, drum=2, fork=3)
    write(tmp_path / "a", drum=9)
    (tmp_path / "a" / "fork.wav").unlink()

    with pytest.raises(FileError, match=r"1 cannot be read \(fork.wav\) and 1 have changed \(drum"):
        read_again(header_of(old))


def test_a_model_that_forgot_its_sounds_cannot_learn_on():
    with pytest.raises(StateError, match="does not say where its sounds are"):
        read_again(read_header(starter_model()))


def test_a_part_of_a_sound_is_read_with_silence_around(tmp_path):
    old = write(tmp_path / "a", bell=1, drum=2)
    header = header_of(old)

    part = read_part(header, 1, -100, 4200)

    np.testing.assert_array_equal(part[100:4100], old.sounds[1])
    assert not part[:100].any()
    assert not part[4100:].any()
    np.testing.assert_array_equal(read_part(header, 0, 1234, 50), old.sounds[0][1234:1284])
    assert source_path(header, 1) == tmp_path / "a" / "drum.wav"


def test_a_part_of_a_long_sound_at_another_rate_is_that_of_the_whole(tmp_path):
    (tmp_path / "a").mkdir()
    write_sound(tmp_path / "a" / "long.flac", noise(4, 200_000), 44_100)
    old = load(scan(tmp_path / "a"), RATE)

    part = read_part(header_of(old), 0, 60_000, 3_000)

    np.testing.assert_array_equal(part, old.sounds[0][60_000:63_000])


def test_a_part_of_a_sound_that_is_gone_or_has_changed_is_refused(tmp_path):
    old = write(tmp_path / "a", bell=1, drum=2)
    write(tmp_path / "a", drum=9)
    (tmp_path / "a" / "bell.wav").unlink()

    with pytest.raises(FileError, match=r"bell\.wav' does not exist.* Model 'm' learned from it"):
        read_part(header_of(old), 0, 0, 10)
    with pytest.raises(FileError, match=r"drum\.wav' has changed since model 'm' learned"):
        read_part(header_of(old), 1, 0, 10)
    with pytest.raises(StateError, match=r"does not say where 'bass_a1\.wav' is"):
        read_part(read_header(starter_model()), 0, 0, 10)


def test_new_sounds_stand_behind_the_old_ones_and_know_their_folder(tmp_path):
    old, new = write(tmp_path / "a", bell=1, drum=2), write(tmp_path / "b", bell=5, copy=2)

    whole, left_out = join(old, new)

    assert [(file.name, file.folder) for file in whole.files] == [
        ("bell.wav", 0),
        ("drum.wav", 0),
        ("bell.wav", 1),
    ]
    assert left_out == ["copy.wav"]
    assert whole.folders == (str(tmp_path / "a"), str(tmp_path / "b"))
    assert read_again(header_of(whole)).fingerprint == whole.fingerprint


def test_sounds_added_from_the_folder_of_the_old_ones_name_it_once(tmp_path):
    old = write(tmp_path / "a", drum=2)

    whole, left_out = join(old, write(tmp_path / "a", bell=1))

    assert left_out == ["drum.wav"]
    assert whole.folders == (str(tmp_path / "a"),)
    assert [file.name for file in whole.files] == ["drum.wav", "bell.wav"]


def test_a_folder_without_anything_new_is_refused(tmp_path):
    old = write(tmp_path / "a", bell=1)

    with pytest.raises(UsageError, match="nothing to add"):
        join(old, write(tmp_path / "b", other=1))
