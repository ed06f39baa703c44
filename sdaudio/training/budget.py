"""How long a training lasts: seconds or steps, from the beginning or from somewhere within."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """A stretch of the schedule and what may be spent on it.

    The schedule runs from ``first_fraction`` (0 for a new training) to 1 while ``seconds`` of wall
    time pass, or, where ``steps`` is given, while that many steps are made from ``first_step`` on.
    """

    seconds: float
    steps: int | None = None
    first_fraction: float = 0.0
    first_step: int = 0

    def share(self, step: int, elapsed_s: float) -> float:
        """Return how much is spent after ``step`` steps and ``elapsed_s`` seconds, 0 to 1."""
        if self.steps is None:
            return min(1.0, elapsed_s / self.seconds)
        return min(1.0, (step - self.first_step) / self.steps) if self.steps else 1.0

    def fraction(self, step: int, elapsed_s: float) -> float:
        """Return the place in the schedule, ``first_fraction`` to 1."""
        return self.first_fraction + (1.0 - self.first_fraction) * self.share(step, elapsed_s)

    def left_s(self, step: int, elapsed_s: float, *, steps_per_s: float) -> float:
        """Return the seconds that are left, 0 when nobody can know."""
        if self.steps is None:
            return max(0.0, self.seconds - elapsed_s)
        left = self.first_step + self.steps - step
        return left / steps_per_s if steps_per_s else 0.0
