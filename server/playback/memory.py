"""Sounds and the state of playback in shared memory, without leaving any behind.

The daemon makes every block and the playback process attaches it; as soon as that is told, the
daemon removes the block's name, and its memory goes when both have let go of it. So a name lives
for milliseconds, and nothing stays behind even when both processes are killed.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory

import numpy as np
from numpy.typing import NDArray

from .readers import GUARD, Samples

MAX_VOICES = 256

# Places of the header of the state block, int64 each; voices follow, two places a voice.
BLOCKS = 0
"""Blocks mixed so far: the heartbeat."""
MISSED = 1
"""Blocks that came too late."""
HEADER = 8

STATE_LENGTH = HEADER + 2 * MAX_VOICES


def create(n_bytes: int) -> SharedMemory:
    """Make a block of zeros. The maker unlinks it."""
    return SharedMemory(create=True, size=n_bytes)


def attach(name: str) -> SharedMemory:
    """Open a block that another process made and will unlink."""
    if sys.version_info >= (3, 13):
        return SharedMemory(name, track=False)
    with _untracked():
        return SharedMemory(name)


def state(block: SharedMemory) -> NDArray[np.int64]:
    """Return the state block as int64: the header, then (position, command number) a voice."""
    # frombuffer, not ndarray: only with it does closing a block that is still read raise an error
    # instead of pulling the memory away.
    assert block.buf is not None
    return np.frombuffer(block.buf, dtype=np.int64, count=STATE_LENGTH)


def sound_bytes(length: int) -> int:
    """Return the size of the block for a sound: itself with its guards, and room to stage."""
    return 4 * (2 * length + 2 * GUARD)


def live(block: SharedMemory, length: int) -> Samples:
    """Return the part of a sound's block that is played, float32 with its guards."""
    assert block.buf is not None
    return np.frombuffer(block.buf, dtype=np.float32, count=length + 2 * GUARD)


def staged(block: SharedMemory, length: int) -> Samples:
    """Return the part of a sound's block where patches wait to be taken over, float32."""
    assert block.buf is not None
    return np.frombuffer(block.buf, dtype=np.float32, count=length, offset=4 * (length + 2 * GUARD))


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
