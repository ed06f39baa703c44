"""One playback process from its start to its end: its pipe, its state block, its memory.

`handle` decides what to say; this only carries it. Except for `Link.open` and `Link.close` nothing
here waits, and the caller sees to it that one thread at a time is inside. A thread of its own
writes into the pipe, since that of a process that has stopped is full soon.
"""

import logging
import multiprocessing
import queue
import threading
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.shared_memory import SharedMemory

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import DeviceError

from . import memory, process
from .messages import Attached, Card, Command, DeviceFound, End, Failure, PlaybackInfo, Report

logger = logging.getLogger(__name__)

_READY_S = 15.0
_END_S = 4.0


class Link:
    """A running playback process. Make it with `open`."""

    def __init__(
        self, running: BaseProcess, connection: Connection, state_block: SharedMemory
    ) -> None:
        self.process = running
        self.info = PlaybackInfo("none", 0, silent=True, reason="")
        self.device_found = False
        """Whether the device that was missing is there."""
        self._connection = connection
        self._outgoing: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._writing = threading.Thread(target=self._write, name="playback-writer", daemon=True)
        self._broken = ""
        self._state_block = state_block
        # Blocks whose names live until the process has opened them, by command number, and
        # whether their memory is wanted after that.
        self._unopened: dict[int, tuple[SharedMemory, bool]] = {}

    @classmethod
    def open(cls, card: Card) -> "Link":
        """Start a process and wait until it knows its output.

        Raises:
            DeviceError: the process does not start.
        """
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        block = memory.create(8 * memory.STATE_LENGTH)
        running = context.Process(
            target=process.main,
            args=(theirs,),
            kwargs={"state_name": block.name, "card": card},
            name="sdaudio playback",
            daemon=True,
        )
        link = cls(running, ours, block)
        try:
            running.start()
            theirs.close()
            link._writing.start()
            if not ours.poll(_READY_S):
                raise DeviceError(f"The playback process did not answer within {_READY_S:g} s.")
            link._take(ours.recv())
        except (OSError, EOFError, DeviceError) as error:
            link.close()
            raise DeviceError(f"The playback process cannot be started: {error}") from error
        finally:
            # The process has opened it or never will.
            block.unlink()
        return link

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self.process.is_alive()

    @property
    def state(self) -> NDArray[np.int64]:
        """The state block as it is now, see `memory.state`. Do not keep it."""
        return memory.state(self._state_block)

    def send(self, command: Command) -> None:
        """Say something to the process.

        Raises:
            DeviceError: the process has ended.
        """
        if self._broken:
            raise DeviceError(f"The playback process has ended: {self._broken}")
        self._outgoing.put(command)

    def try_to_send(self, command: Command) -> None:
        """Say something that is said again to the next process if this one has ended."""
        with suppress(DeviceError):
            self.send(command)

    def lend(self, block: SharedMemory, number: int, *, keep: bool) -> None:
        """Let a block's name live until the process has opened it with command ``number``.

        Args:
            block: that a command names.
            number: of the command that names the block.
            keep: whether the block stays open here then, until `let_go`.
        """
        self._unopened[number] = (block, keep)

    def let_go(self, block: SharedMemory) -> bool:
        """Leave it to the link to close a block when the process has opened it.

        Returns:
            Whether there is anything to leave: a block that is open there can be closed at once.
        """
        for number, (unopened, _) in self._unopened.items():
            if unopened is block:
                self._unopened[number] = (block, False)
                return True
        return False

    def listen(self) -> None:
        """Take in what the process has said meanwhile."""
        try:
            while self._connection.poll():
                self._take(self._connection.recv())
        except (EOFError, OSError):
            logger.debug("the playback process has closed its pipe")

    def close(self) -> None:
        """End the process and free its memory."""
        if self.process.pid is not None:
            self._outgoing.put(End())
            self.process.join(_END_S)
            if self.process.is_alive():
                logger.warning("the playback process does not end, it is killed")
                self.process.kill()
                self.process.join()
            self.listen()
            self._outgoing.put(None)
            self._writing.join(_END_S)
        self._connection.close()
        for block, keep in self._unopened.values():
            block.unlink()
            if not keep:
                memory.close(block)
        self._unopened.clear()
        memory.close(self._state_block)

    def kill(self) -> None:
        """End a process that gives no sign of life; it counts as lost then."""
        self.process.kill()

    def _write(self) -> None:
        while (command := self._outgoing.get()) is not None:
            if self._broken:
                continue
            try:
                self._connection.send(command)
            except OSError as error:
                self._broken = str(error)

    def _take(self, report: Report) -> None:
        match report:
            case Attached(number):
                block, keep = self._unopened.pop(number)
                block.unlink()
                if not keep:
                    memory.close(block)
            case PlaybackInfo():
                # No card at the start is an answer to the caller; a card that is lost is news.
                level = logging.INFO if self.info.silent else logging.WARNING
                self.info = report
                if report.reason:
                    logger.log(level, "playback is silent: %s", report.reason)
            case DeviceFound():
                self.device_found = True
            case Failure(text):
                logger.error("playback failed to carry out a command:\n%s", text)
