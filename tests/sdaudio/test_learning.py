"""Training requests with real files: what is kept, what goes on, what is refused."""

import dataclasses

import numpy as np
import pytest
from tiny_training import RATE, TINY, hits

from sdaudio import presets
from sdaudio.audio import write_sound
from sdaudio.errors import FileError, UsageError
from sdaudio.modelfile import checkpoint_path, read_model, read_tensors
from sdaudio.presets import Preset
from sdaudio.settings import Settings, override
from sdaudio.tasks.requests import (
    AddSounds,
    Budget,
    CheckDataset,
    DatasetChecked,
    FileLeftOut,
    Noted,
    Resume,
    SnapshotWritten,
    Train,
    TrainingPredicted,
    budget_of,
)
from sdaudio.tasks.training import run

BUDGET = Budget("draft", 0.01, 1, "cpu")


@pytest.fixture(autouse=True)
def tiny_preset(monkeypatch):
    monkeypatch.setitem(presets.PRESETS, "draft", Preset("draft", 0.02, TINY))


def write_sounds(folder, sounds):
    folder.mkdir(exist_ok=True)
    for number, sound in enumerate(sounds):
        write_sound(folder / f"{number}.wav", sound[None], RATE)
    return folder


@pytest.fixture
def folder(tmp_path):
    return write_sounds(tmp_path / "sounds", hits(5))


def train(folder, tmp_path, *, budget=BUDGET):
    return Train("m", folder, tmp_path / "m.sda", budget, 3, "auto", True, 64, 0.25, RATE, 0)


class Heard:
    """A request that was run, with its reports; stopped after ``n_steps`` steps if that is said."""

    def __init__(self, request, *, n_steps=None):
        self.reports, self.asked, self.n_steps = [], 0, n_steps
        self.answer = run(request, report=self.reports.append, should_stop=self._should_stop)

    def _should_stop(self):
        self.asked += 1
        return self.n_steps is not None and self.asked > self.n_steps

    def of(self, kind):
        return [report for report in self.reports if isinstance(report, kind)]


def decoder_and_rest(before, after):
    changed = {
        name.partition(".")[0]
        for name, tensor in before.tensors.items()
        if not np.array_equal(tensor, after.tensors[name])
    }
    return "decoder" in changed, changed - {"decoder", "prior"}


def test_a_finished_training_leaves_a_model_that_knows_its_folder_and_nothing_else(
    folder, tmp_path
):
    heard = Heard(train(folder, tmp_path))

    assert heard.answer.complete
    assert {path.name for path in tmp_path.iterdir()} == {"sounds", "m.sda"}
    header = read_model(tmp_path / "m.sda").header
    assert header.has_prior
    assert header.dataset.folders == (str(folder),)
    (predicted,) = heard.of(TrainingPredicted)
    assert predicted.steps > 0
    assert "steps a second" in predicted.text


@pytest.mark.parametrize("factors", [True, False])
def test_a_training_learns_factors_or_coarse_to_fine_as_asked(factors, folder, tmp_path):
    request = dataclasses.replace(train(folder, tmp_path), factors=factors)

    Heard(request, n_steps=2)

    assert read_model(request.target).header.codec.factors is factors


def test_a_stopped_training_goes_on_to_the_end_it_had_planned(folder, tmp_path):
    stopped = Heard(train(folder, tmp_path), n_steps=5)
    assert not stopped.answer.complete
    assert checkpoint_path(tmp_path / "m.sda").is_file()

    resumed = Heard(Resume(tmp_path / "m.sda", dataclasses.replace(BUDGET, minutes=0.0)))

    assert resumed.answer.complete
    assert resumed.answer.steps > stopped.answer.steps
    assert not checkpoint_path(tmp_path / "m.sda").exists()
    assert resumed.of(SnapshotWritten)[0].step == stopped.answer.steps


def test_a_stopped_training_cannot_go_on_with_other_sounds(folder, tmp_path):
    Heard(train(folder, tmp_path), n_steps=3)
    write_sound(folder / "2.wav", hits(1, seed=9)[0][None], RATE)

    with pytest.raises(FileError, match=r"1 have changed \(2.wav\).*train/add"):
        Heard(Resume(tmp_path / "m.sda", BUDGET))


def test_a_finished_model_learns_on_and_keeps_its_codes(folder, tmp_path):
    Heard(train(folder, tmp_path))
    before = read_model(tmp_path / "m.sda")

    Heard(Resume(tmp_path / "m.sda", BUDGET))

    after = read_model(tmp_path / "m.sda")
    assert decoder_and_rest(before, after) == (True, set())
    assert after.header.training.steps > before.header.training.steps


def test_a_checkpoint_left_beside_a_finished_model_is_not_gone_back_to(folder, tmp_path):
    Heard(train(folder, tmp_path), n_steps=3)
    old = checkpoint_path(tmp_path / "m.sda").read_bytes()
    Heard(Resume(tmp_path / "m.sda", BUDGET))
    before = read_model(tmp_path / "m.sda")
    checkpoint_path(tmp_path / "m.sda").write_bytes(old)

    Heard(Resume(tmp_path / "m.sda", BUDGET))

    assert decoder_and_rest(before, read_model(tmp_path / "m.sda")) == (True, set())


def test_a_stopped_model_without_its_checkpoint_says_what_is_lost(folder, tmp_path):
    Heard(train(folder, tmp_path), n_steps=3)
    checkpoint_path(tmp_path / "m.sda").unlink()

    resumed = Heard(Resume(tmp_path / "m.sda", BUDGET))

    assert "m.training is gone" in resumed.of(Noted)[0].text
    assert resumed.answer.complete


def test_a_new_training_under_a_name_forgets_the_old_one(folder, tmp_path):
    checkpoint_path(tmp_path / "m.sda").write_bytes(b"of another training")

    Heard(train(folder, tmp_path), n_steps=2)

    read_tensors(checkpoint_path(tmp_path / "m.sda"), key="sda-training")


def test_sounds_can_be_added_and_old_codes_stay(folder, tmp_path):
    Heard(train(folder, tmp_path))
    before = read_model(tmp_path / "m.sda")
    more = write_sounds(tmp_path / "more", [*hits(2, seed=7), hits(1)[0]])

    heard = Heard(AddSounds(tmp_path / "m.sda", more, BUDGET))

    after = read_model(tmp_path / "m.sda")
    n_old = before.tensors["dataset.codes"].shape[1]
    np.testing.assert_array_equal(
        after.tensors["dataset.codes"][:, :n_old], before.tensors["dataset.codes"]
    )
    assert after.tensors["usage.counts"].sum(1).tolist() == [24 * 7] * 3
    assert after.header.dataset.folders == (str(folder), str(more))
    assert [report.name for report in heard.of(FileLeftOut)] == ["2.wav"]
    assert after.header.prior != before.header.prior
    assert after.header.training.complete

    with pytest.raises(UsageError, match="nothing to add"):
        Heard(AddSounds(tmp_path / "m.sda", more, BUDGET))
    (folder / "0.wav").unlink()
    with pytest.raises(FileError, match=r"1 cannot be read \(0.wav\)"):
        Heard(AddSounds(tmp_path / "m.sda", more, BUDGET))


def test_what_was_added_can_be_stopped_and_resumed(folder, tmp_path):
    Heard(train(folder, tmp_path))
    more = write_sounds(tmp_path / "more", hits(2, seed=7))
    stopped = Heard(AddSounds(tmp_path / "m.sda", more, BUDGET), n_steps=3)
    assert not stopped.answer.complete

    resumed = Heard(Resume(tmp_path / "m.sda", BUDGET))

    assert resumed.answer.complete
    assert len(read_model(tmp_path / "m.sda").header.dataset.files) == 7


def test_a_check_says_what_a_training_takes(folder):
    checked = Heard(CheckDataset(folder, RATE, 3, "auto", BUDGET)).answer

    assert isinstance(checked, DatasetChecked)
    assert checked.prediction.minutes > BUDGET.minutes
    assert checked.prediction.steps > 0
    assert "rough" in checked.prediction.warning


def test_a_folder_without_sounds_has_no_prediction(tmp_path):
    checked = Heard(CheckDataset(tmp_path, RATE, 3, "auto", BUDGET)).answer

    assert checked.prediction is None
    assert "holds no files" in checked.problem


ODD = {
    "one column each": [sound[:350] for sound in hits(5)],
    "one file": hits(1),
    "two hundred files": hits(200, length=2000),
    "nearly silent": [3e-4 * sound for sound in hits(3)],
    "constant": [np.full(3000, 0.1 * (i + 1), np.float32) for i in range(2)],
}


@pytest.mark.parametrize("sounds", ODD.values(), ids=ODD.keys())
def test_odd_sets_are_trained_all_the_same(sounds, tmp_path):
    heard = Heard(train(write_sounds(tmp_path / "sounds", sounds), tmp_path))

    assert heard.answer.complete
    model = read_model(tmp_path / "m.sda")
    assert len(model.header.dataset.files) == len(sounds)
    assert all(np.isfinite(tensor).all() for tensor in model.tensors.values())


def test_a_preset_that_is_named_wins_over_the_minutes_of_the_settings():
    settings = override(Settings(), "training", minutes=3.0)

    assert budget_of(settings).minutes == 3.0
    assert budget_of(settings, preset="standard").minutes == 0.0
    assert budget_of(settings, preset="standard", minutes=5.0).minutes == 5.0
    with pytest.raises(UsageError, match="Did you mean 'draft'"):
        budget_of(settings, preset="drafd")
