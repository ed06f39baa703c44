import warnings

import numpy as np
import pytest
from tiny_training import RATE, TINY, Clock, Run, dataset_of, hits

from sdaudio.codec import ColumnBank
from sdaudio.errors import UsageError
from sdaudio.header import CodecConfig
from sdaudio.metrics import hop_periodicity, texture_ratio
from sdaudio.modelfile import read_model, write_model
from sdaudio.render import Renderer
from sdaudio.training import LevelsReport, Progress, TrainingOptions, loop, schedule, train
from sdaudio.training.sampler import ITEM_COLUMNS, Sampler, joints, target_audio


@pytest.fixture(scope="module")
def run():
    return Run(hits())


def test_the_first_snapshot_is_the_closed_form_start(run):
    first = run.snapshots[0]

    assert first.header.training.steps == 0
    assert not first.header.training.complete
    assert first.header.health[0].utilisation > 0.5
    assert not first.tensors["encoder.output.weight"].any()


def test_the_first_snapshot_comes_before_the_first_step():
    steps_at_snapshot = []
    events = []

    train(
        dataset_of(hits()),
        TrainingOptions("m", sample_rate=RATE, steps=1, codebook_size=64),
        on_event=events.append,
        on_snapshot=lambda model: steps_at_snapshot.append(
            [event.step for event in events if isinstance(event, Progress)]
        ),
        should_stop=lambda: False,
        config=TINY,
    )

    assert steps_at_snapshot[0] == [0]


def test_the_model_holds_the_codes_of_every_file(run):
    tensors, header = run.model.tensors, run.model.header

    assert tensors["dataset.codes"].dtype == np.uint16
    assert tensors["dataset.lengths"].tolist() == [24] * 5
    assert tensors["dataset.codes"].shape == (3, 120)
    assert tensors["usage.counts"].sum(1).tolist() == [120] * 3
    assert [file.name for file in header.dataset.files] == [f"{i}.wav" for i in range(5)]
    assert header.training.steps == 10
    assert header.training.complete
    assert header.level_names == ("Structure", "Timbre", "Detail")


def test_the_codes_in_the_model_are_those_the_renderer_finds(run):
    play = Renderer(run.model)

    again = np.concatenate([play.encode(sound) for sound in hits()], axis=1)

    assert (again == run.model.tensors["dataset.codes"]).mean() > 0.99


def test_a_trained_model_survives_its_file_and_plays(run, tmp_path):
    write_model(tmp_path / "m.sda", run.model)

    model = read_model(tmp_path / "m.sda")

    assert model.header == run.model.header
    codes = model.tensors["dataset.codes"][:, :24]
    np.testing.assert_array_equal(Renderer(model).decode(codes), Renderer(run.model).decode(codes))


def test_the_same_seed_gives_the_same_model(run):
    again, other = Run(hits()), Run(hits(), seed=1)

    for name, tensor in run.model.tensors.items():
        np.testing.assert_array_equal(tensor, again.model.tensors[name], err_msg=name)
    assert (
        other.model.tensors["decoder.head.weight"] != run.model.tensors["decoder.head.weight"]
    ).any()


def test_losses_fall_while_training():
    history = Run(hits(), steps=80).model.header.training.history

    assert history[-1].spectral < 0.97 * history[0].spectral


def test_training_reports_loss_history_and_levels(run):
    history = run.model.header.training.history
    last = [event for event in run.events if isinstance(event, LevelsReport)][-1]
    progress = [event for event in run.events if isinstance(event, Progress)]

    assert [point.step for point in history] == list(range(1, 11))
    assert all(point.spectral > 0 and point.phase > 0 for point in history)
    assert last.step == 10
    assert last.levels == run.model.header.health
    assert (progress[0].fraction, progress[-1].fraction) == (0.0, 1.0)
    assert progress[-1].eta_s == 0.0


def test_stopping_keeps_what_has_been_learned():
    run = Run(hits(), stop_after=6)

    assert run.model.header.training.steps == 5
    assert not run.model.header.training.complete
    assert run.model.tensors["encoder.output.weight"].any()
    assert run.events[-2].text == "Stopped"


def test_codebooks_move_while_training(run):
    before, after = (
        model.tensors["quantizer.codebooks"] for model in (run.snapshots[0], run.model)
    )

    assert (before != after).any(axis=2).mean() > 0.5


def test_zero_steps_keep_the_closed_form_start():
    run = Run(hits(), steps=0)

    assert run.model.header.training.steps == 0
    np.testing.assert_array_equal(
        run.model.tensors["quantizer.codebooks"], run.snapshots[0].tensors["quantizer.codebooks"]
    )


@pytest.mark.parametrize(
    "sounds",
    [
        [np.full(400, 0.1, np.float32)],
        [np.zeros(9000, np.float32)],
        [np.ones(1, np.float32), hits(1)[0]],
        [np.full(9000, 1.0, np.float32), -np.ones(3, np.float32)],
    ],
    ids=["two columns", "silence", "one sample beside a hit", "full-scale constant"],
)
def test_odd_datasets_train_without_harm(sounds):
    run = Run(sounds, steps=6, codebook_size=256)

    assert all(
        np.isfinite(tensor).all()
        for tensor in run.model.tensors.values()
        if tensor.dtype.kind == "f"
    )
    audio = Renderer(run.model).decode(run.model.tensors["dataset.codes"])
    assert np.isfinite(audio).all()
    assert run.model.header.training.complete


@pytest.mark.parametrize("levels", [2, 4])
def test_other_numbers_of_levels_train(levels):
    run = Run(hits(2), steps=3, levels=levels)

    assert run.model.tensors["dataset.codes"].shape[0] == levels
    assert len(run.model.header.health) == levels


def test_the_codebook_size_follows_the_number_of_files():
    assert Run(hits(2), steps=0, codebook_size=None).model.header.codec.codebook_size == 64
    assert Run(hits(21), steps=0, codebook_size=None).model.header.codec.codebook_size == 128


def test_time_is_the_budget_when_no_steps_are_given(monkeypatch):
    monkeypatch.setattr(loop, "time", Clock(0.05))
    run = Run(hits(), steps=None, minutes=0.05)

    progress = [event for event in run.events if isinstance(event, Progress)]
    assert run.model.header.training.complete
    assert 3.0 <= run.model.header.training.elapsed_s < 4.0
    assert len(progress) >= 4
    assert all(0 <= event.fraction <= 1 and event.eta_s <= 3.0 for event in progress)


def test_snapshots_come_quickly_at_first_and_then_every_half_minute(monkeypatch):
    monkeypatch.setattr(loop, "time", Clock(0.4))
    monkeypatch.setattr(loop, "SNAPSHOT_SHARE", 1.0)
    run = Run(hits(1), steps=None, minutes=1.5)

    # A little later each time, because every look at this clock moves it.
    at = [model.header.training.elapsed_s for model in run.snapshots]
    np.testing.assert_allclose(np.diff(at), [5, 10, 20, 30], atol=3)


def test_a_dataset_of_another_sample_rate_is_refused():
    with pytest.raises(UsageError, match=r"16000 Hz.*48000 Hz"):
        train(
            dataset_of(hits()),
            TrainingOptions("m"),
            on_event=lambda event: None,
            on_snapshot=lambda model: None,
            should_stop=lambda: False,
        )


@pytest.mark.parametrize(
    "options",
    [
        {"minutes": 0.0},
        {"minutes": float("nan")},
        {"levels": 5},
        {"codebook_size": 100},
        {"commitment_weight": -1.0},
        {"threads": 0},
        {"steps": -1},
    ],
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(UsageError, match=f"{next(iter(options))} is .* allowed are"):
        TrainingOptions("m", **options)


def test_every_file_comes_equally_often_however_short():
    sounds = [np.zeros(n * TINY.column_length, np.float32) for n in (2, 400)]
    bank = ColumnBank(sounds, TINY)
    sampler = Sampler(bank, batch_size=8, chance=np.random.default_rng(0))

    crops = []
    for _ in range(20):
        for item in sampler.draw():
            breaks = np.flatnonzero(np.diff(item) != 1) + 1
            crops += [bank.sound_of(part)[0] for part in np.split(item, breaks)]

    assert 0.4 < np.mean(crops) < 0.6


def test_the_first_and_last_columns_of_a_file_are_not_rare():
    bank = ColumnBank([np.zeros(60 * TINY.column_length, np.float32)], TINY)
    sampler = Sampler(bank, batch_size=8, chance=np.random.default_rng(0))

    counts = np.bincount(np.concatenate([sampler.draw().ravel() for _ in range(100)]))

    assert counts.size == 60
    assert counts.min() > 0.6 * counts.mean()


def test_spliced_items_take_runs_from_other_items():
    bank = ColumnBank(hits(), TINY)
    sampler = Sampler(bank, batch_size=4, chance=np.random.default_rng(0))
    columns = np.arange(4)[:, None] * 1000 + np.arange(ITEM_COLUMNS)

    swapped = []
    for _ in range(50):
        moved = (spliced := sampler.splice(columns, n_items=3)) != columns
        assert not moved[0].any()
        assert (spliced[moved] // 1000 != (columns // 1000)[moved]).all()
        assert (spliced % 1000 < ITEM_COLUMNS).all()
        swapped.append(moved[1:].mean())

    assert 0.25 < np.mean(swapped) < 0.35


def test_targets_are_the_source_with_crossfades_at_the_joints():
    sounds = [np.full(40 * 1024, value, np.float32) for value in (0.25, -0.5)]
    bank = ColumnBank(sounds, CodecConfig())
    columns = np.array([[3, 4, 5, 60, 61]])

    windows = bank.read(columns.ravel()).reshape(1, 5, -1)
    audio = target_audio(bank, windows, columns)[0]

    middle = 3 * 1024
    assert joints(bank, columns).tolist() == [[False, False, True, False]]
    assert (audio[: middle - 128] == 0.25).all()
    assert (audio[middle + 128 :] == -0.5).all()
    assert (np.diff(audio[middle - 128 : middle + 128]) < 0).all()


def test_neighbouring_columns_of_two_sounds_are_a_joint():
    bank = ColumnBank([np.zeros(1024, np.float32), np.zeros(1024, np.float32)], CodecConfig())

    assert joints(bank, np.array([[0, 1]])).tolist() == [[True]]


def test_learning_slows_down_after_a_warm_up():
    rates = [schedule.learning_rate(f, 1000) for f in (0.0, 0.3, 0.6, 1.0)]

    assert rates == sorted(rates, reverse=True)
    assert schedule.learning_rate(0.0, 0) < rates[0]


def test_codes_are_settled_before_the_end():
    """A grid that was made from the settled codes is valid for the finished model."""
    early, late = Run(hits(), steps=10, stop_after=8), Run(hits())

    for name in ("dataset.codes", "quantizer.codebooks", "encoder.stack.weight"):
        np.testing.assert_array_equal(early.model.tensors[name], late.model.tensors[name])
    assert (
        early.model.tensors["decoder.head.weight"] != late.model.tensors["decoder.head.weight"]
    ).any()


def test_training_leaves_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Run([hits(1)[0]], steps=2)


def test_noise_stays_noise():
    chance = np.random.default_rng(0)
    sounds = [(0.1 * chance.normal(size=8000)).astype(np.float32) for _ in range(5)]

    play = Renderer(Run(sounds, steps=40).model)

    heard = play.decode(play.encode(sounds[0]))
    loudness = np.sqrt((heard**2).mean() / (sounds[0] ** 2).mean())
    assert hop_periodicity(heard, RATE, hop_length=64) < 0.15
    assert 0.7 < loudness < 1.4
    assert 0.85 < texture_ratio(sounds[0], heard) < 1.15
