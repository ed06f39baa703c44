"""/sda/play/compare: the original of a grid beside its reconstruction."""

from typing import Annotated

from ..context import Context
from ..registry import Results, Spec, command
from .parameters import GridName


@command("/sda/play/compare", returns="grid original gain")
async def compare(
    context: Context,
    grid: GridName,
    original: Annotated[bool, Spec("1 is the sound that was encoded, 0 is the grid")] = True,
) -> Results:
    """Hear a grid as the sound that was encoded into it, and back.

    While the grid plays or loops the two are exchanged where it is, crossfaded; otherwise at its
    next start. The original is as loud as the grid (ITU-R BS.1770): louder seems better, so nothing
    but the sound may differ. Answers the gain that took, in dB. Edits are heard when the grid is
    heard again; inserted and deleted columns bring it back at once, since the original does not fit
    any more. Subscribers hear ``/sda/play/compare <grid> <original> <gain>``.
    """
    session = context.sessions[grid]
    if not original:
        context.comparison.hear_grid(session)
        return grid, 0, 0.0
    return grid, 1, await context.comparison.hear_original(session)
