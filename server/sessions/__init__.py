"""Open grids: their codes, their history, their labels, and what is blended in them just now.

Every edit goes through `Sessions.edit`, whoever asks for it and whatever makes it, so that undo,
events, rendering and the journal see all of them. This room renders nothing and plays nothing; it
tells a listener what changed.
"""

from .history import History, Part
from .session import (
    CODES_PER_MESSAGE,
    Announcer,
    Edit,
    Session,
    blend_state,
    holds,
    render_span,
    state_of,
)
from .steps import MAX_ANNOUNCED_CODES
from .table import Sessions

__all__ = [
    "CODES_PER_MESSAGE",
    "MAX_ANNOUNCED_CODES",
    "Announcer",
    "Edit",
    "History",
    "Part",
    "Session",
    "Sessions",
    "blend_state",
    "holds",
    "render_span",
    "state_of",
]
