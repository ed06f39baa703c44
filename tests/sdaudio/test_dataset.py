import os

import numpy as np
import pytest
import soundfile

from sdaudio import dataset
from sdaudio.audio import write_sound
from sdaudio.dataset import choose_codebook_size, load, scan
from sdaudio.errors import FileError, UsageError


def noise(seed=0, n_samples=4800):
    return np.random.default_rng(seed).uniform(-0.5, 0.5, n_samples).astype(np.float32)


def write_integers(path, sound):
    path.parent.mkdir(exist_ok=True)
    soundfile.write(path, (sound * 32767).astype(np.int16), 48_000, subtype="PCM_16")


def reasons(report):
    return {file.path.name: file.reason for file in report.files}


def test_a_folder_is_searched_recursively_in_the_order_of_paths(tmp_path):
    for seed, name in enumerate(["b.wav", "a/z.wav", "a/deep/k.flac", "c.ogg"]):
        write_sound(tmp_path / name, noise(seed), 48_000)
    report = scan(tmp_path)
    names = [file.path.relative_to(tmp_path).as_posix() for file in report.files]
    assert names == ["a/deep/k.flac", "a/z.wav", "b.wav", "c.ogg"]
    assert all(file.used and file.reason == "" for file in report.files)
    assert report.duration_s == pytest.approx(0.4, abs=0.01)
    assert report.problem == ""


def test_every_file_that_is_not_used_has_its_reason(tmp_path):
    write_integers(tmp_path / "a.wav", noise())
    write_integers(tmp_path / "copy.flac", noise())
    write_sound(tmp_path / "short.wav", noise(1, 1023), 48_000)
    write_sound(tmp_path / "silent.wav", np.full(4800, 5e-5), 48_000)
    write_sound(tmp_path / "cut.wav", noise(2), 48_000)
    (tmp_path / "cut.wav").write_bytes((tmp_path / "cut.wav").read_bytes()[:3000])
    (tmp_path / "notes.txt").write_text("words")
    (tmp_path / "gone.wav").symlink_to(tmp_path / "nowhere.wav")
    os.mkfifo(tmp_path / "pipe.wav")
    report = scan(tmp_path)
    found = reasons(report)
    assert found["a.wav"] == ""
    assert found["copy.flac"] == "the same sound as 'a.wav'"
    assert found["short.wav"].startswith("too short: 21.3 ms")
    assert found["silent.wav"] == "silent"
    assert "truncated" in found["cut.wav"]
    assert found["notes.txt"] == "is not a sound file that can be read"
    assert "dangling link" in found["gone.wav"]
    assert found["pipe.wav"] == "is not an ordinary file"
    assert [file.path.name for file in report.used] == ["a.wav"]
    assert report.files[0].info.format == "WAV"


def test_a_used_file_is_reported_with_its_facts_and_notes(tmp_path):
    fading = noise(n_samples=48_000) * np.geomspace(1, 0.01, 48_000, dtype=np.float32)
    padded = np.concatenate([np.zeros(36_000, np.float32), fading])
    write_sound(tmp_path / "a.wav", padded, 48_000)
    write_sound(tmp_path / "copy.wav", 0.3 * padded[30_000:], 48_000)
    (tmp_path / "notes.txt").write_text("words")
    report = scan(tmp_path)
    first, copy, words = report.files
    assert first.facts.leading_s == pytest.approx(0.75, abs=0.02)
    assert first.notes == ("0.8 s of silence before it starts",)
    assert copy.used
    assert copy.twin == "a.wav"
    assert copy.notes[-1] == "nearly the same sound as 'a.wav'"
    assert words.facts is None
    assert words.notes == ()
    assert report.silence_s == pytest.approx(0.875, abs=0.03)
    assert report.codebook_size == 64


def test_warnings_are_plain_sentences_with_counts(tmp_path):
    for index in range(6):
        sound = noise(index, 60_000) * (3.0 if index < 2 else 1.0)
        late = np.zeros(48_000 if index < 3 else 0, np.float32)
        write_sound(tmp_path / f"{index}.wav", np.concatenate([late, sound.clip(-1, 1)]), 48_000)
    sentences = scan(tmp_path).warnings
    assert sentences[0] == (
        "3 of 6 files start with more than half a second of silence; cut it and the attacks will "
        "be learned better."
    )
    assert any(sentence.startswith("2 of 6 files clip audibly") for sentence in sentences)


def test_a_good_set_has_no_warnings_and_an_empty_one_no_codebook(tmp_path):
    for index in range(5):
        write_sound(tmp_path / f"{index}.wav", noise(index, 60_000), 48_000)
    assert scan(tmp_path).warnings == ()
    (tmp_path / "empty").mkdir()
    assert scan(tmp_path / "empty").codebook_size == 0


def test_hidden_files_and_folders_are_left_out(tmp_path):
    write_sound(tmp_path / "a.wav", noise(0), 48_000)
    write_sound(tmp_path / ".b.wav", noise(1), 48_000)
    write_sound(tmp_path / ".trash" / "c.wav", noise(2), 48_000)
    assert list(reasons(scan(tmp_path))) == ["a.wav"]


def test_a_link_to_the_folder_itself_does_not_loop(tmp_path):
    write_sound(tmp_path / "a.wav", noise(0), 48_000)
    (tmp_path / "self").symlink_to(tmp_path, target_is_directory=True)
    assert list(reasons(scan(tmp_path))) == ["a.wav"]


def test_one_column_is_long_enough(tmp_path):
    write_sound(tmp_path / "a.wav", noise(0, 1024), 48_000)
    assert scan(tmp_path).files[0].used


def test_a_file_that_is_too_long_is_not_read(tmp_path, monkeypatch):
    write_sound(tmp_path / "a.wav", noise(), 48_000)
    monkeypatch.setattr(dataset, "MAX_FILE_S", 0.05)
    monkeypatch.delattr(dataset, "read_sound")
    assert reasons(scan(tmp_path))["a.wav"].startswith("too long")


def test_what_goes_beyond_the_limits_is_left_out(tmp_path, monkeypatch):
    for index in range(4):
        write_sound(tmp_path / f"{index}.wav", noise(index), 48_000)
    monkeypatch.setattr(dataset, "MAX_FILES", 3)
    assert [file.used for file in scan(tmp_path).files] == [True, True, True, False]
    monkeypatch.setattr(dataset, "MAX_TOTAL_S", 0.25)
    assert [file.used for file in scan(tmp_path).files] == [True, True, False, False]
    monkeypatch.setattr(dataset, "MAX_FOLDER_FILES", 3)
    with pytest.raises(UsageError, match="more than 3 files"):
        scan(tmp_path)


def test_a_scan_can_be_watched_and_stopped(tmp_path):
    for index in range(3):
        write_sound(tmp_path / f"{index}.wav", noise(index), 48_000)
    seen = []
    assert scan(tmp_path, on_file=seen.append).files == tuple(seen)

    def stop(_report):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(tmp_path, on_file=stop)


def test_a_folder_that_is_not_there_is_a_file_error(tmp_path):
    with pytest.raises(FileError, match="no folder"):
        scan(tmp_path / "gone")


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ([], "holds no files"),
        (["words.txt"], r"its only file cannot be used \('words.txt': is not a sound"),
        (["a.txt", "b.txt"], r"none of its 2 files can be used \('a.txt'"),
    ],
)
def test_loading_nothing_says_why_in_one_sentence(tmp_path, names, sentence):
    for name in names:
        (tmp_path / name).write_text("words")
    with pytest.raises(UsageError, match=sentence) as error:
        load(scan(tmp_path), 48_000)
    assert str(error.value).endswith((").", "into it."))


def test_loading_gives_mono_sounds_at_one_rate_in_order(tmp_path):
    write_sound(tmp_path / "b.wav", np.stack([noise(0), noise(1)]), 24_000)
    write_sound(tmp_path / "x" / "a.wav", noise(2), 48_000)
    loaded = load(scan(tmp_path), 48_000)
    assert [file.name for file in loaded.files] == ["b.wav", "x/a.wav"]
    assert [sound.shape for sound in loaded.sounds] == [(9600,), (4800,)]
    assert [file.duration_s for file in loaded.files] == [0.2, 0.1]
    assert loaded.sounds[1] == pytest.approx(noise(2), abs=1e-6)
    assert loaded.sample_rate == 48_000
    assert loaded.duration_s == pytest.approx(0.3)


def test_the_fingerprint_follows_the_sounds_and_not_their_names(tmp_path):
    write_integers(tmp_path / "one" / "a.wav", noise(0))
    write_integers(tmp_path / "two" / "b.flac", noise(0))
    write_integers(tmp_path / "three" / "a.wav", noise(1))
    one, two, three = (load(scan(tmp_path / name), 48_000) for name in ("one", "two", "three"))
    assert one.fingerprint == two.fingerprint != three.fingerprint
    assert load(scan(tmp_path / "one"), 44_100).fingerprint != one.fingerprint


def test_a_file_lost_between_scan_and_load_is_a_file_error(tmp_path):
    write_sound(tmp_path / "a.wav", noise(), 48_000)
    report = scan(tmp_path)
    (tmp_path / "a.wav").unlink()
    with pytest.raises(FileError, match="does not exist"):
        load(report, 48_000)


def test_a_name_that_is_not_text_becomes_text(tmp_path):
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/k\xe9.wav")
    write_sound(tmp_path / "a.wav", noise(), 48_000)
    os.rename(tmp_path / "a.wav", odd)  # noqa: PTH104 (the path is bytes on purpose)
    assert load(scan(tmp_path), 48_000).files[0].name == "k?.wav"


def test_the_codebook_grows_with_the_number_of_files():
    sizes = [choose_codebook_size(n) for n in (1, 20, 21, 100, 101, 500)]
    assert sizes == [64, 64, 128, 128, 256, 256]
    with pytest.raises(UsageError):
        choose_codebook_size(0)
