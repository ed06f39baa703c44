"""Renders in sound files: what is in them, what they say about themselves, and what they cost."""

import json
import struct
import tracemalloc

import numpy as np
import pytest
import soundfile
import soxr

from sdaudio.audio import read_info
from sdaudio.errors import FileError, UsageError
from sdaudio.modelfile import read_header
from sdaudio.resources import starter_model
from sdaudio.starter.phrase import starter_phrase
from sdaudio.tasks import exporting
from sdaudio.tasks.rendering import renderer, run
from sdaudio.tasks.requests import Progressed
from sdaudio.tasks.sounds import Export, ExportCodes, Origin, SoundForm

MODEL = starter_model()
CODES = starter_phrase(MODEL)[:, :60]
ORIGIN = Origin("bell", 12, seed=7)


def export(target, *, codes=CODES, start=0, stop=None, active=(0, 1, 2), stopped=False, **form):
    reports = []
    request = Export(
        MODEL, codes, active, start, codes.shape[1] if stop is None else stop, target,
        SoundForm(**form), ORIGIN,
    )  # fmt: skip
    done = run(request, report=reports.append, should_stop=lambda: stopped)
    return done, reports


@pytest.fixture(scope="module")
def whole():
    return renderer(MODEL).decode(CODES)


def facts_of(path):
    with soundfile.SoundFile(path) as file:
        return json.loads(file.comment), file.title


def test_columns_are_written_bit_for_bit_as_they_sound_in_their_grid(tmp_path, whole):
    done, _ = export(tmp_path / "a.wav", start=20, stop=31)
    audio, rate = soundfile.read(tmp_path / "a.wav", dtype="float32")
    np.testing.assert_array_equal(audio, whole[20 * 1024 : 31 * 1024])
    assert (done.frames, done.sample_rate) == (len(audio), rate) == (11 * 1024, 48_000)
    assert done.peak == np.abs(audio).max()


@pytest.mark.parametrize(
    ("name", "bits", "subtype"),
    [
        ("a.wav", 0, "FLOAT"),
        ("a.wav", 24, "PCM_24"),
        ("a.wav", 16, "PCM_16"),
        ("a.flac", 0, "PCM_24"),
        ("a.flac", 16, "PCM_16"),
        ("a.aiff", 32, "FLOAT"),
        ("a.ogg", 0, "VORBIS"),
        ("a.mp3", 0, "MPEG_LAYER_III"),
    ],
)
def test_every_kind_of_file_holds_the_sound_and_where_it_comes_from(
    tmp_path, whole, name, bits, subtype
):
    done, _ = export(tmp_path / name, bits=bits, start=10, stop=50)
    audio, rate = soundfile.read(tmp_path / name, dtype="float32")
    expected = whole[10 * 1024 : 50 * 1024] * (
        done.peak / np.abs(whole[10 * 1024 : 50 * 1024]).max()
    )
    assert (len(audio), rate) == (done.frames, 48_000) == (len(expected), 48_000)
    error = np.sqrt(np.mean((audio - expected) ** 2) / np.mean(expected**2))
    assert error < (0.1 if name.endswith(("ogg", "mp3")) else 1e-3)
    assert soundfile.info(tmp_path / name).subtype == subtype
    header = read_header(MODEL)
    facts, title = facts_of(tmp_path / name)
    assert title == "bell"
    assert facts == {
        "software": "sdaudio 0.1.0",
        "model": header.name,
        **({"identity": header.identity} if header.identity else {}),
        "created": header.created,
        "sounds": header.dataset.fingerprint[:16],
        "grid": "bell",
        "revision": 12,
        "seed": 7,
        "start": 10,
        "columns": 40,
        "levels": [0, 1, 2],
        "gain_db": facts["gain_db"],
    }


def test_other_readers_find_the_facts_where_riff_keeps_them(tmp_path):
    export(tmp_path / "a.wav")
    content, found, place = (tmp_path / "a.wav").read_bytes(), {}, 12
    while place < len(content):
        name, size = struct.unpack_from("<4sI", content, place)
        if name == b"LIST":
            inside = place + 12
            while inside < place + 8 + size:
                key, length = struct.unpack_from("<4sI", content, inside)
                found[key] = content[inside + 8 : inside + 8 + length].rstrip(b"\0").decode()
                inside += 8 + length + length % 2
        place += 8 + size + size % 2
    assert found[b"INAM"] == "bell"
    assert found[b"ISFT"].startswith("sdaudio 0.1.0")
    assert json.loads(found[b"ICMT"])["revision"] == 12


@pytest.mark.parametrize("name", ["a.wav", "a.flac"])
def test_a_normalised_render_peaks_at_one_db_below_full_scale(tmp_path, name):
    done, _ = export(tmp_path / name, normalise=True, bits=24)
    peak = np.abs(soundfile.read(tmp_path / name)[0]).max()
    assert 20 * np.log10(peak) == pytest.approx(-1.0, abs=1e-3)
    assert done.peak == pytest.approx(peak, abs=1e-6)
    export(tmp_path / name, normalise=True, gain_db=-5.0, bits=24)
    peak = np.abs(soundfile.read(tmp_path / name)[0]).max()
    assert 20 * np.log10(peak) == pytest.approx(-6.0, abs=1e-3)


def test_what_is_louder_than_full_scale_is_turned_down_where_floats_are_not(tmp_path, whole):
    loud = 2.0 / np.abs(whole).max()
    gain_db = 20 * np.log10(loud)
    for name in ("a.wav", "a.flac"):
        export(tmp_path / name, gain_db=gain_db)
    wav, flac = (soundfile.read(tmp_path / name)[0] for name in ("a.wav", "a.flac"))
    np.testing.assert_allclose(wav, whole * loud, atol=1e-5)
    np.testing.assert_allclose(flac, wav / 2.0, atol=1e-6)
    assert facts_of(tmp_path / "a.flac")[0]["gain_db"] == pytest.approx(gain_db - 6.02, abs=0.01)


def test_dither_keeps_what_is_smaller_than_a_step_of_16_bits(tmp_path, whole):
    gain_db = 20 * np.log10(0.45 / 32_768 / np.abs(whole).max())
    kept = {}
    for dither in (True, False):
        export(tmp_path / "a.wav", bits=16, gain_db=gain_db, dither=dither)
        kept[dither] = soundfile.read(tmp_path / "a.wav")[0]
    quiet = whole * 10 ** (gain_db / 20)
    assert not kept[False].any()
    # what is left of the sound under the noise: the projection on it
    share = (kept[True] @ quiet) / (quiet @ quiet)
    assert share == pytest.approx(1.0, abs=0.2)
    assert np.abs(kept[True] * 32_768).max() <= 2


def test_two_channels_hold_the_same(tmp_path, whole):
    export(tmp_path / "a.wav", channels=2)
    audio, _ = soundfile.read(tmp_path / "a.wav", dtype="float32")
    np.testing.assert_array_equal(audio, np.stack([whole, whole], axis=1))


def test_another_sample_rate_is_converted_without_a_seam(tmp_path, whole):
    codes = np.tile(CODES, (1, 6))
    done, _ = export(tmp_path / "a.wav", codes=codes, sample_rate=44_100)
    audio, rate = soundfile.read(tmp_path / "a.wav", dtype="float32")
    expected = soxr.resample(renderer(MODEL).decode(codes), 48_000, 44_100, quality="VHQ")
    assert (done.sample_rate, rate) == (44_100, 44_100)
    assert abs(len(audio) - len(expected)) <= 1
    shorter = min(len(audio), len(expected))
    assert np.abs(audio[:shorter] - expected[:shorter]).max() < 1e-5


def test_only_the_levels_that_are_heard_are_written(tmp_path):
    export(tmp_path / "a.wav", active=(0,))
    audio, _ = soundfile.read(tmp_path / "a.wav", dtype="float32")
    np.testing.assert_array_equal(audio, renderer(MODEL).decode(CODES, active=(0,)))
    assert facts_of(tmp_path / "a.wav")[0]["levels"] == [0]


def test_the_codes_of_a_level_follow_one_another_and_begin_from_nothing(tmp_path):
    reports = []
    request = ExportCodes(MODEL, 1, 3, tmp_path / "a.wav", SoundForm())
    done = run(request, report=reports.append, should_stop=lambda: False)
    size = read_header(MODEL).codec.codebook_size
    audio, _ = soundfile.read(tmp_path / "a.wav", dtype="float32")
    assert done.frames == len(audio) == size * 3 * 1024
    for code in (0, 1, 77, size - 1):
        alone = renderer(MODEL).decode(np.full((3, 3), code), active=(1,))
        np.testing.assert_array_equal(audio[code * 3 * 1024 : (code + 1) * 3 * 1024], alone)
    facts, title = facts_of(tmp_path / "a.wav")
    assert (facts["levels"], facts["columns"], facts["codes"]) == ([1], 3, size)
    assert title == "starter codes of level 1"
    assert [each.fraction for each in reports] == sorted(each.fraction for each in reports)
    stopped = ExportCodes(MODEL, 1, 3, tmp_path / "b.wav", SoundForm())
    assert run(stopped, report=reports.append, should_stop=lambda: True) is None
    assert not (tmp_path / "b.wav").exists()


@pytest.mark.parametrize(
    ("name", "form", "reason"),
    [
        ("a.flac", {"bits": 32}, "FLAC cannot hold FLOAT"),
        ("a.mp3", {"bits": 16}, "MP3 has no samples of a certain depth"),
        ("a.ogg", {"bits": 24}, "OGG has no samples of a certain depth"),
        ("a.mp3", {"sample_rate": 96_000}, "MP3 cannot hold 96000 Hz; allowed are 8000"),
        ("a.txt", {}, r"must end in \.wav"),
        ("a.wav", {"sample_rate": 3_000}, "3000 Hz is out of range"),
        ("a.wav", {"bits": 20}, "bits is 20; allowed are 16, 24, 32"),
    ],
)
def test_what_a_file_cannot_hold_is_refused_before_anything_is_rendered(
    tmp_path, name, form, reason
):
    with pytest.raises(UsageError, match=reason):
        export(tmp_path / name, **form)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(FileError, match=r"Cannot write '.*file/a\.wav'"):
        export(tmp_path / "file" / "a.wav")


def test_a_render_that_nobody_wants_leaves_the_old_file(tmp_path):
    export(tmp_path / "a.wav")
    before = (tmp_path / "a.wav").read_bytes()
    done, _ = export(tmp_path / "a.wav", stop=10, stopped=True)
    assert done is None
    assert (tmp_path / "a.wav").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_a_long_grid_tells_how_far_it_is_and_needs_no_more_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "_SPOOL_IN_MEMORY", 1 << 20)
    peaks = {}
    for times in (15, 45):
        codes = np.tile(CODES, (1, times))
        tracemalloc.start()
        _, reports = export(tmp_path / "a.wav", codes=codes)
        peaks[times] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert read_info(tmp_path / "a.wav").duration_s == times * 60 * 1024 / 48_000
        fractions = [each.fraction for each in reports if isinstance(each, Progressed)]
        assert fractions == sorted(fractions)
        assert len(fractions) == times * 60 // 294
    # 30 times 60 columns more are 7.4 MB of samples
    assert peaks[45] - peaks[15] < 2e6
