"""The training loop: closed-form start, gradient steps within a budget, snapshots on the way.

One thread, one process; it reports through callbacks and asks after every step whether to stop.
A stop keeps what has been learned. With ``steps`` given, everything is a function of the seed.
"""

import functools
import logging
import math
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch

from sdaudio import health
from sdaudio.codec import closed_form
from sdaudio.codec.columns import ColumnBank
from sdaudio.codec.network import Codec
from sdaudio.dataset import Dataset, choose_codebook_size
from sdaudio.errors import UsageError
from sdaudio.header import CodecConfig, LossPoint, TrainingSummary
from sdaudio.modelfile import Model
from sdaudio.training import schedule
from sdaudio.training.events import LevelsReport, Progress, TrainingEvent, TrainingOptions
from sdaudio.training.objective import Losses, Objective
from sdaudio.training.snapshot import encode_sounds, start_header, take_snapshot

_LOGGER = logging.getLogger(__name__)

PROGRESS_EVERY_S = 1.0
LEVELS_EVERY_S = 4.0
# The sound gets better fastest at the beginning: snapshots after 5, 15 and 35 s, then every 30 s.
FIRST_SNAPSHOT_S = 5.0
SNAPSHOT_EVERY_S = 30.0
# Encoding a long dataset anew costs seconds; snapshots take at most this share of the time.
SNAPSHOT_SHARE = 0.05
_HISTORY_POINTS = 200
_SMOOTHING = 0.98
_GRADIENT_NORM = 1.0


def train(
    dataset: Dataset,
    options: TrainingOptions,
    *,
    on_event: Callable[[TrainingEvent], None],
    on_snapshot: Callable[[Model], None],
    should_stop: Callable[[], bool],
    config: CodecConfig | None = None,
) -> Model:
    """Train a codec on a dataset.

    Args:
        dataset: the sounds.
        options: what the person chose.
        on_event: told about progress once a second and about the levels every few seconds.
        on_snapshot: given a complete model right after the closed-form start, again after 5, 15
            and 35 s, and then about every 30 s.
        should_stop: asked after every step; True ends training and keeps its present state.
        config: another shape of codec, for experiments; its levels, codebook size and sample rate
            give way to those of ``options``.

    Returns:
        The trained model. ``training.complete`` is False when it was stopped early.

    Raises:
        UsageError: the dataset is empty or has another sample rate.
    """
    if dataset.sample_rate != options.sample_rate:
        raise UsageError(
            f"The dataset was read at {dataset.sample_rate} Hz, the options say "
            f"{options.sample_rate} Hz. Read it again or change sample_rate."
        )
    threads_before = torch.get_num_threads()
    torch.set_num_threads(options.threads)
    try:
        trainer = Trainer(dataset, options, _configure(dataset, options, config))
        return trainer.run(on_event=on_event, on_snapshot=on_snapshot, should_stop=should_stop)
    finally:
        torch.set_num_threads(threads_before)


class Trainer:
    """One training with its state.

    Args:
        dataset: the sounds.
        options: what the person chose.
        config: shape of the codec.
    """

    def __init__(self, dataset: Dataset, options: TrainingOptions, config: CodecConfig) -> None:
        self._options = options
        self._bank = ColumnBank(dataset.sounds, config)
        self._generator = torch.Generator().manual_seed(options.seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(options.seed)
            self.codec = Codec(config)
        self.codec.use_bfloat16(enabled=_cpu_has_bfloat16())
        self._header = start_header(self.codec, dataset, options.name)
        self._objective = Objective(
            self.codec,
            self._bank,
            chance=np.random.default_rng(options.seed),
            generator=self._generator,
        )
        self._means = _RunningMeans()
        self._history: list[LossPoint] = []
        self._began = time.monotonic()
        self._step = 0

    def run(
        self,
        *,
        on_event: Callable[[TrainingEvent], None],
        on_snapshot: Callable[[Model], None],
        should_stop: Callable[[], bool],
    ) -> Model:
        """Train to the end of the budget or until told to stop; see `train`."""
        on_event(self._progress(0.0, "Fitting the closed-form start"))
        closed_form.fit(self.codec, self._bank, generator=self._generator)
        on_snapshot(self._snapshot(complete=False))
        first_step = last_progress = last_levels = last_snapshot = time.monotonic()
        pause = FIRST_SNAPSHOT_S
        stopped = should_stop()
        while (fraction := self._fraction(first_step)) < 1.0 and not stopped:
            self._train_step(fraction)
            now = time.monotonic()
            self._remember(self._fraction(first_step), now - first_step)
            if now - last_progress >= PROGRESS_EVERY_S:
                on_event(self._progress(now - first_step, "Training"))
                last_progress = now
            if now - last_levels >= LEVELS_EVERY_S:
                on_event(self._levels())
                last_levels = now
            if now - last_snapshot >= pause:
                on_snapshot(self._snapshot(complete=False))
                last_snapshot = time.monotonic()
                pause = min(2 * pause, SNAPSHOT_EVERY_S)
                pause = max(pause, (last_snapshot - now) / SNAPSHOT_SHARE)
            stopped = should_stop()
        model = self._snapshot(complete=not stopped)
        on_event(self._progress(time.monotonic() - first_step, "Stopped" if stopped else "Done"))
        on_event(LevelsReport(self._step, model.header.health))
        for name, level in zip(model.header.level_names, model.header.health, strict=True):
            if level.light == "red":
                _LOGGER.warning("%s: %s (%d codes never used)", name, level.sentence,
                                level.dead_codes)  # fmt: skip
        return model

    @functools.cached_property
    def _optimiser(self) -> torch.optim.Optimizer:
        # Torch loads its compiler along with the first optimiser, which takes as long as loading
        # torch itself; the first grid need not wait for that.
        return torch.optim.AdamW(
            self.codec.parameters(), lr=schedule.PEAK_LEARNING_RATE, betas=(0.8, 0.99), fused=True
        )

    def _fraction(self, first_step: float) -> float:
        if self._options.steps is not None:
            return self._step / self._options.steps if self._options.steps else 1.0
        return (time.monotonic() - first_step) / (60.0 * self._options.minutes)

    def _train_step(self, fraction: float) -> None:
        for group in self._optimiser.param_groups:
            group["lr"] = schedule.learning_rate(fraction, self._step)
        losses = self._objective.losses(fraction)
        loss = (
            losses.spectral
            + schedule.phase_weight(fraction) * losses.phase
            + schedule.COHERENCE_WEIGHT * losses.coherence
            + self._options.commitment_weight * losses.commitment
        )
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(self.codec.parameters(), _GRADIENT_NORM)
        # One freak batch must not spoil an hour of training.
        if math.isfinite(float(norm)):
            self._optimiser.step()
            self._means.add(losses)
        else:
            _LOGGER.warning("Step %d gave no finite gradient and was left out", self._step)
        self._step += 1

    def _remember(self, fraction: float, elapsed_s: float) -> None:
        """Keep about 200 points of history however long the training is."""
        due = math.floor(fraction * _HISTORY_POINTS) >= len(self._history)
        if due and len(self._history) < _HISTORY_POINTS + 1:
            means = self._means
            self._history.append(
                LossPoint(self._step, elapsed_s, means.spectral, means.phase, means.commitment)
            )

    def _progress(self, elapsed_s: float, text: str) -> Progress:
        steps_per_s = self._step / elapsed_s if elapsed_s > 0 else 0.0
        if self._options.steps is None:
            total_s = 60.0 * self._options.minutes
            fraction, eta_s = min(1.0, elapsed_s / total_s), max(0.0, total_s - elapsed_s)
        else:
            fraction = self._step / self._options.steps if self._options.steps else 1.0
            left = self._options.steps - self._step
            eta_s = left / steps_per_s if steps_per_s else 0.0
        means = self._means
        return Progress(
            fraction, eta_s, self._step, steps_per_s,
            means.spectral, means.phase, means.commitment, text,
        )  # fmt: skip

    def _levels(self) -> LevelsReport:
        report = LevelsReport(self._step, health.measure(self._objective.usage))
        self._objective.usage[:] = 0
        return report

    def _snapshot(self, *, complete: bool) -> Model:
        training = TrainingSummary(
            steps=self._step,
            elapsed_s=time.monotonic() - self._began,
            seed=self._options.seed,
            commitment_weight=self._options.commitment_weight,
            learning_rate=schedule.PEAK_LEARNING_RATE,
            complete=complete,
            history=tuple(self._history),
        )
        codes = self._objective.settled or encode_sounds(self.codec, self._bank)
        return take_snapshot(self.codec, codes, self._header, training)


class _RunningMeans:
    """Exponential means of the losses over about 50 steps, right from the first one on."""

    def __init__(self) -> None:
        self.spectral = self.phase = self.commitment = 0.0
        self._n = 0

    def add(self, losses: Losses) -> None:
        self._n += 1
        share = max(1.0 - _SMOOTHING, 1.0 / self._n)
        self.spectral += share * (losses.spectral.item() - self.spectral)
        self.phase += share * (losses.phase.item() - self.phase)
        self.commitment += share * (losses.commitment.item() - self.commitment)


def _cpu_has_bfloat16() -> bool:
    """Return whether the CPU multiplies bfloat16 itself; where it does not, it would be slower."""
    # Newer torch only; without it training is as good and a third slower.
    capabilities: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def _configure(
    dataset: Dataset, options: TrainingOptions, config: CodecConfig | None
) -> CodecConfig:
    size = options.codebook_size or choose_codebook_size(len(dataset.sounds))
    return replace(
        config or CodecConfig(),
        sample_rate=options.sample_rate,
        n_levels=options.levels,
        codebook_size=size,
    )
