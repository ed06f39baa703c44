"""How many steps this machine makes and how long the rest takes, measured before training begins.

Steps are tried on a copy of the codec, so that a training does not depend on how it was predicted.
"""

import copy
import statistics
import time

import numpy as np
import torch

from sdaudio.codec.columns import ColumnBank
from sdaudio.codec.network import Codec
from sdaudio.prior import fit
from sdaudio.prior.budget import seconds_after
from sdaudio.training import schedule
from sdaudio.training.budget import Budget
from sdaudio.training.events import Predicted
from sdaudio.training.objective import Objective
from sdaudio.training.optimiser import make_optimiser
from sdaudio.training.snapshot import SoundCodes

# Each stage is tried for at most this share of the budget and this long.
_TRIAL_SHARE = 0.05
_TRIAL_S = 1.0
_TRIAL_STEPS = 6
_PRIOR_COLUMNS = 1500
# A judgement, not a measurement: with fewer steps a training is hardly worth the wait.
ROUGH_STEPS = 400


def predict(
    codec: Codec,
    bank: ColumnBank,
    codes: SoundCodes,
    budget: Budget,
    *,
    elapsed_s: float,
    start_s: float,
    threads: int,
) -> Predicted:
    """Try a few steps and say what the budget is good for.

    With more than one thread, one is tried too: on a busy machine it is several times quicker
    than two (measured: 4.5 steps a second against 0.7).

    Args:
        codec: with its closed-form start; not changed.
        bank: the training sounds.
        codes: of these sounds by this codec.
        budget: of seconds.
        elapsed_s: how many of them are spent.
        start_s: what the start took.
        threads: as asked for. Torch is left with those that turned out quickest.
    """
    left_s = budget.seconds - elapsed_s
    begin = budget.fraction(0, elapsed_s)
    finding = max(0.0, schedule.SETTLE_AT - begin) / max(1e-9, 1.0 - begin)
    counts = {}
    for n in sorted({1, threads}):
        torch.set_num_threads(n)
        trial_s = min(_TRIAL_S, _TRIAL_SHARE * budget.seconds)
        trial = _Trial(codec, bank, codes, trial_s)
        n_finding = finding * left_s / trial.step_s(0.0) if finding else 0.0
        n_decoding = (1.0 - finding) * left_s / trial.step_s(schedule.SETTLE_AT)
        counts[n] = round(n_finding + n_decoding)
    best = max(counts, key=lambda n: counts[n])
    torch.set_num_threads(best)
    prior_s = _prior_s(codes, codec.config.codebook_size) + seconds_after(budget.seconds)
    return Predicted(start_s, left_s, counts[best], prior_s, best)


def objection(predicted: Predicted, *, threads: int) -> str:
    """Return what a person should know about a prediction; empty when all is well.

    Args:
        predicted: as `predict` found it.
        threads: as asked for.
    """
    if predicted.steps < ROUGH_STEPS:
        minutes = predicted.training_s / 60 * ROUGH_STEPS / max(1, predicted.steps)
        return (
            f"Only about {predicted.steps} steps fit into {predicted.training_s / 60:.2g} min on "
            f"this machine as it is now, so the sound stays rough. Give it {minutes:.2g} min or "
            "more, or end what else is computing."
        )
    if predicted.threads < threads:
        return (
            f"This machine is busy: one thread is quicker now than {threads}, so training takes "
            "one."
        )
    return ""


class _Trial:
    def __init__(self, codec: Codec, bank: ColumnBank, codes: SoundCodes, seconds: float) -> None:
        self._codec, self._seconds = copy.deepcopy(codec), seconds
        self._objective = Objective(
            self._codec, bank, chance=np.random.default_rng(0), generator=torch.Generator()
        )
        self._objective.settled = codes
        self._optimiser = make_optimiser(self._codec)

    def step_s(self, fraction: float) -> float:
        """Return the seconds of a step at a place in the schedule."""
        self._step(fraction)  # the first one allocates
        times: list[float] = []
        while not times or (sum(times) < self._seconds and len(times) < _TRIAL_STEPS):
            began = time.perf_counter()
            self._step(fraction)
            times.append(time.perf_counter() - began)
        return statistics.median(times)

    def _step(self, fraction: float) -> None:
        losses = self._objective.losses(fraction)
        self._optimiser.zero_grad(set_to_none=True)
        loss = losses.spectral + losses.phase + losses.coherence + losses.commitment
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        # On a GPU nothing is done before somebody asks for a number.
        losses.spectral.item()


def _prior_s(codes: SoundCodes, codebook_size: int) -> float:
    """Extrapolate from the counts of a part; their time grows with the columns."""
    part = codes.codes[:, :_PRIOR_COLUMNS]
    began = time.perf_counter()
    fit([part], codebook_size)
    parts = codes.codes.shape[1] / part.shape[1]
    return (time.perf_counter() - began) * float(parts)
