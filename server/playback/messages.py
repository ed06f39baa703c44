"""What the daemon and the playback process tell each other over their pipe."""

from dataclasses import dataclass

from .readers import Samples


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
class Card:
    """The sound card to open: ``device`` is part of a name, a number, or empty for the default.

    ``sample_rate`` is in Hz, ``block_length`` in frames. The sound is mono: it comes from the first
    two channels, or from all the card has.
    """

    device: str
    sample_rate: int
    block_length: int
    all_channels: bool = False
    search_s: float = 0.0
    """Seconds between two looks for it while it is missing; 0 looks never."""


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
    """Play the sound in a shared block of memory once; ``number`` is told back.

    ``at_s`` is when, in monotonic time; None is at once.
    """

    number: int
    block: str
    length: int
    sample_rate: int
    gain: float
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class RemoveSound:
    """Fade a voice out and let go of its sound."""

    voice: int


@dataclass(frozen=True, slots=True)
class Patch:
    """Overwrite part of a voice's sound; ``number`` appears in the state block when it is done."""

    number: int
    voice: int
    first_sample: int
    audio: Samples


@dataclass(frozen=True, slots=True)
class Play:
    """Start a voice; ``number`` appears in the state block when it has started.

    ``offset`` is how far behind ``start_sample`` it begins.
    ``at_s`` is when, in monotonic time; None is at once. See `mixer.Start` for the rest.
    """

    number: int
    voice: int
    start_sample: int
    stop_sample: int | None
    loop: bool
    gain: float
    fade_s: float = 0.0
    in_phase: bool = False
    offset: int = 0
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class HandOver:
    """Let voice ``other`` go on where ``voice`` is; ``number`` appears for both."""

    number: int
    voice: int
    other: int


@dataclass(frozen=True, slots=True)
class Scrub:
    """Play grains around a sample for a while; ``number`` appears when that has begun."""

    number: int
    voice: int
    position: int
    hold_s: float
    gain: float


@dataclass(frozen=True, slots=True)
class SetVoice:
    """Move a voice's own gain, a factor, and its speed, a ratio."""

    voice: int
    gain: float
    speed: float


@dataclass(frozen=True, slots=True)
class Stop:
    """Fade a voice out; ``number`` appears in the state block when that has begun."""

    number: int
    voice: int
    fade_s: float = 0.0
    at_s: float | None = None


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


Command = (
    SetSound
    | OneShot
    | RemoveSound
    | Patch
    | Play
    | HandOver
    | Scrub
    | SetVoice
    | Stop
    | StopAll
    | SetGain
    | End
)


@dataclass(frozen=True, slots=True)
class Attached:
    """The block of the command with this number is open; its name can go."""

    number: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A command could not be carried out: a bug, with its traceback as text."""

    text: str


@dataclass(frozen=True, slots=True)
class DeviceFound:
    """The device that was missing is there; another process may open it."""


Report = PlaybackInfo | Attached | Failure | DeviceFound
