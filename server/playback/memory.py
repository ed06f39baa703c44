"""Sounds and the state of playback in shared memory, without leaving any behind.

The daemon makes every block and the playback process attaches it; as soon as that is told, the
daemon removes the block's name, and its memory goes when both have let go of it. So a name lives
for milliseconds, and nothing stays behind even when both processes are killed.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory

import numpy as np
from numpy.typing import NDArray

from .readers import GUARD, Samples

MAX_VOICES = 256

# Places of the header of the state block, int64 each; the voices follow.
BLOCKS = 0
"""Blocks mixed so far: the heartbeat."""
MISSED = 1
"""Blocks that came too late."""
TIME_NS = 2
"""When the next block is due, in monotonic nanoseconds: the time of all positions."""
HEADER = 8

# Places of a voice.
POSITION = 0
"""The sample it plays next, or -1."""
REACHED = 1
"""Number of the last command to play or stop that was carried out."""
PATCHED = 2
"""Number of the last patch that was carried out."""
VOICE = 3

STATE_LENGTH = HEADER + VOICE * MAX_VOICES


class _Block(SharedMemory):
    """A block that may be dropped while a thread still looks into it: it goes when that is done."""

    def __del__(self) -> None:
        with suppress(BufferError):
            self.close()


def create(n_bytes: int) -> SharedMemory:
    """Make a block of zeros. The maker unlinks it."""
    return _Block(create=True, size=n_bytes)


def attach(name: str) -> SharedMemory:
    """Open a block that another process made and will unlink."""
    if sys.version_info >= (3, 13):
        return SharedMemory(name, track=False)
    with _untracked():
        return SharedMemory(name)


def close(block: SharedMemory) -> bool:
    """Close a block here; False if somebody still looks into it."""
    try:
        block.close()
    except BufferError:
        return False
    return True


def state(block: SharedMemory) -> NDArray[np.int64]:
    """Return the state block as int64: the header, then `VOICE` places for each voice."""
    # frombuffer, not ndarray: only with it does closing a block that is still read raise an error
    # instead of pulling the memory away.
    assert block.buf is not None
    return np.frombuffer(block.buf, dtype=np.int64, count=STATE_LENGTH)


def sound_bytes(length: int) -> int:
    """Return the size of the block for a sound with its guards."""
    return 4 * (length + 2 * GUARD)


def guarded_samples(block: SharedMemory, length: int) -> Samples:
    """Return the sound in a block with its guards, float32."""
    assert block.buf is not None
    return np.frombuffer(block.buf, dtype=np.float32, count=length + 2 * GUARD)


def samples(block: SharedMemory, length: int) -> Samples:
    """Return the sound in a block, (sample,) float32."""
    return guarded_samples(block, length)[GUARD : GUARD + length]


@contextmanager
def _untracked() -> Iterator[None]:
    # Before Python 3.13 attaching registers the block a second time, and when the maker has
    # unlinked it meanwhile the tracker complains at the end of a leak that is none.
    register = resource_tracker.register
    resource_tracker.register = lambda name, rtype: None
    try:
        yield
    finally:
        resource_tracker.register = register
