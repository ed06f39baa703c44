"""Playback in a process of its own: it only copies and adds, so that nothing else can disturb it.

It knows samples and voices, not grids or codes. Importing this package loads no audio library;
the playback process does, when it opens a sound card.
"""

from .devices import list_devices
from .handle import SPEED_RANGE, Playback
from .messages import PlaybackInfo

__all__ = ["SPEED_RANGE", "Playback", "PlaybackInfo", "list_devices"]
