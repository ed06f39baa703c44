"""Commands over real UDP against a running daemon: train, encode, edit, play, sample, render."""

import shutil
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from osc_bytes import message
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder

from sdaudio.errors import FileError, SdaudioError, StateError, UsageError
from sdaudio.resources import starter_model
from sdaudio_server.client import Client, JobCancelled


def _codes(client: Client, grid: str) -> np.ndarray:
    levels, columns = client.call("/sda/grid/info", grid)[2:4]
    rows = []
    for level in range(levels):
        row = []
        while len(row) < columns:
            row += client.call("/sda/grid/get", grid, level, len(row))[3:]
        rows.append(row)
    return np.array(rows)


def test_encode_reads_back_with_the_right_shape(client: Client, grid: str):
    model = client.call("/sda/model/info", "starter")
    info = client.call("/sda/grid/info", grid)
    assert info[:3] == (grid, "starter", model[1])
    assert info[3] == int(np.ceil(48_000 / 1024))
    assert list(info[8:]) == list(model[8:])
    assert _codes(client, grid).max() < model[2]


def test_set_swap_undo_and_redo_over_osc(client: Client, grid: str):
    before = _codes(client, grid)
    other = _codes(client, "starter")
    client.call("/sda/grid/set", grid, 0, 3, 1.0, 2, 3)
    assert _codes(client, grid)[0, 3:6].tolist() == [1, 2, 3]
    client.call("/sda/grid/swap", grid, "starter", 0, before.shape[0], 0, 2, 5)
    assert _codes(client, grid)[:, :5].tolist() == other[:, 2:7].tolist()
    client.call("/sda/grid/undo", "starter")
    assert _codes(client, "starter").tolist() == other.tolist()
    client.call("/sda/grid/undo", grid)
    assert _codes(client, grid).tolist() == before.tolist()
    client.call("/sda/grid/redo", grid, 2)
    assert _codes(client, "starter")[:, 2:7].tolist() != other[:, 2:7].tolist()
    client.call("/sda/grid/undo", grid, "steps", 2)
    assert _codes(client, "starter").tolist() == other.tolist()
    with pytest.raises(StateError, match="nothing to undo"):
        client.call("/sda/grid/undo", grid)


def test_a_level_of_a_model_is_named_for_all_grids_to_come(new_daemon, tmp_path: Path):
    running = new_daemon()
    (tmp_path / "models").mkdir()
    shutil.copy(starter_model(), tmp_path / "models" / "mine.sda")
    colours = ("Structure", "Colour", "Detail")
    with running.client() as client:
        client.call("/sda/grid/new", "old", "mine", 4)
        client.call("/sda/subscribe")
        assert client.call("/sda/grid/label", "mine", 1, " Colour ") == ("mine", 1, "Colour")
        client.wait_for("/sda/model/state", lambda state: state[4:] == colours)
        client.call("/sda/grid/new", "new", "mine", 4)
        assert client.call("/sda/grid/info", "old")[8:] == ("Structure", "Timbre", "Detail")
        assert client.call("/sda/grid/info", "new")[8:] == colours
        client.call("/sda/play/loop", "new")
        for arguments, reason in (
            (("mine", 3, "x"), "level is 3"),
            (("mine", 0, "x" * 41), "1 to 40 signs"),
            (("other", 0, "x"), "no model 'other'"),
        ):
            with pytest.raises(SdaudioError, match=reason):
                client.call("/sda/grid/label", *arguments)
        client.call("/sda/grid/close", "starter")
        with pytest.raises(StateError, match="comes with sdaudio"):
            client.call("/sda/grid/label", "starter", 0, "x")


def test_labels_mutes_and_solos_are_told_to_subscribers(client: Client, grid: str):
    client.call("/sda/subscribe")
    client.call("/sda/grid/label", grid, 1, "Colour")
    client.wait_for("/sda/grid/state", lambda v: v[0] == grid and v[7] == "Colour")
    client.call("/sda/grid/mute", grid, 0, 1)
    client.wait_for("/sda/grid/levels", lambda v: v == (grid, 0, 1, 0))
    client.call("/sda/grid/solo", grid, 2, 1.0)
    client.wait_for("/sda/grid/levels", lambda v: v == (grid, 2, 0, 1))
    client.call("/sda/unsubscribe")


def test_a_bundle_is_one_step_to_undo(client: Client, grid: str):
    before = _codes(client, grid)
    builder = OscBundleBuilder(IMMEDIATELY)
    for column in range(6):
        builder.add_content(message("/sda/grid/set", grid, 0, column, 5))
    client.send_packet(builder.build().dgram)
    client.send("/sda/sync", 1)
    client.wait_for("/sda/synced")
    assert _codes(client, grid)[0, :6].tolist() == [5] * 6
    client.call("/sda/grid/undo", grid)
    assert _codes(client, grid).tolist() == before.tolist()


def test_a_bundle_of_the_future_waits_and_blocks_nobody(client: Client, grid: str):
    code = (_codes(client, grid)[0, 0] + 1) % 64
    when = time.time() + 0.4
    builder = OscBundleBuilder(when)
    builder.add_content(message("/sda/grid/set", grid, 0, 0, int(code)))
    client.send_packet(builder.build().dgram)
    assert client.call("/sda/grid/get", grid, 0, 0, 1)[3] != code
    answer = client.wait_for("/sda/done", lambda values: values[0] == "/sda/grid/set")
    assert answer[0] == "/sda/grid/set"
    assert time.time() >= when - 0.01
    assert client.call("/sda/grid/get", grid, 0, 0, 1)[3] == code


def test_blend_moves_live_and_tells_the_distance(client: Client, grid: str):
    before = _codes(client, grid)
    levels = before.shape[0]
    _, mean, *each = client.call("/sda/blend/set", grid, "starter", 0, levels, 0, 4, 0.5)
    assert len(each) == 4
    assert mean == pytest.approx(np.mean(each), rel=1e-5)
    client.call("/sda/blend/set", grid, "starter", 0, levels, 0, 4, 1.0)
    assert _codes(client, grid)[:, :4].tolist() == _codes(client, "starter")[:, :4].tolist()
    client.call("/sda/blend/commit", grid)
    client.call("/sda/grid/undo", grid)
    assert _codes(client, grid).tolist() == before.tolist()


def test_render_writes_a_complete_file(client: Client, grid: str, tmp_path: Path):
    target = tmp_path / "out.wav"
    path, frames, rate, peak = client.job("/sda/grid/render", grid, str(target))
    audio, file_rate = soundfile.read(target)
    assert (Path(path), frames, rate) == (target, len(audio), file_rate)
    assert frames == 47 * 1024
    assert peak == pytest.approx(np.abs(audio).max(), abs=1e-4)
    assert 0.01 < peak < 4.0
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith("out")] == ["out.wav"]


def test_a_flac_is_turned_down_instead_of_clipped(client: Client, grid: str, tmp_path: Path):
    for name in ("a.flac", "a.wav"):
        client.job("/sda/grid/render", grid, str(tmp_path / name))
    flac, wav = (soundfile.read(tmp_path / name)[0] for name in ("a.flac", "a.wav"))
    np.testing.assert_allclose(flac, wav / max(1.0, np.abs(wav).max()), atol=1e-6)


def test_a_render_without_a_path_goes_to_the_output_folder(client: Client, grid: str, daemon):
    path = Path(client.job("/sda/grid/render", grid)[0])
    assert path.parent == daemon.folder / "renders"
    assert path.is_file()


def test_playing_moves_the_head_and_stopping_ends_it(client: Client, grid: str):
    client.call("/sda/subscribe")
    assert client.call("/sda/play/loop", grid, 2, 20) == (grid, 2, 20)
    first = client.wait_for("/sda/play/head", lambda v: v[0] == grid)[1]
    client.wait_for("/sda/play/head", lambda v: v[0] == grid and v[1] != first)
    client.call("/sda/grid/set", grid, 0, 5, 1)
    client.call("/sda/play/stop", grid)
    client.wait_for("/sda/play/state", lambda v: v == (grid, 0))
    client.call("/sda/unsubscribe")


def test_an_edit_tells_when_its_columns_sound_anew(client: Client, grid: str):
    client.call("/sda/play/loop", grid)
    client.call("/sda/subscribe")
    code = client.call("/sda/grid/get", grid, 0, 20, 1)[3]
    client.call("/sda/grid/set", grid, 0, 20, (code + 1) % 64)
    _, column, columns = client.wait_for("/sda/grid/sound", lambda v: v[0] == grid)
    assert column <= 20 < column + columns
    assert columns <= 21
    client.call("/sda/play/stop", grid)
    client.call("/sda/unsubscribe")


def test_a_grid_that_is_played_once_ends_by_itself(client: Client, grid: str):
    client.call("/sda/subscribe")
    client.call("/sda/play/grid", grid, "columns", 8)
    client.wait_for("/sda/play/state", lambda v: v == (grid, 1))
    client.wait_for("/sda/play/state", lambda v: v == (grid, 0), timeout_s=5.0)
    client.call("/sda/unsubscribe")


def test_single_moments_rows_and_codes_can_be_heard(client: Client, grid: str):
    assert client.call("/sda/play/code", "starter", 1, 3) == (12 * 1024,)
    assert client.call("/sda/play/code", "starter", 1, 3, "columns", 4) == (4 * 1024,)
    assert client.call("/sda/play/column", grid, 2) == (12 * 1024,)
    assert client.call("/sda/play/row", grid, 0) == (47 * 1024,)
    with pytest.raises(UsageError, match="code is"):
        client.call("/sda/play/code", "starter", 0, 255)


def test_sampling_streams_columns_and_a_seed_repeats_the_take(client: Client):
    client.call("/sda/subscribe")
    takes = []
    for name in ("take-1", "take-2"):
        options = ("temperature", 1.1, "top_k", 50, "top_p", 0.8, "seed", 7)
        result = client.job("/sda/prior/sample", name, "starter", 2.0, *options)
        assert result[:1] + result[2:] == (name, 7)
        assert result[1] == round(2.0 * 48_000 / 1024)
        takes.append(_codes(client, name))
    states = [v for a, v in client.events if a == "/sda/grid/state" and v[0] == "take-1"]
    assert len(states) > 2
    assert takes[0].tolist() == takes[1].tolist()
    client.job("/sda/prior/sample", "take-2", "starter", 2.0, "seed", 8)
    assert _codes(client, "take-2").tolist() != takes[0].tolist()
    client.call("/sda/grid/undo", "take-2")
    assert _codes(client, "take-2").tolist() == takes[0].tolist()
    client.call("/sda/unsubscribe")


def test_a_take_that_cannot_be_written_fails_with_the_reason(client: Client, grid: str):
    with pytest.raises(UsageError, match="cannot name a grid"):
        client.job("/sda/prior/sample", "a/b", "starter", 5.0)
    assert client.job("/sda/prior/sample", "good", "starter", 0.5, "seed", 1)[1] == 23
    client.call("/sda/grid/close", "good")


def test_a_cancelled_take_keeps_its_columns_and_ends_as_cancelled(client: Client):
    client.call("/sda/subscribe")
    (job,) = client.call("/sda/prior/sample", "cut", "starter", 30.0, "seed", 3)
    client.wait_for("/sda/grid/state", lambda v: v[0] == "cut")
    client.call("/sda/job/cancel", job)
    with pytest.raises(JobCancelled):
        client.wait_for_job(job)
    columns = client.call("/sda/grid/info", "cut")[3]
    assert 0 < columns < round(30.0 * 48_000 / 1024)
    client.call("/sda/grid/set", "cut", 0, 0, 1)
    client.call("/sda/unsubscribe")


def test_a_subscriber_first_gets_the_state_then_changes_of_others(
    client: Client, daemon, grid: str
):
    with daemon.client() as other:
        other.call("/sda/subscribe")
        model = other.wait_for("/sda/model/state", lambda v: v[0] == "starter")
        state = other.wait_for("/sda/grid/state", lambda v: v[0] == grid)
        assert model[1] == 1
        revision = client.call("/sda/grid/set", grid, 1, 4, 9, 9)[0]
        changed = other.wait_for("/sda/grid/codes", lambda v: v[0] == grid)
        assert changed[1] == revision == state[5] + 1
        assert changed[2] == 1
        assert set(changed[4:]) == {9}
        other.call("/sda/unsubscribe")


def test_a_job_on_a_missing_or_broken_file_fails_with_the_reason(client: Client, tmp_path: Path):
    with pytest.raises(FileError, match=r"none\.wav"):
        client.job("/sda/grid/encode", "x", "starter", str(tmp_path / "none.wav"))
    (tmp_path / "text.wav").write_text("this is no sound")
    with pytest.raises(FileError, match=r"text\.wav"):
        client.job("/sda/grid/encode", "x", "starter", str(tmp_path / "text.wav"))
    with pytest.raises(UsageError, match=r"must end in \.wav"):
        client.job("/sda/grid/render", "starter", str(tmp_path / "x.txt"))
    with pytest.raises(FileError, match=r"folders\.write"):
        client.job("/sda/grid/render", "starter", "/etc/sdaudio.wav")


def test_a_folder_is_checked_file_by_file(client: Client, tmp_path: Path):
    folder = tmp_path / "check"
    folder.mkdir()
    late = np.concatenate([np.zeros(48_000), np.sin(np.arange(24_000) / 20)])
    soundfile.write(folder / "late.wav", late, 48_000)
    (folder / "words.txt").write_text("not a sound")
    told: list = []
    result = client.job("/sda/dataset/check", str(folder), on_event=told.append)
    assert result[:2] == (1, 2)
    files = [values[1:] for address, values in told if address == "/sda/dataset/file"]
    assert files[0][:4] == ("late.wav", 1, 1.5, "")
    assert files[0][4:6] == (48_000, 1)
    assert files[0][6] == pytest.approx(2 / 3, abs=0.02)
    assert files[0][8] == "1.0 s of silence before it starts"
    assert files[1][:2] == ("words.txt", 0)
    warnings = [values[1] for address, values in told if address == "/sda/dataset/warning"]
    assert warnings[0].startswith("The file starts with more than half a second of silence")


def test_training_over_osc_is_playable_at_once_and_ends_with_a_prior(
    client: Client, sound_folder: Path, daemon
):
    client.call("/sda/subscribe")
    events = []
    result = client.job(
        "/sda/train/start", "osc-trained", str(sound_folder), "minutes", 0.08, "levels", 2,
        timeout_s=120, on_event=events.append,
    )  # fmt: skip
    assert result[0] == "osc-trained"
    assert result[1] > 0
    assert result[3] == 1
    addresses = [address for address, _ in events]
    first_snapshot = addresses.index("/sda/train/snapshot")
    assert events[first_snapshot][1][2] == 0
    fractions = [v[1] for a, v in events if a == "/sda/job/progress"]
    assert fractions == sorted(fractions)
    levels = [v for a, v in events if a == "/sda/train/level"]
    assert {v[2] for v in levels} == {"Structure", "Detail"}
    assert all(v[6] in ("green", "yellow", "red") for v in levels)
    assert client.call("/sda/grid/info", "osc-trained")[1:3] == ("osc-trained", 2)
    assert client.call("/sda/model/info", "osc-trained")[7] == 1
    assert client.job("/sda/prior/train", "osc-trained", "counts_only", 1)[1] > 1
    assert client.job("/sda/prior/sample", "fresh", "osc-trained", 1.0, "seed", 1)[1] == 47
    counts = client.call("/sda/model/usage", "osc-trained", 1)[2:]
    assert sum(counts) > 0
    assert client.call("/sda/model/usage", "osc-trained") == ("osc-trained", 2)
    assert client.wait_for("/sda/model/counts", lambda v: v[1] == 1)[2:] == counts
    assert client.call("/sda/model/health", "osc-trained")[1] in ("green", "yellow", "red")
    client.call("/sda/unsubscribe")


def test_stopping_a_training_keeps_the_best_so_far(client: Client, sound_folder: Path):
    client.call("/sda/subscribe")
    (job,) = client.call("/sda/train/start", "stopped", str(sound_folder), "minutes", 5.0)
    client.wait_for("/sda/train/snapshot", timeout_s=60)
    with pytest.raises(StateError, match="being worked on"):
        client.job("/sda/train/start", "stopped", str(sound_folder), "replace", 1)
    client.call("/sda/train/stop", "stopped")
    result = client.wait_for_job(job, timeout_s=60)
    assert result[0] == "stopped"
    assert result[3] == 0
    assert client.call("/sda/model/load", "stopped")[0] == "stopped"
    with pytest.raises(StateError, match="already"):
        client.job("/sda/train/start", "stopped", str(sound_folder))
    client.call("/sda/unsubscribe")
