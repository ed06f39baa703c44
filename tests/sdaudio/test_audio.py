import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile
import torch

from sdaudio.audio import SoundInfo, peak, read_info, read_sound, write_sound
from sdaudio.audio.transforms import mel_filterbank
from sdaudio.errors import FileError, UsageError


def tone(seconds=0.25, sample_rate=48_000, frequency_hz=440.0, gain=0.5):
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    return (gain * np.sin(2 * np.pi * frequency_hz * time)).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "subtype", "tolerance"),
    [
        ("a.wav", "PCM_16", 1.6e-5),
        ("a.wav", "PCM_24", 7e-8),
        ("a.wav", "FLOAT", 0.0),
        ("a.flac", "PCM_16", 1.6e-5),
        ("a.flac", "PCM_24", 7e-8),
        ("a.aiff", "PCM_24", 7e-8),
        ("a.ogg", "PCM_24", 0.02),
        ("a.mp3", "PCM_24", 0.02),
    ],
)
def test_a_written_sound_reads_back(tmp_path, name, subtype, tolerance):
    sound = tone()
    info = write_sound(tmp_path / name, sound, 48_000, subtype=subtype)
    back = read_sound(tmp_path / name, 48_000)
    assert back.dtype == np.float32
    assert back.shape == sound.shape
    assert np.abs(back - sound).max() <= tolerance
    assert read_info(tmp_path / name) == info


def test_info_is_what_was_written(tmp_path):
    info = write_sound(tmp_path / "deep" / "a.flac", np.zeros((3, 4800)), 96_000)
    assert info == SoundInfo(duration_s=0.05, sample_rate=96_000, channels=3, format="FLAC")


def test_channels_are_averaged(tmp_path):
    write_sound(tmp_path / "a.wav", np.stack([tone(gain=0.5), -tone(gain=0.25)]), 48_000)
    assert read_sound(tmp_path / "a.wav", 48_000) == pytest.approx(tone(gain=0.125), abs=1e-6)


@pytest.mark.parametrize("rate", [4_000, 22_050, 44_100, 96_000, 384_000])
def test_reading_converts_the_sample_rate(tmp_path, rate):
    write_sound(tmp_path / "a.wav", tone(2.0, rate, 440.0), rate, subtype="FLOAT")
    sound = read_sound(tmp_path / "a.wav", 48_000)
    assert abs(sound.size - 96_000) <= 1
    middle = slice(20_000, 70_000)
    assert np.abs(sound[middle] - tone(2.0)[: sound.size][middle]).max() < 2e-3


def test_silence_is_a_sound(tmp_path):
    write_sound(tmp_path / "a.wav", np.zeros(4800), 48_000)
    assert not read_sound(tmp_path / "a.wav", 48_000).any()


def test_integer_formats_clip_instead_of_wrapping(tmp_path):
    write_sound(tmp_path / "a.wav", np.array([2.0, -2.0]), 48_000)
    assert read_sound(tmp_path / "a.wav", 48_000) == pytest.approx([1.0, -1.0], abs=1e-6)


def test_integers_are_rounded_without_an_offset(tmp_path):
    steps = np.array([0.4, -0.4, 0.6, -0.6, 1.0, -1.0])
    for subtype, step in (("PCM_16", 2.0**-15), ("PCM_24", 2.0**-23)):
        write_sound(tmp_path / "a.wav", steps * step, 48_000, subtype=subtype)
        back = soundfile.read(tmp_path / "a.wav")[0] / step
        assert back.tolist() == [0, 0, 1, -1, 1, -1]


def test_an_mp3_of_a_rate_that_it_cannot_hold_is_refused(tmp_path):
    with pytest.raises(UsageError, match="MP3 cannot hold 96000 Hz; allowed are 8000, 11025"):
        write_sound(tmp_path / "a.mp3", tone(), 96_000)


def test_an_mp3_needs_a_libsndfile_that_can(tmp_path, monkeypatch):
    monkeypatch.setattr(soundfile, "available_formats", lambda: {"WAV": "Microsoft"})
    with pytest.raises(UsageError, match=r"MP3 needs libsndfile 1\.1, and this is 1"):
        write_sound(tmp_path / "a.mp3", tone(), 48_000)


def test_an_ogg_that_ends_within_a_page_is_refused(tmp_path):
    path = tmp_path / "a.ogg"
    write_sound(path, np.random.default_rng(0).uniform(-0.5, 0.5, 48_000), 48_000)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(FileError, match="truncated: it ends within a page"):
        read_sound(path, 48_000)


def test_peak_is_the_greatest_absolute_sample():
    assert peak(np.array([[0.1, -0.7], [0.2, 0.3]], np.float32)) == pytest.approx(0.7)
    assert peak(np.zeros(0, np.float32)) == 0.0


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.aiff", "a.ogg"])
@pytest.mark.parametrize("share", [0.02, 0.5])
def test_a_truncated_file_is_refused(tmp_path, name, share):
    path = tmp_path / name
    write_sound(path, np.random.default_rng(0).uniform(-0.5, 0.5, 48_000), 48_000)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(FileError, match=r"truncated|no sound|not a sound file") as error:
        read_sound(path, 48_000)
    assert str(path) in str(error.value)


def test_a_wav_from_a_pipe_with_unknown_length_is_read(tmp_path):
    path = tmp_path / "a.wav"
    write_sound(path, tone(), 48_000, subtype="PCM_16")
    content = bytearray(path.read_bytes())
    content[4:8] = content[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    assert read_sound(path, 48_000).size == 12_000


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.wav", b"", "empty"),
        ("text.wav", b"these are words\n" * 40, "not a sound file"),
        ("noise.flac", bytes(range(256)) * 20, "not a sound file"),
        ("samples.raw", b"\x00\x01" * 400, "raw samples"),
    ],
)
def test_what_is_not_a_sound_is_refused(tmp_path, name, content, reason):
    (tmp_path / name).write_bytes(content)
    for read in (read_info, lambda path: read_sound(path, 48_000)):
        with pytest.raises(FileError, match=reason) as error:
            read(tmp_path / name)
        assert name in str(error.value)


def test_what_is_not_a_file_is_refused_without_hanging(tmp_path):
    (tmp_path / "folder.wav").mkdir()
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "link.wav").symlink_to(tmp_path / "gone.wav")
    for name, reason in [
        ("folder.wav", "a folder"),
        ("pipe.wav", "not an ordinary file"),
        ("link.wav", "dangling link"),
        ("missing.wav", "does not exist"),
        ("null\0.wav", "null"),
        ("x" * 300 + ".wav", "too long"),
    ]:
        with pytest.raises(FileError, match=reason):
            read_info(tmp_path / name)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_not_numbers_are_refused(tmp_path, value):
    sound = tone()
    sound[1000] = value
    soundfile.write(tmp_path / "a.wav", sound, 48_000, subtype="FLOAT")
    with pytest.raises(FileError, match="NaN"):
        read_sound(tmp_path / "a.wav", 48_000)
    with pytest.raises(UsageError, match="NaN"):
        write_sound(tmp_path / "b.wav", sound, 48_000)


def test_floats_without_scaling_are_refused(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone() * 32767, 48_000, subtype="FLOAT")
    with pytest.raises(FileError, match="without scaling"):
        read_sound(tmp_path / "a.wav", 48_000)


@pytest.mark.parametrize(("rate", "channels"), [(3_999, 1), (400_000, 1), (48_000, 65)])
def test_rates_and_channels_have_limits(tmp_path, rate, channels):
    soundfile.write(tmp_path / "a.wav", np.zeros((100, channels)), rate)
    with pytest.raises(FileError, match="allowed are"):
        read_info(tmp_path / "a.wav")


def test_a_sound_that_is_too_long_is_refused_by_its_header(tmp_path):
    write_sound(tmp_path / "a.wav", tone(0.5), 48_000)
    with pytest.raises(FileError, match="too long"):
        read_sound(tmp_path / "a.wav", 48_000, max_duration_s=0.4)


@pytest.mark.parametrize(
    ("name", "audio", "rate", "subtype"),
    [
        ("a.mp9", np.zeros(10), 48_000, "PCM_24"),
        ("a.wav", np.zeros(0), 48_000, "PCM_24"),
        ("a.wav", np.zeros((65, 10)), 48_000, "PCM_24"),
        ("a.wav", np.zeros((2, 2, 2)), 48_000, "PCM_24"),
        ("a.wav", np.zeros(10), 100, "PCM_24"),
        ("a.flac", np.zeros(10), 48_000, "FLOAT"),
    ],
)
def test_what_cannot_be_written_is_a_usage_error(tmp_path, name, audio, rate, subtype):
    with pytest.raises(UsageError):
        write_sound(tmp_path / name, audio, rate, subtype=subtype)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_keeps_the_old_file_and_leaves_nothing_behind(tmp_path, monkeypatch):
    path = tmp_path / "a.wav"
    write_sound(path, tone(), 48_000)
    before = path.read_bytes()

    def fail(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(FileError, match="No space left"):
        write_sound(path, -tone(), 48_000)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.wav"]


def test_a_folder_that_cannot_be_made_is_a_file_error(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(FileError, match="Cannot write"):
        write_sound(tmp_path / "file" / "a.wav", tone(), 48_000)


def test_reading_sounds_needs_no_torch():
    check = "import sys, sdaudio.audio; print({'torch', 'librosa'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True)
    assert answer.stdout.strip() == "set()"


def test_mel_filters_equal_those_of_librosa():
    import librosa

    ours = mel_filterbank(2048, 80, 44_100)
    theirs = librosa.filters.mel(sr=44_100, n_fft=2048, n_mels=80).T
    assert ours.dtype == torch.float32
    assert np.abs(ours.numpy() - theirs).max() < 1e-6


def test_empty_mel_filters_make_no_noise():
    # Warnings are errors in tests: 320 filters over 33 bins leave many empty.
    assert (mel_filterbank(64, 320, 48_000).sum(0) == 0).any()


def test_mel_filters_made_in_inference_mode_can_be_trained_with():
    with torch.inference_mode():
        filters = mel_filterbank(256, 11, 48_000)
    weight = torch.ones(129, requires_grad=True)
    (weight @ filters).sum().backward()
    assert weight.grad is not None


def test_a_mel_filterbank_out_of_range_is_a_usage_error():
    for arguments, options in [((1, 80, 48_000), {}), ((512, 0, 48_000), {}),
                               ((512, 8, 48_000), {"f_max": 30_000.0})]:  # fmt: skip
        with pytest.raises(UsageError, match="mel filterbank"):
            mel_filterbank(*arguments, **options)
