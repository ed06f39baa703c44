"""Renders of grids into sound files: what to write, and writing it again after edits.

A file that is followed is written anew shortly after each burst of edits, so that a sampler that
looks at it has the grid as it is. Edits that come while it is written are in the next one. The
render itself is a request like any other, and runs in the render lane.
"""

import asyncio
import functools
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from sdaudio.errors import SdaudioError, StateError
from sdaudio.grid import Region
from sdaudio.tasks.requests import Request
from sdaudio.tasks.sounds import Export, Exported, Origin, SoundForm

from .clients import Clients
from .jobs import Cancelled, CancelToken, Lanes
from .sessions import Session
from .wire import Message, Peer

logger = logging.getLogger(__name__)

SETTLE_S = 0.15
"""How long nothing must be edited before a file is written again."""
PATIENCE_S = 1.0
"""How long it waits for that at the most."""
MAX_FOLLOWED = 64

Run = Callable[[Request], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Render:
    """What to write where: columns of a grid, ``columns`` 0 for all to its end."""

    session: Session
    target: Path
    start: int
    columns: int
    form: SoundForm

    async def write(self, run: Run) -> Exported:
        """Write the file from the codes as they are now.

        Args:
            run: carries the request out.

        Raises:
            SdaudioError: it cannot be rendered or written.
        """
        exported = await run(self.request())
        if not isinstance(exported, Exported):
            raise TypeError(f"a render was answered with {exported!r}")
        return exported

    def request(self) -> Export:
        """The request for a worker, with the codes as they are now.

        Raises:
            UsageError: the columns do not lie inside the grid.
        """
        session, grid = self.session, self.session.grid
        columns = self.columns or max(1, grid.n_columns - self.start)
        grid.check_region(Region(0, grid.n_levels, self.start, columns))
        return Export(
            session.model.path,
            grid.codes.copy(),
            session.active_levels,
            self.start,
            self.start + columns,
            self.target,
            self.form,
            Origin(session.name, grid.revision, session.seed),
        )


@dataclass(eq=False, slots=True)
class _Follower:
    """A file that is written again; ``peer`` asked for it."""

    render: Render
    peer: Peer
    edited_at: float = 0.0
    edited: asyncio.Event = field(default_factory=asyncio.Event)
    token: CancelToken = field(default_factory=CancelToken)
    task: asyncio.Task[None] | None = None

    def end(self) -> None:
        # the worker too: it would write the file once more
        self.token.cancel()
        if self.task:
            self.task.cancel()


class Following:
    """The files that follow their grids.

    Args:
        lanes: where renders run.
        clients: who hears about every file that is complete.
        clock: seconds that only grow.
        sleep: waits for some seconds of that clock.
    """

    def __init__(
        self,
        lanes: Lanes,
        clients: Clients,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._lanes = lanes
        self._clients = clients
        self._clock = clock
        self._sleep = sleep
        self._followers: dict[Path, _Follower] = {}

    @property
    def renders(self) -> list[Render]:
        """What is written again after edits."""
        return [follower.render for follower in self._followers.values()]

    async def follow(self, render: Render, peer: Peer, run: Run) -> Exported:
        """Write a file now, and again after every burst of edits.

        Args:
            render: what to write; the same grid may have followed into this file in another way.
            peer: who is told, besides the subscribers.
            run: carries the first request out.

        Raises:
            StateError: another grid follows into this file, or too many files are followed.
            SdaudioError: the file cannot be written; then all stays as it was.
        """
        before = self._followers.get(render.target)
        if before and before.render.session is not render.session:
            raise StateError(
                f"Grid '{before.render.session.name}' is followed into '{render.target}'. End that "
                "with /sda/grid/unfollow, or take another file."
            )
        if before is None and len(self._followers) >= MAX_FOLLOWED:
            raise StateError(
                f"{MAX_FOLLOWED} files are followed, the most allowed. End one with "
                "/sda/grid/unfollow."
            )
        follower = self._followers[render.target] = _Follower(render, peer)
        try:
            exported = await self._write(follower, run)
        except BaseException:
            if self._is_wanted(follower):
                del self._followers[render.target]
                if before:
                    self._followers[render.target] = before
                    before.edited.set()
            raise
        if before:
            before.end()
        if self._is_wanted(follower):
            follower.task = asyncio.get_running_loop().create_task(self._follow(follower))
        return exported

    def unfollow(self, session: Session, target: Path | None = None) -> int:
        """Leave the files of a grid as they are, or one of them; returns how many.

        Raises:
            StateError: the grid is not followed into this file.
        """
        ended = [
            follower.render.target
            for follower in self._followers.values()
            if follower.render.session is session and target in (None, follower.render.target)
        ]
        if target and not ended:
            raise StateError(
                f"Grid '{session.name}' is not followed into '{target}'; /sda/grid/follows lists "
                "what is."
            )
        for path in ended:
            self._followers.pop(path).end()
        return len(ended)

    def changed(self, session: Session) -> None:
        """Note that a grid sounds different now."""
        for follower in self._followers.values():
            if follower.render.session is session:
                follower.edited_at = self._clock()
                follower.edited.set()

    def model_changed(self, name: str) -> None:
        """Note that every grid of a model sounds different now."""
        for session in {follower.render.session for follower in self._followers.values()}:
            if session.model.name == name:
                self.changed(session)

    async def close(self) -> None:
        """Follow nothing any more."""
        tasks = [follower.task for follower in self._followers.values() if follower.task]
        for follower in self._followers.values():
            follower.end()
        self._followers.clear()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _is_wanted(self, follower: _Follower) -> bool:
        return self._followers.get(follower.render.target) is follower

    async def _follow(self, follower: _Follower) -> None:
        rested_at = 0.0
        while True:
            await follower.edited.wait()
            await self._wait_for_quiet(follower, rested_at)
            follower.edited.clear()
            started = self._clock()
            try:
                await self._write(
                    follower, functools.partial(self._lanes.run, token=follower.token)
                )
            except Cancelled:
                return
            except SdaudioError as error:
                logger.warning("cannot write '%s' again: %s", follower.render.target, error)
                self._clients.tell(
                    follower.peer, "/sda/fail", "/sda/grid/follow", error.code, str(error)
                )
            # a long grid that is edited without a pause must not keep the worker busy all the time
            rested_at = 2 * self._clock() - started

    async def _wait_for_quiet(self, follower: _Follower, rested_at: float) -> None:
        at_last = self._clock() + PATIENCE_S
        while True:
            quiet_at = min(follower.edited_at + SETTLE_S, at_last)
            left_s = max(quiet_at, rested_at) - self._clock()
            if left_s <= 0.0:
                return
            await self._sleep(left_s)

    async def _write(self, follower: _Follower, run: Run) -> Exported:
        revision = follower.render.session.grid.revision
        exported = await follower.render.write(run)
        self._clients.tell_and_announce(
            follower.peer,
            Message(
                "/sda/grid/rendered",
                (
                    follower.render.session.name, str(exported.path), revision, exported.frames,
                    exported.sample_rate, exported.peak,
                ),
            ),
        )  # fmt: skip
        return exported
