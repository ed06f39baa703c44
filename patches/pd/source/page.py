"""What help patches and examples have in common: a white page with a header, texts, a way out."""

from document import Box, Patch
from palette import ACTIVE_DARK, FIELD, QUIET, TEXT
from widgets import label, rectangle

MARGIN = 20


def header(p: Patch, name: str, summary: str) -> int:
    """Write the header across the page; return where the next thing begins."""
    rectangle(p, 1, 1, p.width - 4, 52, colour=ACTIVE_DARK)
    label(p, MARGIN, 8, name, size=20, background=ACTIVE_DARK)
    label(p, MARGIN, 34, summary, size=12, colour=TEXT, background=ACTIVE_DARK)
    return 70


def paragraph(p: Patch, x: int, y: int, text: str, width: int) -> int:
    """Write a text of so many letters a line; return where the next one begins."""
    p.at(x, y)
    box = p.comment(text, width=width)
    return y + box.height + 4


def said(p: Patch, x: int, y: int) -> int:
    """Draw a line that shows what was last sent to [sda.label $0-out]."""
    rectangle(p, x, y, 600, 22, colour=FIELD)
    label(p, x + 8, y + 4, "what it says", name="$0-out", colour=QUIET, background=FIELD)
    return y + 34


def loudspeakers(p: Patch, y: int, *, source: Box | None = None) -> int:
    """Wire a sound, or else what was thrown to $0-mix, to the loudspeakers.

    Beside it is the message that switches them on. Returns where the next thing begins.
    """
    if source is None:
        p.at(MARGIN, y)
        source = p.obj("catch~ $0-mix")
        y += 30
    p.at(MARGIN, y)
    quieter = p.obj("*~ 0.5")
    p.at(MARGIN, y + 30)
    out = p.obj("dac~ 1 2")
    source >> quieter >> out
    quieter >> out[1]
    p.at(MARGIN + 300, y)
    p.msg("; pd dsp 1")
    p.at(MARGIN + 400, y)
    p.comment("switches the sound of Pd on", width=30)
    return y + 30
