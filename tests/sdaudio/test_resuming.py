import logging

import numpy as np
import pytest
import torch
from tiny_training import RATE, Clock, Run, dataset_of, hits

from sdaudio.errors import FileError, UsageError
from sdaudio.modelfile import read_tensors, write_tensors
from sdaudio.render import Renderer
from sdaudio.training import (
    Noted,
    Progress,
    TrainingOptions,
    loop,
    read_checkpoint,
    refine,
    resume,
    schedule,
)
from sdaudio.training.budget import Budget

N_STEPS = 20


class Continued:
    """A training that goes on, with everything it reported."""

    def __init__(self, start, *arguments, stop_after=None, **options):
        self.events, self.snapshots, self.asked = [], [], 0
        self.stop_after = stop_after
        self.model = start(
            *arguments,
            on_event=self.events.append,
            on_snapshot=self.snapshots.append,
            should_stop=self._should_stop,
            **options,
        )

    def _should_stop(self):
        self.asked += 1
        return self.stop_after is not None and self.asked > self.stop_after


def assert_same_model(found, wanted):
    assert found.tensors.keys() == wanted.tensors.keys()
    for name, tensor in wanted.tensors.items():
        np.testing.assert_array_equal(found.tensors[name], tensor, err_msg=name)
    assert found.header.health == wanted.header.health
    assert found.header.training.steps == wanted.header.training.steps
    losses = [
        [(point.step, point.spectral, point.phase) for point in model.header.training.history]
        for model in (found, wanted)
    ]
    assert losses[0] == losses[1]


@pytest.fixture(scope="module")
def straight():
    return Run(hits(), steps=N_STEPS).model


# Settled codes come at step 12 of 20.
@pytest.mark.parametrize("stop_after", [0, 1, 7, 11, 12, 13, 19])
def test_a_resumed_training_ends_like_one_that_never_stopped(straight, stop_after, tmp_path):
    path = tmp_path / "m.training"
    first = Run(hits(), steps=N_STEPS, stop_after=stop_after + 1, checkpoint=path)
    assert first.model.header.training.steps == stop_after
    assert not first.model.header.training.complete

    second = Continued(resume, dataset_of(hits()), path)

    assert second.model.header.training.complete
    assert second.model.header.identity == first.model.header.identity
    assert_same_model(second.model, straight)


def test_every_new_training_makes_another_model(straight):
    again = Run(hits(), steps=1).model
    assert straight.header.identity
    assert again.header.identity not in ("", straight.header.identity)


def test_a_training_may_be_stopped_and_resumed_over_and_over(straight, tmp_path):
    path = tmp_path / "m.training"
    Run(hits(), steps=N_STEPS, stop_after=4, checkpoint=path)
    for _ in range(3):
        Continued(resume, dataset_of(hits()), path, stop_after=4)

    last = Continued(resume, dataset_of(hits()), path)

    assert_same_model(last.model, straight)


def test_codes_moved_and_codes_dead_survive_a_checkpoint(tmp_path):
    """Dead codes are moved by chance every 50 steps; the moving averages decide where to."""
    options = {"steps": 130, "codebook_size": 256}
    straight = Run(hits(2), **options).model
    path = tmp_path / "m.training"
    Run(hits(2), stop_after=49, checkpoint=path, **options)

    assert_same_model(Continued(resume, dataset_of(hits(2)), path).model, straight)


def test_the_first_snapshot_after_a_resume_is_where_the_training_was(tmp_path):
    path = tmp_path / "m.training"
    first = Run(hits(), steps=N_STEPS, stop_after=8, checkpoint=path)

    second = Continued(resume, dataset_of(hits()), path, stop_after=0)

    assert_same_model(second.snapshots[0], first.model)
    assert second.snapshots[0].header.training.elapsed_s > first.model.header.training.elapsed_s


def test_time_already_spent_counts_after_a_resume(monkeypatch, tmp_path):
    clock = Clock(0.05)
    monkeypatch.setattr(loop, "time", clock)
    path = tmp_path / "m.training"
    first = Run(hits(), steps=None, minutes=0.1, stop_after=15, checkpoint=path)
    spent = [event for event in first.events if isinstance(event, Progress)][-1].fraction
    clock.now += 1000.0

    second = Continued(resume, dataset_of(hits()), path)

    progress = [event for event in second.events if isinstance(event, Progress)]
    assert 0.2 < spent < 0.8
    assert progress[0].fraction == pytest.approx(spent, abs=0.01)
    assert second.model.header.training.elapsed_s == pytest.approx(6.0, abs=3.0)
    assert second.model.header.training.complete


def test_a_resume_with_minutes_spends_them_on_the_rest_of_the_schedule(tmp_path):
    path = tmp_path / "m.training"
    Run(hits(), steps=N_STEPS, stop_after=15, checkpoint=path)
    settled = read_checkpoint(path).state.tensors["objective/codes"].numpy()

    longer = Continued(resume, dataset_of(hits()), path, minutes=0.02)

    assert longer.model.header.training.complete
    assert longer.model.header.training.steps > 14
    np.testing.assert_array_equal(longer.model.tensors["dataset.codes"], settled)


def test_a_new_budget_begins_where_the_schedule_was():
    budget = Budget(60.0, first_fraction=0.7, first_step=100)

    assert budget.fraction(100, 0.0) == 0.7
    assert budget.fraction(500, 30.0) == pytest.approx(0.85)
    assert budget.fraction(900, 90.0) == 1.0


def test_a_checkpoint_holds_no_code_and_reads_back_what_was_asked_for(tmp_path):
    path = tmp_path / "m.training"
    Run(hits(), steps=N_STEPS, stop_after=3, checkpoint=path, seed=5)

    saved = read_checkpoint(path)

    assert saved.options == TrainingOptions(
        "m", sample_rate=RATE, steps=N_STEPS, codebook_size=64, seed=5
    )
    assert saved.header.codec.n_levels == 3
    assert (saved.state.values["step"], saved.header.name) == (2, "m")


def test_damaged_checkpoints_are_refused_with_their_name(tmp_path):
    path = tmp_path / "m.training"
    Run(hits(), steps=N_STEPS, stop_after=3, checkpoint=path)
    record, tensors = read_tensors(path, key="sda-training")
    whole = path.read_bytes()

    def refuse(match):
        with pytest.raises(FileError, match=match):
            Continued(resume, dataset_of(hits()), path)

    path.write_bytes(whole[: len(whole) // 2])
    refuse(r"m\.training' is truncated or damaged")
    write_tensors(path, tensors, key="sda-training", record={**record, "version": 99})
    refuse("another version")
    write_tensors(path, tensors, key="sda-training", record={**record, "options": {"name": 3}})
    refuse(r"Expected `str`, got `int` - at `\$.name`")
    write_tensors(path, tensors, key="other", record=record)
    refuse("no record")
    del tensors["codec/encoder.output.weight"]
    write_tensors(path, tensors, key="sda-training", record=record)
    refuse("encoder.output.weight")
    path.unlink()
    refuse("no model file")


def test_other_sounds_are_refused(tmp_path):
    path = tmp_path / "m.training"
    Run(hits(), steps=N_STEPS, stop_after=3, checkpoint=path)
    other = dataset_of(hits())

    with pytest.raises(UsageError, match="not the sounds"):
        Continued(resume, type(other)(other.sounds, other.files, "0" * 64, RATE), path)


def test_a_training_goes_on_without_its_checkpoint_when_the_disk_is_full(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")

    with caplog.at_level(logging.WARNING):
        run = Run(hits(), steps=3, checkpoint=tmp_path / "file" / "m.training")

    assert run.model.header.training.complete
    assert "without a checkpoint" in caplog.text


def test_checkpoints_come_every_twenty_seconds(monkeypatch, tmp_path):
    written = []

    class Writer(loop.CheckpointWriter):
        def write(self, checkpoint):
            written.append(checkpoint.state.values["spent_s"])

    monkeypatch.setattr(loop, "time", Clock(0.5))
    monkeypatch.setattr(loop, "CheckpointWriter", Writer)
    monkeypatch.setattr(loop, "SNAPSHOT_SHARE", 1.0)
    Run(hits(1), steps=None, minutes=2.0, checkpoint=tmp_path / "m.training")

    gaps = np.diff(written)
    assert len(written) >= 6
    assert gaps.max() < 24


@pytest.fixture(scope="module")
def finished():
    return Run(hits(5), steps=30).model


def test_refining_keeps_every_code_and_only_moves_the_decoder(finished):
    options = TrainingOptions("m", sample_rate=RATE, steps=5)

    more = Continued(refine, dataset_of(hits(5)), finished, options).model

    changed = {
        name.partition(".")[0]
        for name, tensor in finished.tensors.items()
        if not np.array_equal(tensor, more.tensors[name])
    }
    assert changed == {"decoder"}
    assert more.header.identity == finished.header.identity
    assert more.header.training.steps == 35
    assert more.header.training.complete
    history = [point.step for point in more.header.training.history]
    assert history == sorted(history)
    assert history[-1] == 35


def test_a_refinement_can_be_stopped_and_resumed(finished, tmp_path):
    path = tmp_path / "m.training"
    options = TrainingOptions("m", sample_rate=RATE, steps=9)
    straight = Continued(refine, dataset_of(hits(5)), finished, options).model

    Continued(refine, dataset_of(hits(5)), finished, options, stop_after=4, checkpoint=path)

    assert_same_model(Continued(resume, dataset_of(hits(5)), path).model, straight)


def added(finished, n_new, *, steps=40, **options):
    """New sounds an octave and more above the old ones."""
    time = np.arange(6000) / RATE
    new = [
        (0.5 * np.sign(np.sin(2 * np.pi * (3500 + 700 * i) * time)) * np.exp(-4 * time)).astype(
            np.float32
        )
        for i in range(n_new)
    ]
    options = TrainingOptions("m", sample_rate=RATE, steps=steps, **options)
    return new, Continued(refine, dataset_of([*hits(5), *new]), finished, options)


def test_added_sounds_leave_the_codes_of_the_old_ones_as_they_are(finished):
    _, run = added(finished, 2)
    old = finished.tensors

    np.testing.assert_array_equal(run.model.tensors["dataset.codes"][:, :120], old["dataset.codes"])
    used = old["usage.counts"] > 0
    np.testing.assert_array_equal(
        run.model.tensors["quantizer.codebooks"][used], old["quantizer.codebooks"][used]
    )
    assert run.model.tensors["dataset.lengths"].tolist() == [24] * 7
    assert run.model.tensors["usage.counts"].sum(1).tolist() == [168] * 3
    assert len(run.model.header.dataset.files) == 7


def test_added_sounds_take_codes_that_nobody_used(finished):
    _, run = added(finished, 2)
    before, after = finished.tensors["usage.counts"], run.model.tensors["usage.counts"]
    moved = (
        finished.tensors["quantizer.codebooks"] != run.model.tensors["quantizer.codebooks"]
    ).any(-1)

    assert moved.any()
    assert not before[moved].any()
    assert after[moved].sum() > 0
    said = [event.text for event in run.events if isinstance(event, Noted)]
    assert "codes of their own" in said[0]
    assert str(int(moved[0].sum())) in said[0]


def log_distance(sound, other):
    window = torch.hann_window(256)
    spectra = [
        torch.stft(torch.from_numpy(x), 256, window=window, return_complex=True).abs() + 1e-3
        for x in (sound, other)
    ]
    return float((spectra[0].log() - spectra[1].log()).abs().mean())


def test_added_sounds_are_learned_and_old_ones_kept(finished):
    new, run = added(finished, 2, steps=150)
    before, after = Renderer(finished), Renderer(run.model)
    codes = run.model.tensors["dataset.codes"]

    def distances(renderer, sounds, codes):
        return np.mean(
            [
                log_distance(sound, renderer.decode(part)[: sound.size])
                for sound, part in zip(sounds, np.split(codes, len(sounds), axis=1), strict=True)
            ]
        )

    kept = distances(after, hits(5), codes[:, :120])
    assert kept < 1.05 * distances(before, hits(5), finished.tensors["dataset.codes"])
    by_old_model = np.concatenate([before.encode(sound) for sound in new], axis=1)
    assert distances(after, new, codes[:, 120:]) < 0.9 * distances(before, new, by_old_model)


@pytest.mark.parametrize(("peak", "raised"), [(1.0, True), (0.01, False)])
def test_sounds_that_are_louder_than_all_before_are_let_through(finished, peak, raised):
    new = peak * np.sin(2 * np.pi * 440 * np.arange(6000) / RATE, dtype=np.float32)
    options = TrainingOptions("m", sample_rate=RATE, steps=0)

    model = Continued(refine, dataset_of([*hits(5), new]), finished, options).model

    before, after = (m.tensors["decoder.ceiling"] for m in (finished, model))
    assert (after > before).all() == raised
    assert (after >= before).all()


def test_sounds_that_are_not_the_models_are_refused(finished):
    with pytest.raises(UsageError, match="not those"):
        Continued(
            refine,
            dataset_of(hits(5, length=3000)),
            finished,
            TrainingOptions("m", sample_rate=RATE, steps=1),
        )


def test_the_second_stage_never_finds_codes_again():
    budget = Budget(60.0, first_fraction=schedule.SETTLE_AT, first_step=7)

    assert schedule.codes_are_settled(budget.fraction(7, 0.0))
