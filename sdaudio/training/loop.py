"""The training loop: a start, gradient steps within a budget, snapshots and checkpoints on the way.

One thread, one process; it reports through callbacks and asks before every step whether to stop.
A stop keeps what has been learned. With ``steps`` given, everything is a function of the seed, also
when it was stopped and resumed in between.
"""

import dataclasses
import functools
import logging
import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from sdaudio import health
from sdaudio.codec import closed_form
from sdaudio.codec.columns import ColumnBank
from sdaudio.codec.growth import take_over_unused
from sdaudio.codec.network import Codec
from sdaudio.codec.weights import from_model
from sdaudio.dataset import Dataset
from sdaudio.errors import UsageError
from sdaudio.header import CodecConfig, ModelHeader, TrainingSummary
from sdaudio.modelfile import Model
from sdaudio.training import schedule
from sdaudio.training.budget import Budget
from sdaudio.training.checkpoint import (
    Checkpoint,
    CheckpointWriter,
    State,
    module_state,
    restore_module,
)
from sdaudio.training.devices import choose_device, has_bfloat16
from sdaudio.training.events import (
    LevelsReport,
    Noted,
    Predicted,
    Progress,
    TrainingEvent,
    TrainingOptions,
)
from sdaudio.training.history import History
from sdaudio.training.objective import Objective
from sdaudio.training.optimiser import make_optimiser, optimiser_state, restore_optimiser
from sdaudio.training.prediction import predict
from sdaudio.training.snapshot import (
    SoundCodes,
    encode_sounds,
    sound_latents,
    start_header,
    take_snapshot,
)

_LOGGER = logging.getLogger(__name__)

PROGRESS_EVERY_S = 1.0
LEVELS_EVERY_S = 4.0
# A process that is killed loses at most this, one step, and the time of one snapshot.
CHECKPOINT_EVERY_S = 20.0
# The sound gets better fastest at the beginning: snapshots after 5, 15 and 35 s, then every 30 s.
FIRST_SNAPSHOT_S = 5.0
SNAPSHOT_EVERY_S = 30.0
# Encoding a long dataset anew costs seconds; snapshots take at most this share of the time.
SNAPSHOT_SHARE = 0.05
_GRADIENT_NORM = 1.0


class Trainer:
    """One training with its state.

    Args:
        dataset: the sounds.
        options: what the person chose.
        config: shape of the codec.

    Raises:
        UsageError: the dataset has another sample rate, or the device is not there.
    """

    def __init__(self, dataset: Dataset, options: TrainingOptions, config: CodecConfig) -> None:
        if dataset.sample_rate != config.sample_rate:
            raise UsageError(
                f"The dataset was read at {dataset.sample_rate} Hz, the codec works at "
                f"{config.sample_rate} Hz. Read it again or change sample_rate."
            )
        self._options = options
        self._device = choose_device(options.device)
        self._bank = ColumnBank(dataset.sounds, config)
        self._generator = torch.Generator().manual_seed(options.seed)
        self._chance = np.random.default_rng(options.seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(options.seed)
            self.codec = Codec(config)
        self.codec.use_bfloat16(enabled=has_bfloat16(self._device))
        self._header = start_header(self.codec, dataset, options)
        self._objective = Objective(
            self.codec, self._bank, chance=self._chance, generator=self._generator
        )
        self._history = History()
        self._budget = Budget(options.seconds, options.steps)
        self._elapsed_s = 0.0
        """Of the budget."""
        self._spent_s = 0.0
        """Of earlier runs, in all."""
        self._began = time.monotonic()
        self._step = 0
        self._came_from = (0, 0.0)
        """Step and seconds of the budget at which this run began to learn."""
        self._poor_levels: set[str] = set()

    def begin(self) -> None:
        """Start from nothing: fit the closed-form codec."""
        closed_form.fit(self.codec, self._bank, generator=self._generator)
        self.codec.to(self._device)

    def keep_identity(self, header: ModelHeader) -> None:
        """Remain the model of a header, under the names its levels have there."""
        self._header = dataclasses.replace(
            self._header,
            identity=header.identity or self._header.identity,
            level_names=header.level_names,
        )

    def begin_from(self, model: Model) -> list[int]:
        """Start from a model whose sounds are the first of the dataset; their codes stay.

        Only the decoder learns on. Codes that the old sounds never use become those of the new.

        Returns:
            How many codes each level gives to the new sounds.

        Raises:
            UsageError: the model's sounds are not the first of the dataset.
        """
        self.keep_identity(model.header)
        self.codec.load_state_dict(from_model(model).state_dict())
        codes, lengths = model.tensors["dataset.codes"], model.tensors["dataset.lengths"]
        n_old, n_all = len(lengths), self._bank.n_sounds
        if not np.array_equal(self._bank.lengths[:n_old], lengths):
            raise UsageError(f"The sounds are not those that '{model.header.name}' was made of.")
        if n_old < n_all:
            closed_form.raise_ceiling(self.codec, self._bank)
        self.codec.to(self._device)
        given = [0] * len(codes)
        if n_old < n_all:
            sounds = [self._bank.read_sound(sound) for sound in range(n_old, n_all)]
            latents = torch.cat([sound_latents(self.codec, sound) for sound in sounds])
            usage = torch.from_numpy(model.tensors["usage.counts"]).to(self._device)
            given = take_over_unused(self.codec, latents, usage, generator=self._generator)
            new = encode_sounds(self.codec, self._bank, first=n_old)
            codes = np.concatenate([codes, new.codes], axis=1)
        self._objective.settled = SoundCodes(codes, self._bank.lengths.astype(np.int64))
        before = model.header.training
        self._step, self._spent_s = before.steps, before.elapsed_s
        self._budget = dataclasses.replace(
            self._budget, first_fraction=schedule.SETTLE_AT, first_step=self._step
        )
        self._history = History(before.history, first_fraction=schedule.SETTLE_AT)
        return given

    def go_on(self, state: State, *, minutes: float | None) -> None:
        """Start where a checkpoint was made, with its own budget or ``minutes`` for the rest."""
        values = state.values
        restore_module(self.codec, state.part("codec"))
        self.codec.to(self._device)
        if state.part("optimiser").tensors:
            restore_optimiser(self._optimiser, state.part("optimiser"))
        self._objective.restore(state.part("objective"))
        self._history.restore(state.part("history"))
        self._chance.bit_generator.state = values["chance"]
        self._generator.set_state(state.tensors["generator"])
        self._step, self._elapsed_s = values["step"], values["elapsed_s"]
        self._spent_s, self._budget = values["spent_s"], Budget(**values["budget"])
        if minutes is not None:
            fraction = self._budget.fraction(self._step, self._elapsed_s)
            self._budget = Budget(60.0 * minutes, None, fraction, self._step)
            self._elapsed_s = 0.0

    def state(self) -> State:
        """Copy everything that the rest of the training depends on."""
        state = State(
            {
                "step": self._step,
                "elapsed_s": self._elapsed_s,
                "spent_s": self._total_s(),
                "budget": dataclasses.asdict(self._budget),
                "chance": self._chance.bit_generator.state,
            },
            {"generator": self._generator.get_state()},
        )
        state.put("codec", module_state(self.codec))
        # Before the first step there are no moments, and making them takes seconds.
        moments = optimiser_state(self._optimiser) if "_optimiser" in vars(self) else State()
        state.put("optimiser", moments)
        state.put("objective", self._objective.state())
        state.put("history", self._history.state())
        return state

    def codes(self) -> SoundCodes:
        """Return the codes of all sounds as they are now."""
        return self._objective.settled or encode_sounds(self.codec, self._bank)

    def progress(self, text: str) -> Progress:
        """Tell how far the training is, with a word on what it does."""
        first_step, first_s = self._came_from
        running_s = self._elapsed_s - first_s
        steps_per_s = (self._step - first_step) / running_s if running_s > 0 else 0.0
        history = self._history
        return Progress(
            self._budget.share(self._step, self._elapsed_s),
            self._budget.left_s(self._step, self._elapsed_s, steps_per_s=steps_per_s),
            self._step, steps_per_s, history.spectral, history.phase, history.commitment, text,
        )  # fmt: skip

    def predict(self, codes: SoundCodes) -> Predicted:
        """Try a few steps on a copy and say what the budget is good for."""
        return predict(
            self.codec,
            self._bank,
            codes,
            self._budget,
            elapsed_s=self._elapsed_s,
            start_s=time.monotonic() - self._began,
            threads=self._options.threads,
        )

    def run(
        self,
        *,
        on_event: Callable[[TrainingEvent], None],
        on_snapshot: Callable[[Model], None],
        should_stop: Callable[[], bool],
        checkpoint: Path | None,
    ) -> Model:
        """Train to the end of the budget or until told to stop; see `sdaudio.training.train`."""
        writer = CheckpointWriter(checkpoint)
        try:
            codes = self.codes()
            on_snapshot(self._snapshot(codes, complete=False))
            if writer.is_wanted:
                writer.write(self._checkpoint())
            if self._options.steps is None and not should_stop():
                on_event(self.predict(codes))
            stopped = self._learn(on_event, on_snapshot, should_stop, writer)
            model = self._snapshot(self.codes(), complete=not stopped)
            if stopped:
                writer.close()
                writer.write(self._checkpoint())
        finally:
            writer.close()
        on_event(self.progress("Stopped" if stopped else "Done"))
        on_event(LevelsReport(self._step, model.header.level_names, model.header.health))
        return model

    def _learn(
        self,
        on_event: Callable[[TrainingEvent], None],
        on_snapshot: Callable[[Model], None],
        should_stop: Callable[[], bool],
        writer: CheckpointWriter,
    ) -> bool:
        """Make steps until the budget is spent or somebody says stop; returns whether they did."""
        last_progress = last_levels = last_snapshot = last_checkpoint = time.monotonic()
        began, pause = last_progress - self._elapsed_s, FIRST_SNAPSHOT_S
        self._came_from = (self._step, self._elapsed_s)
        while (fraction := self._fraction()) < 1.0:
            if should_stop():
                return True
            self._train_step(fraction)
            now = time.monotonic()
            self._elapsed_s = now - began
            self._history.remember(self._step, fraction=self._fraction(), elapsed_s=self._total_s())
            if now - last_progress >= PROGRESS_EVERY_S:
                on_event(self.progress("Training"))
                last_progress = now
            if now - last_levels >= LEVELS_EVERY_S:
                self._tell_levels(on_event)
                last_levels = now
            snapshot_due = now - last_snapshot >= pause
            checkpoint_s = now - last_checkpoint
            if checkpoint_s >= (CHECKPOINT_EVERY_S / 2 if snapshot_due else CHECKPOINT_EVERY_S):
                if writer.is_wanted:
                    writer.write(self._checkpoint())
                last_checkpoint = now
            if snapshot_due:
                on_snapshot(self._snapshot(self.codes(), complete=False))
                last_snapshot = time.monotonic()
                pause = min(2 * pause, SNAPSHOT_EVERY_S)
                pause = max(pause, (last_snapshot - now) / SNAPSHOT_SHARE)
                self._elapsed_s = last_snapshot - began
        return False

    @functools.cached_property
    def _optimiser(self) -> torch.optim.Optimizer:
        # Torch loads its compiler along with the first optimiser, which takes as long as loading
        # torch itself; the first grid need not wait for that.
        return make_optimiser(self.codec)

    def _fraction(self) -> float:
        return self._budget.fraction(self._step, self._elapsed_s)

    def _total_s(self) -> float:
        return self._spent_s + time.monotonic() - self._began

    def _train_step(self, fraction: float) -> None:
        rate = schedule.learning_rate(fraction, self._step - self._budget.first_step)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
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
            self._history.add(losses)
        else:
            _LOGGER.warning("Step %d gave no finite gradient and was left out", self._step)
        self._step += 1

    def _tell_levels(self, on_event: Callable[[TrainingEvent], None]) -> None:
        report = LevelsReport(
            self._step, self._header.level_names, health.measure(self._objective.usage)
        )
        self._objective.usage[:] = 0
        on_event(report)
        for name, level in zip(self._header.level_names, report.levels, strict=True):
            poor = level.utilisation < health.COLLAPSE_UTILISATION
            if poor and name not in self._poor_levels:
                on_event(Noted(health.advice(name, level)))
            (self._poor_levels.add if poor else self._poor_levels.discard)(name)

    def _checkpoint(self) -> Checkpoint:
        return Checkpoint(self._header, self._options, self.state())

    def _snapshot(self, codes: SoundCodes, *, complete: bool) -> Model:
        training = TrainingSummary(
            steps=self._step,
            elapsed_s=self._total_s(),
            seed=self._options.seed,
            commitment_weight=self._options.commitment_weight,
            learning_rate=schedule.PEAK_LEARNING_RATE,
            preset=self._options.preset,
            complete=complete,
            history=tuple(self._history.points),
        )
        return take_snapshot(self.codec, codes, self._header, training)
