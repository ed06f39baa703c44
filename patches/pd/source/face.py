"""sdaudio.pd: the window."""

from document import Patch

WIDTH, HEIGHT = 1276, 745


def face() -> Patch:
    """Return the patch that a person opens."""
    p = Patch(WIDTH, HEIGHT)
    p.at(8, 8)
    p.obj("sda.client $0")
    p.at(8, 66)
    p.obj("sda.grid $0 0 0")
    p.at(8, 240)
    p.obj("sda.grid $0 0 1")
    return p
