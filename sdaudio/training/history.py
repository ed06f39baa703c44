"""How the losses went: means over the last steps, and a curve of a few hundred points."""

import dataclasses
import math
from collections.abc import Iterable

from sdaudio.header import LossPoint
from sdaudio.training.checkpoint import State
from sdaudio.training.objective import Losses

_POINTS = 200
_SMOOTHING = 0.98


class History:
    """Exponential means of the losses over about 50 steps, and points of their curve.

    Args:
        points: the curve of an earlier training that goes on.
        first_fraction: where in the schedule this training begins.
    """

    def __init__(self, points: Iterable[LossPoint] = (), *, first_fraction: float = 0.0) -> None:
        self.spectral = self.phase = self.commitment = 0.0
        self.points = list(points)
        self._n_added = 0
        self._n_due = math.floor(first_fraction * _POINTS)

    def add(self, losses: Losses) -> None:
        """Take in the losses of a step."""
        self._n_added += 1
        share = max(1.0 - _SMOOTHING, 1.0 / self._n_added)
        self.spectral += share * (losses.spectral.item() - self.spectral)
        self.phase += share * (losses.phase.item() - self.phase)
        self.commitment += share * (losses.commitment.item() - self.commitment)

    def remember(self, step: int, *, fraction: float, elapsed_s: float) -> None:
        """Add a point to the curve when one is due; a whole schedule makes about 200."""
        if self._n_due <= min(_POINTS, math.floor(fraction * _POINTS)):
            self._n_due += 1
            means = (self.spectral, self.phase, self.commitment)
            self.points.append(LossPoint(step, elapsed_s, *means))

    def state(self) -> State:
        """Return the means and the points."""
        means = {"spectral": self.spectral, "phase": self.phase, "commitment": self.commitment}
        counts = {"n_added": self._n_added, "n_due": self._n_due}
        return State(
            {**means, **counts, "points": [dataclasses.astuple(point) for point in self.points]}
        )

    def restore(self, state: State) -> None:
        """Take back what `state` gave."""
        values = state.values
        self.spectral, self.phase = values["spectral"], values["phase"]
        self.commitment = values["commitment"]
        self._n_added, self._n_due = values["n_added"], values["n_due"]
        self.points = [LossPoint(*point) for point in values["points"]]
