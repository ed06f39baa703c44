"""sda.grid: one track, a grid of codes that is seen, heard and edited."""

from document import Graph, Patch
from grid_cells import grid_cells
from grid_do import grid_do
from grid_face import draw_face
from grid_hand import grid_hand
from grid_keys import grid_keys
from grid_list import grid_list
from grid_marks import grid_marks
from grid_status import grid_status
from grid_view import grid_view
from hands import hot_scalars, hot_template
from layout import FACE_HEIGHT, FACE_WIDTH, FACE_X, FACE_Y, ROW_HEIGHT, RULER_HEIGHT

BANGS = (
    "play", "stop", "undo", "redo", "copy", "cut", "paste", "clear", "brighter", "darker",
    "previous", "next", "zoom-in", "zoom-out", "zoom-fit", "open", "follow", "deselect",
)  # fmt: skip
VALUES = {
    "show": "show", "open-file": "open-file", "scroll": "scroll", "zoom": "zoom-to",
    "keys": "keys", "select": "region", "cursor": "cursor",
}  # fmt: skip
NAMES = ("show", "open-file")


def grid() -> Patch:
    """Return the abstraction of one track."""
    p = Patch(1300, 700, graph=Graph(FACE_WIDTH, FACE_HEIGHT, FACE_X, FACE_Y))
    draw_face(p)
    p.at(20, 200)
    p.comment(
        "sda.grid CLIENT GRID PLACE: one grid of codes, to see, hear and edit. Arguments: the name "
        "of an sda.client, the grid to show at first (or 0), which of the open ones otherwise. In: "
        "'show NAME', 'open-file PATH', 'scroll COLUMN', 'zoom N', 'select LEVEL LEVELS COLUMN "
        "COLUMNS', 'cursor LEVEL COLUMN', 'keys 0', and the names of the buttons (play stop undo "
        "redo copy cut paste clear brighter darker previous next zoom-in zoom-out zoom-fit open "
        "follow deselect). Out: 'grid NAME', 'model NAME', 'cursor LEVEL COLUMN', 'region LEVEL "
        "LEVELS COLUMN COLUMNS', 'playing 1'. Inside, names that begin with $0- connect the parts.",
        width=150,
    )
    p.group("messages in")
    words = p.obj("route " + " ".join([*BANGS, *VALUES]))
    p.obj("inlet") >> words
    for outlet, name in enumerate(BANGS):
        words[outlet] >> p.obj("t b") >> p.obj(f"s $0-{name}")
    for outlet, target in enumerate(VALUES.values(), start=len(BANGS)):
        value = words[outlet] >> p.obj("symbol") if target in NAMES else words[outlet]
        value >> p.obj(f"s $0-{target}")
    p.group("messages out")
    outlet = p.obj("outlet")
    place = p.obj("s sda-$1-track-$3")
    for name in ("grid", "model", "cursor", "region", "playing"):
        words = p.obj("list trim")
        p.obj(f"r $0-{name}") >> p.obj(f"list prepend {name}") >> words >> outlet
        words >> place
    p.group("the parts")
    for part in (
        grid_list(), grid_view(), grid_cells(), grid_marks(), grid_hand(), grid_keys(), grid_do(),
        grid_status(), hot_template("cell", ROW_HEIGHT), hot_template("ruler", RULER_HEIGHT),
        hot_scalars(),
    ):  # fmt: skip
        p.subpatch(part)
    return p
