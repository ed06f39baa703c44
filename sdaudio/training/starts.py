"""The ways to begin a training: from nothing, from a checkpoint, from a finished model."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import torch

from sdaudio.dataset import Dataset, choose_codebook_size
from sdaudio.errors import FileError, UsageError
from sdaudio.header import CodecConfig
from sdaudio.modelfile import Model
from sdaudio.presets import find_preset
from sdaudio.training.checkpoint import read_checkpoint
from sdaudio.training.events import Noted, Predicted, TrainingEvent, TrainingOptions
from sdaudio.training.framing import LONG_FRAMES, suits_long_frames
from sdaudio.training.loop import Trainer


def train(
    dataset: Dataset,
    options: TrainingOptions,
    *,
    on_event: Callable[[TrainingEvent], None],
    on_snapshot: Callable[[Model], None],
    should_stop: Callable[[], bool],
    config: CodecConfig | None = None,
    checkpoint: Path | None = None,
) -> Model:
    """Train a codec on a dataset.

    Args:
        dataset: the sounds.
        options: what the person chose.
        on_event: told about progress once a second, about the levels every few seconds, and, after
            the first snapshot, what the budget is good for.
        on_snapshot: given a complete model right after the closed-form start, again after 5, 15
            and 35 s, and then about every 30 s.
        should_stop: asked before every step; True ends training and keeps its present state.
        config: another shape of codec than the preset's, for experiments; its levels, codebook
            size and sample rate give way to those of ``options``.
        checkpoint: where to keep, about every 20 s, what `resume` needs. The file stays; whoever
            has saved the finished model removes it.

    Returns:
        The trained model. ``training.complete`` is False when it was stopped early.

    Raises:
        UsageError: the dataset is empty or has another sample rate, or the device is not there.
    """
    with _threads(options.threads):
        trainer = Trainer(dataset, options, _configure(dataset, options, config))
        if trainer.codec.config.n_fft == LONG_FRAMES["n_fft"] and options.frames == "auto":
            on_event(Noted("These sounds hold more tones than attacks: they are learned in long "
                           "frames. Ask for short ones if attacks come out soft."))  # fmt: skip
        on_event(trainer.progress("Fitting the closed-form start"))
        trainer.begin()
        return trainer.run(
            on_event=on_event,
            on_snapshot=on_snapshot,
            should_stop=should_stop,
            checkpoint=checkpoint,
        )


def resume(
    dataset: Dataset,
    checkpoint: Path,
    *,
    on_event: Callable[[TrainingEvent], None],
    on_snapshot: Callable[[Model], None],
    should_stop: Callable[[], bool],
    minutes: float | None = None,
    threads: int | None = None,
    device: str | None = None,
) -> Model:
    """Go on from a checkpoint as if the training had never stopped.

    Args:
        dataset: the same sounds.
        checkpoint: as `train` wrote it; it is written anew on the way.
        on_event: as for `train`.
        on_snapshot: as for `train`.
        should_stop: as for `train`.
        minutes: spend this on the rest of the schedule instead of what is left of the budget.
        threads: instead of as many as before.
        device: instead of the one asked for before.

    Raises:
        FileError: the checkpoint is missing or damaged.
        UsageError: the dataset is not the one that the checkpoint was made of.
    """
    saved = read_checkpoint(checkpoint)
    if dataset.fingerprint != saved.header.dataset.fingerprint:
        raise UsageError(f"These are not the sounds that '{saved.header.name}' is trained on.")
    options = replace(
        saved.options,
        threads=threads or saved.options.threads,
        device=device or saved.options.device,
    )
    with _threads(options.threads):
        trainer = Trainer(dataset, options, saved.header.codec)
        trainer.keep_identity(saved.header)
        try:
            trainer.go_on(saved.state, minutes=minutes)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise FileError(f"'{checkpoint}' is damaged: {error}. Delete it.") from error
        on_event(trainer.progress("Going on"))
        return trainer.run(
            on_event=on_event,
            on_snapshot=on_snapshot,
            should_stop=should_stop,
            checkpoint=checkpoint,
        )


def refine(
    dataset: Dataset,
    model: Model,
    options: TrainingOptions,
    *,
    on_event: Callable[[TrainingEvent], None],
    on_snapshot: Callable[[Model], None],
    should_stop: Callable[[], bool],
    checkpoint: Path | None = None,
) -> Model:
    """Train a model further with its codes as they are, also on sounds that are new to it.

    Only the decoder learns, over the second stage of the schedule and with a fresh optimiser.
    Every grid of the model keeps its meaning. New sounds are described with the codes there are,
    and with those that no old sound uses, which are put where the new ones need them.

    Args:
        dataset: first the sounds of the model in their order, then the new ones.
        model: a trained model.
        options: name, budget, seed, threads and device; the rest is the model's.
        on_event: as for `train`.
        on_snapshot: as for `train`.
        should_stop: as for `train`.
        checkpoint: as for `train`.

    Raises:
        UsageError: the dataset does not begin with the model's sounds.
    """
    with _threads(options.threads):
        trainer = Trainer(dataset, options, model.header.codec)
        on_event(trainer.progress("Encoding the new sounds"))
        given = trainer.begin_from(model)
        names = model.header.level_names
        if any(given):
            shares = ", ".join(f"{n} on {name}" for n, name in zip(given, names, strict=True))
            on_event(Noted(f"The new sounds have codes of their own: {shares}."))
        return trainer.run(
            on_event=on_event,
            on_snapshot=on_snapshot,
            should_stop=should_stop,
            checkpoint=checkpoint,
        )


def predict(dataset: Dataset, options: TrainingOptions) -> Predicted:
    """Say what a training would take and be good for, by starting it and trying a few steps.

    Raises:
        UsageError: as for `train`.
    """
    with _threads(options.threads):
        trainer = Trainer(dataset, options, _configure(dataset, options, None))
        trainer.begin()
        return trainer.predict(trainer.codes())


@contextmanager
def _threads(n: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _configure(
    dataset: Dataset, options: TrainingOptions, config: CodecConfig | None
) -> CodecConfig:
    shape = config or find_preset(options.preset).config
    if config is None and (
        options.frames == "long"
        or (options.frames == "auto" and suits_long_frames(dataset.sounds, options.sample_rate))
    ):
        shape = replace(shape, **LONG_FRAMES)
    return replace(
        shape,
        sample_rate=options.sample_rate,
        n_levels=options.levels,
        factors=options.factors,
        codebook_size=options.codebook_size or choose_codebook_size(len(dataset.sounds)),
    )
