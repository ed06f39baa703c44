"""What command handlers are given: the parts of the running daemon."""

import asyncio
from dataclasses import dataclass, field

from sdaudio.settings import Settings

from .clients import Clients
from .comparison import Comparison
from .descriptors import Descriptors
from .jobs import JobTable, Lanes
from .library import Library
from .listening import Listeners
from .midi import MidiDesk
from .network import Network
from .registry import Registry
from .rendering import Rendering
from .renders import Following
from .sessions import Sessions
from .state import State
from .takes import Takes
from .templates import Templates
from .transport import Transport

PROTOCOL_VERSION = 1


@dataclass(slots=True)
class Context:
    """The daemon as handlers see it. ``port`` is the OSC port; ``started_at`` is monotonic."""

    settings: Settings
    registry: Registry
    clients: Clients
    library: Library
    sessions: Sessions
    templates: Templates
    takes: Takes
    descriptors: Descriptors
    lanes: Lanes
    jobs: JobTable
    rendering: Rendering
    following: Following
    transport: Transport
    comparison: Comparison
    network: Network
    state: State
    listeners: Listeners
    midi: MidiDesk
    started_at: float
    port: int = 0
    http_port: int = 0
    """0 when nothing listens there."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
