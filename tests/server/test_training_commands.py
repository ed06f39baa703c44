"""Trainings over OSC that are stopped, killed, resumed and added to."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from sdaudio.errors import FileError, JobError, StateError, UsageError
from sdaudio.modelfile import read_header
from sdaudio_server.client import Client


@pytest.fixture(autouse=True)
def subscribed(client: Client):
    client.call("/sda/subscribe")
    yield
    client.call("/sda/unsubscribe")


def stop_early(client: Client, name: str, folder: Path) -> tuple:
    (job,) = client.call("/sda/train/start", name, str(folder), "minutes", 5.0)
    client.wait_for("/sda/train/snapshot", lambda v: v[0] == job, timeout_s=60)
    client.call("/sda/train/stop", name)
    return client.wait_for_job(job, timeout_s=60)


def test_a_stopped_training_is_resumed_to_its_end(client: Client, sound_folder: Path):
    assert stop_early(client, "halves", sound_folder)[3] == 0
    events: list = []
    name, steps, _, complete = client.job(
        "/sda/train/resume", "halves", "minutes", 0.06, timeout_s=120, on_event=events.append
    )
    assert (name, complete) == ("halves", 1)
    assert steps > 0
    [*_, predicted] = [v for a, v in events if a == "/sda/train/prediction"]
    assert predicted[1] > 0.06
    assert "steps a second" in predicted[4]
    assert client.call("/sda/model/info", "halves")[7] == 1


def test_a_finished_model_learns_on_and_takes_sounds_in(
    daemon, client: Client, sound_folder: Path, tone: Path, tmp_path: Path
):
    more = tmp_path / "more"
    more.mkdir()
    tone.rename(more / "tone.wav")
    shutil.copy(next(sound_folder.glob("*.wav")), more / "known.wav")
    arguments = ("minutes", 0.03, "levels", 2, "factors", 0)
    client.job("/sda/train/start", "grows", str(sound_folder), *arguments, timeout_s=120)
    steps = client.job("/sda/train/resume", "grows", "minutes", 0.03, timeout_s=120)[1]
    events: list = []
    added = client.job(
        "/sda/train/add", "grows", str(more), "minutes", 0.03, timeout_s=120,
        on_event=events.append,
    )  # fmt: skip
    assert added[1] > steps
    left_out = [v[1:] for a, v in events if a == "/sda/dataset/file" and v[2] == 0]
    assert left_out == [("known.wav", 0, 0.0, "in the model already")]
    with pytest.raises(UsageError, match="nothing to add"):
        client.job("/sda/train/add", "grows", str(more), timeout_s=60)
    shape = read_header(daemon.folder / "models" / "grows.sda").codec
    assert (shape.n_levels, shape.factors) == (2, False)


def test_sounds_that_are_gone_are_named(client: Client, sound_folder: Path, tmp_path: Path):
    folder = tmp_path / "sounds"
    shutil.copytree(sound_folder, folder)
    stop_early(client, "orphan", folder)
    first = min(folder.glob("*.wav"))
    first.unlink()
    with pytest.raises(FileError, match=rf"{first.name}.*Put them back"):
        client.job("/sda/train/resume", "orphan", timeout_s=60)


def test_the_bundled_model_and_unknown_ones_are_not_trained(client: Client, tmp_path: Path):
    with pytest.raises(StateError, match="comes with sdaudio"):
        client.job("/sda/train/resume", "starter")
    with pytest.raises(StateError, match="comes with sdaudio"):
        client.job("/sda/train/add", "starter", str(tmp_path))
    with pytest.raises(FileError, match="nobody"):
        client.job("/sda/train/resume", "nobody")
    with pytest.raises(UsageError, match="preset is 'quick'"):
        client.job("/sda/train/start", "x", str(tmp_path), "preset", "quick")
    with pytest.raises(UsageError, match="device is 'tpu'"):
        client.job("/sda/train/start", "x", str(tmp_path), "device", "tpu")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_training_outlives_its_worker_and_its_daemon(new_daemon, sound_folder: Path):
    running = new_daemon()
    checkpoint = running.folder / "models" / "tough.training"
    with running.client() as client:
        client.call("/sda/subscribe")
        (job,) = client.call("/sda/train/start", "tough", str(sound_folder), "minutes", 5.0)
        client.wait_for("/sda/train/prediction", timeout_s=60)
        client.call("/sda/worker/list")
        pid = client.wait_for("/sda/worker/state", lambda v: v[0] == "train")[1]
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(JobError, match="/sda/train/resume tough"):
            client.wait_for_job(job, timeout_s=30)
        assert checkpoint.is_file()
    running.stop()
    with new_daemon().client() as client:
        result = client.job("/sda/train/resume", "tough", "minutes", 0.05, timeout_s=120)
        assert result[3] == 1
    assert not checkpoint.exists()
