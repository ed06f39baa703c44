"""What the daemon and the playback process tell each other over their pipe."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlaybackInfo:
    """Where playback goes.

    ``sample_rate`` is that of the device. ``silent`` says that nothing can be heard and positions
    merely advance in time; ``reason`` then says why, and is empty otherwise.
    """

    device: str
    sample_rate: int
    silent: bool
    reason: str


@dataclass(frozen=True, slots=True)
class SetSound:
    """Give a voice the sound in a shared block of memory; ``number`` is told back."""

    number: int
    voice: int
    block: str
    length: int
    sample_rate: int


@dataclass(frozen=True, slots=True)
class OneShot:
    """Play the sound in a shared block of memory once; ``number`` is told back."""

    number: int
    block: str
    length: int
    sample_rate: int
    gain: float


@dataclass(frozen=True, slots=True)
class RemoveSound:
    """Fade a voice out and let go of its sound."""

    voice: int


@dataclass(frozen=True, slots=True)
class Patch:
    """Take over what is staged in a voice's block, ``first_sample`` up to ``stop_sample``."""

    voice: int
    first_sample: int
    stop_sample: int


@dataclass(frozen=True, slots=True)
class Play:
    """Start a voice; ``number`` appears in the state block when it has started."""

    number: int
    voice: int
    start_sample: int
    stop_sample: int | None
    loop: bool
    gain: float


@dataclass(frozen=True, slots=True)
class Stop:
    """Fade a voice out; ``number`` appears in the state block when that has begun."""

    number: int
    voice: int


@dataclass(frozen=True, slots=True)
class StopAll:
    """Fade out everything; ``number`` appears for every voice."""

    number: int


@dataclass(frozen=True, slots=True)
class SetGain:
    """Move the master gain to a factor."""

    gain: float


@dataclass(frozen=True, slots=True)
class End:
    """End the process."""


Command = SetSound | OneShot | RemoveSound | Patch | Play | Stop | StopAll | SetGain | End


@dataclass(frozen=True, slots=True)
class Attached:
    """The block of the command with this number is open; its name can go."""

    number: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A command could not be carried out: a bug, with its traceback as text."""

    text: str


Report = PlaybackInfo | Attached | Failure
