"""The face of sda.train."""

from document import Patch
from palette import ACTIVE_DARK, FIELD, PANEL, QUIET
from widgets import button, caption, field, label, light, panel, rectangle

WIDTH, HEIGHT = 420, 300
PRESETS = ("draft", "standard", "best")
MAX_LEVELS = 4
CELLS = 32
CELL_WIDTH, CELL_HEIGHT = 12, 11
UTILISATION_WIDTH = 60
LEVELS_Y, LEVEL_PITCH = 142, 27


def draw_face(p: Patch) -> None:
    """Draw everything that is seen of a training."""
    panel(p, 10, 10, WIDTH, HEIGHT, "train")
    button(p, 80, 15, 80, "folder ...", "$0-choose-folder", size=11)
    label(p, 168, 16, "no folder chosen yet", name="$0-folder-shown", size=12)

    caption(p, 20, 41, "name")
    field(p, 56, 39, 120, "$0-name-field", size=11)
    x = 184
    for width, preset in zip((60, 80, 60), PRESETS, strict=True):
        button(p, x, 39, width, preset, f"$0-preset-{preset}", name=f"$0-preset-{preset}-face",
               size=11)  # fmt: skip
        x += width + 2
    caption(p, 394, 41, "or")

    caption(p, 20, 65, "minutes")
    field(p, 76, 63, 40, "$0-minutes-field", size=11)
    caption(p, 128, 65, "levels")
    for place, n_levels in enumerate((2, 3, 4)):
        button(p, 174 + 22 * place, 63, 20, str(n_levels), f"$0-levels-{n_levels}",
               name=f"$0-levels-{n_levels}-face", size=11)  # fmt: skip
    caption(p, 250, 65, "commitment weight")
    field(p, 378, 63, 40, "$0-commitment-field", text="auto", size=11)

    x = 20
    for width, name in ((60, "check"), (80, "start"), (60, "stop"), (80, "resume")):
        button(p, x, 88, width, name, f"$0-{name}-pressed", size=11,
               colour=ACTIVE_DARK if name == "start" else FIELD)  # fmt: skip
        x += width + 6
    button(p, x, 88, 100, "add to chosen", "$0-add-pressed", size=11, colour=FIELD)
    label(p, 20, 111, "", name="$0-note-0", size=10, colour=QUIET)
    label(p, 20, 124, "", name="$0-note-1", size=10, colour=QUIET)

    for level in range(MAX_LEVELS):
        y = LEVELS_Y + level * LEVEL_PITCH
        light(p, 20, y + 3, f"$0-light-{level}", colour=PANEL, size=9)
        label(p, 36, y, "", name=f"$0-name-{level}", size=11)
        rectangle(
            p, 112, y + 3, UTILISATION_WIDTH, 10, colour=PANEL, name=f"$0-trough-{level}"
        )  # fmt: skip
        rectangle(p, 112, y + 3, 1, 10, colour=PANEL, name=f"$0-used-{level}")
        label(p, 180, y, "", name=f"$0-numbers-{level}", size=11, colour=QUIET)
        label(p, 36, y + 13, "", name=f"$0-sentence-{level}", size=10, colour=QUIET)

    y = LEVELS_Y + MAX_LEVELS * LEVEL_PITCH + 4
    for level in range(MAX_LEVELS):
        for cell in range(CELLS):
            p.at(20 + cell * CELL_WIDTH, y + level * CELL_HEIGHT)
            p.obj(
                f"cnv 1 {CELL_WIDTH - 1} {CELL_HEIGHT - 2} empty $0-heat-{level}-{cell} empty "
                f"0 0 0 8 {PANEL} {PANEL} 0"
            )
