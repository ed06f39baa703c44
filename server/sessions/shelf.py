"""Grids that are kept and not open: closed ones, and those whose model is missing.

Builds a session again from what the journal has of it.
"""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from sdaudio.errors import SdaudioError, UsageError, nearest_hint
from sdaudio.grid import Grid
from sdaudio.settings import GridSettings

from ..journal import GridFacts, Journal, PartFacts
from ..library import LoadedModel
from .history import History, Part, Step
from .session import Session, why_not

logger = logging.getLogger(__name__)

KEPT_CLOSED = 64
"""Closed grids that can be opened again; older ones are forgotten."""


@dataclass(frozen=True, slots=True)
class Dormant:
    """A grid that was open and can't be, because of its model."""

    facts: GridFacts
    reason: str


class Shelf:
    """What is kept and not open.

    Args:
        journal: where everything is kept.
        settings: how much can be undone.
        find_model: returns the model of a name, or raises an SdaudioError that says why not.
    """

    def __init__(
        self,
        journal: Journal,
        settings: GridSettings,
        find_model: Callable[[str], LoadedModel],
    ) -> None:
        self._journal = journal
        self._settings = settings
        self._find_model = find_model
        self._dormant: dict[str, Dormant] = {}

    @property
    def dormant(self) -> list[Dormant]:
        """The grids whose model is missing."""
        return list(self._dormant.values())

    def new_history(self) -> History:
        """An empty history within the bounds."""
        settings = self._settings
        return History(
            max_steps=settings.undo_steps, max_bytes=int(settings.undo_megabytes * 1_000_000)
        )

    def check_free(self, name: str) -> None:
        """Check that no grid of this name waits for its model.

        Raises:
            UsageError: one does.
        """
        if name in self._dormant:
            raise UsageError(
                f"Grid '{name}' is kept, but not open: {self._dormant[name].reason}. Take another "
                f"name, or forget that one with /sda/grid/close {name}."
            )

    def load(self) -> list[Session]:
        """Build everything that was open; what has no model becomes dormant."""
        self._dormant.clear()
        ready: list[tuple[GridFacts, LoadedModel]] = []
        for facts in self._journal.grids():
            if facts.closed:
                continue
            try:
                model = self._find_model(facts.model)
                reason = why_not(facts, model)
            except SdaudioError as error:
                reason = str(error)
            if reason:
                logger.warning("grid '%s' stays closed: %s", facts.name, reason)
                self._dormant[facts.name] = Dormant(facts, reason)
            else:
                ready.append((facts, model))
        return self._build(ready)

    def wake(self, model: LoadedModel) -> list[Session]:
        """Build the dormant grids that wait for a model."""
        waiting = [each.facts for each in self.dormant if each.facts.model == model.name]
        fitting = [facts for facts in waiting if not why_not(facts, model)]
        for facts in fitting:
            del self._dormant[facts.name]
        return self._build([(facts, model) for facts in fitting])

    def forget(self, name: str) -> bool:
        """Forget a dormant grid for good; whether there was one of this name."""
        dormant = self._dormant.pop(name, None)
        if dormant:
            self._journal.forget_grid(dormant.facts.number)
        return dormant is not None

    def put_away(self, session: Session) -> None:
        """Keep a session that is being closed, instead of an older one of its name."""
        for part in [*session.history.done, *session.history.undone]:
            self._separate(part)
        closed = self.closed()
        older = [facts for facts in closed if facts.name == session.name]
        rest = [facts for facts in closed if facts.name != session.name]
        for facts in [*older, *rest[: max(0, len(rest) + 1 - KEPT_CLOSED)]]:
            self._journal.forget_grid(facts.number)
        self._journal.note_grid(session.facts(closed=time.time()))

    def closed(self) -> list[GridFacts]:
        """The grids that can be opened again, the latest closed last."""
        closed = [facts for facts in self._journal.grids() if facts.closed]
        return sorted(closed, key=lambda facts: facts.closed)

    def take_back(self, name: str) -> Session:
        """Build a closed grid again.

        Raises:
            UsageError: none of this name was closed.
            SdaudioError: its model is missing, or is another one now.
        """
        closed = {facts.name: facts for facts in self.closed()}
        if name not in closed:
            hint = nearest_hint(name[:80], closed)
            names = ", ".join(closed) or "none"
            raise UsageError(f"No grid '{name[:80]}' was closed.{hint} Closed grids: {names}.")
        model = self._find_model(closed[name].model)
        reason = why_not(closed[name], model)
        if reason:
            raise UsageError(f"Grid '{name}' cannot be opened again: {reason}.")
        facts = replace(closed[name], closed=0.0)
        self._journal.note_grid(facts)
        return self._build([(facts, model)])[0]

    def _build(self, ready: Iterable[tuple[GridFacts, LoadedModel]]) -> list[Session]:
        kept: dict[int, list[PartFacts]] = {}
        for part in self._journal.parts():
            kept.setdefault(part.grid, []).append(part)
        steps: dict[int, Step] = {}
        sessions = []
        for facts, model in ready:
            try:
                sessions.append(self._session(facts, model, kept.get(facts.number, []), steps))
            except SdaudioError as error:
                logger.error("grid '%s' cannot be opened: %s", facts.name, error)
                self._dormant[facts.name] = Dormant(facts, str(error))
        # What is open is undone without what is not, which then can't follow it any more.
        for dormant in self.dormant:
            for part in kept.get(dormant.facts.number, []):
                self._journal.note_step(part.number, part.number)
        return sessions

    def _separate(self, part: Part) -> None:
        is_shared = len(part.step.parts) > 1
        # also alone, or a gesture would go on in a grid that is closed
        part.leave()
        if is_shared:
            self._journal.note_step(part.number, part.step.number)

    def _session(
        self,
        facts: GridFacts,
        model: LoadedModel,
        kept: list[PartFacts],
        steps: dict[int, Step],
    ) -> Session:
        grid = Grid(self._journal.codes(facts), facts.codebook_size)
        grid.revision = facts.revision
        parts = [
            Part(part.number, part.grid, part.n_bytes, steps.setdefault(part.step, Step(part.step)))
            for part in kept
        ]
        history = self.new_history()
        history.restore(parts, n_undone=sum(part.undone for part in kept))
        return Session(
            number=facts.number,
            name=facts.name,
            model=model,
            grid=grid,
            history=history,
            labels=list(facts.labels),
            sound=facts.sound,
            seed=facts.seed,
            muted=set(facts.muted),
            soloed=set(facts.soloed),
            blends=self._journal.blends(facts.number),
            replaced=self._journal.replaced(facts),
        )
