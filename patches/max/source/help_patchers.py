"""The help patchers, one for each part, and the overview in Max's menu Extras."""

from dataclasses import dataclass

from panels import LINE_SIZE, NEWS_SIZE, PANEL_SIZE
from patcher import PAGE_COLOUR, Patcher
from patchers import CLIENT_SIZE, GRID_SIZE

_WIDTH = 860.0
_MARGIN = 20.0


@dataclass(frozen=True, slots=True)
class Help:
    """What the help of a part says.

    Args:
        name: of the part.
        about: what it is, in a few sentences.
        size: of what it shows.
        outlets: how many it has.
        arguments: behind its NAME.
        says: messages that it takes, to be tried.
        sounds: whether its first outlet is a signal; it is a plain object then.
        below: other parts that it needs to be tried, with their sizes.
    """

    name: str
    about: str
    size: tuple[float, float]
    outlets: int
    arguments: tuple[str | int, ...] = ()
    says: tuple[str, ...] = ()
    sounds: bool = False
    below: tuple[tuple[str, tuple[int, ...], tuple[float, float]], ...] = ()


PARTS = (
    Help(
        "sda.client",
        "The connection to the daemon (sdaudio serve). All parts with the same NAME speak through "
        "it. It looks every two seconds whether the daemon is there. Any other message is a "
        "command: what it answers comes out on the left, as everything else that happens does.",
        CLIENT_SIZE, 2,
        says=("connect 127.0.0.1 5630", "disconnect", "reconnect", "/sda/status"),
    ),
    Help(
        "sda.grid",
        "A grid of codes. Rows are levels, columns go in time; the brighter a code sounds, the "
        "brighter its cell. Press a cell to hear it, drag it up or down to change it, drag across "
        "to select, press on the numbers to hear a moment. With keys on: arrows (shift selects), "
        "digits and Return write a code, z y undo and redo, c x v copy, cut, paste, + - brighter "
        "and darker, space loops, f shows all, h shows how often codes are used. GRID 0 takes the "
        "one of PLACE among those that are open.",
        GRID_SIZE, 1, (0, 0), ("play", "fit", "heat 1", "heat 0", "grid starter"),
    ),
    Help(
        "sda.library",
        "The models of the daemon: choose one, load it, make an empty grid of it.",
        PANEL_SIZE, 0, says=("load", "unload", "new 96", "new 400"),
    ),
    Help(
        "sda.train",
        "Train a codec on a folder of your own sounds. After some seconds it can be played: a grid "
        "with the name of the model opens and gets better underneath. Stop keeps what is there.",
        PANEL_SIZE, 0, says=("minutes 2", "start", "stop", "cancel"),
    ),
    Help(
        "sda.generate",
        "New codes for the grid that was touched last, drawn by the prior of its model: go on "
        "behind its end, fill it anew, vary it by an amount, or put a new take in its place.",
        PANEL_SIZE, 0,
        says=("temperature 0.7", "temperature 1.3", "seconds 4", "continue", "vary", "cancel"),
    ),
    Help(
        "sda.pair",
        "Two grids together. Select a region in one of them: swap exchanges it with the same "
        "columns of the other, or with what is selected there; the slider blends it towards that "
        "while it sounds, keep makes the blend one step to undo, cancel takes it back.",
        LINE_SIZE, 0, says=("swap", "amount 0.5", "keep", "cancel"),
        below=(("sda.grid", (0, 0), GRID_SIZE), ("sda.grid", (0, 1), GRID_SIZE)),
    ),
    Help(
        "sda.output",
        "The daemon's own sound: the device, the level of everything, the speed of the grid that "
        "was touched last, its original to compare, and a render into a sound file.",
        PANEL_SIZE, 0,
        says=("gain -12", "gain 0", "speed 0.5", "speed 1", "silence", "render"),
    ),
    Help(
        "sda.news",
        "What was refused or went wrong, with what to do about it; the job that runs, how far it "
        "is and the time it needs.",
        NEWS_SIZE, 0, says=("cancel",),
    ),
    Help(
        "sda.play~",
        "The sound of a grid inside Max, with every edit. The daemon keeps a file of the grid in "
        "its output folder; each time that it is new, it is read into the buffer that is not heard "
        "and faded over, so what plays goes on. GRID 0 is the one that was touched last. Messages "
        "out: loaded GRID SECONDS, position F, end, problem TEXT.",
        (200.0, 22.0), 2, (0,),
        says=("loop", "once", "stop", "jump 0.5", "from 0.25", "speed 0.5", "speed 1", "speed -1"),
        sounds=True, below=(("sda.grid", (0, 0), GRID_SIZE),),
    ),
)  # fmt: skip


def help_patcher(shown: Help) -> Patcher:
    """Return the help patcher of a part."""
    is_client = shown.name == "sda.client"
    p = Patcher(_WIDTH, 420.0, is_presented=False)
    p.comment(shown.name, (_MARGIN, 12, 300, 30), fontsize=20.0, fontface=1)
    p.comment(shown.about, (_MARGIN, 48, 760, 64))
    y = 146.0
    if not is_client:
        p.comment("the connection, and where the daemon is", (560, y - 22, 280, 20))
        rect = (_MARGIN, y, *CLIENT_SIZE)
        client = p.part("sda.client", ["help"], rect, None, 2)
        p.message("connect 127.0.0.1 5630", 560, y) >> client
        y += CLIENT_SIZE[1] + 20.0
    x = _MARGIN
    messages = []
    for text in shown.says:
        box = p.message(text, x, y)
        messages.append(box)
        x += 7.0 * len(text) + 40.0
    arguments = ["help", *shown.arguments]
    y += 40.0
    rect = (_MARGIN, y, *shown.size)
    if shown.sounds:
        text = " ".join(str(word) for word in (shown.name, *arguments))
        box = p.obj(text, _MARGIN, y, outlets=shown.outlets, types=["signal", ""])
    else:
        box = p.part(shown.name, arguments, rect, None, shown.outlets)
    for message in messages:
        message >> box
    y += shown.size[1] + 12.0
    if shown.sounds:
        ear = p.box("ezdac~", (_MARGIN, y, 45, 45), 2, 0)
        box >> ear
        box >> ear.inlet(1)
        y += 56.0
    if shown.outlets:
        tail = p.obj(f"print {shown.name} @popup 1", _MARGIN, y, outlets=0)
        box[shown.outlets - 1 if shown.sounds else 0] >> tail
    words = " ".join(str(argument) for argument in ("NAME", *shown.arguments))
    seen = f"{shown.name} as an object" if shown.sounds else f"bpatcher {shown.name}.maxpat"
    p.comment(f"{seen}, arguments: {words}", (300, y, 400, 20))
    y += 34.0
    for name, more, size in shown.below:
        p.part(name, ["help", *more], (_MARGIN, y, *size), None, 1)
        y += size[1] + 12.0
    p.height = max(p.height, y)
    return p


def overview() -> Patcher:
    """Return the overview: what the package has, each a click away."""
    p = Patcher(640.0, 90.0 + 34.0 * (len(PARTS) + 1))
    p.background(PAGE_COLOUR)
    p.label("sdaudio", (20, 300, 200, 30), (20, 16, 200, 24))
    control = p.obj("pcontrol", 20, 800, outlets=1)
    y = 52.0
    rows = [("sdaudio.maxpat", "two grids, the library, a training, the prior")]
    rows += [(f"{each.name}.maxhelp", each.about.split(". ")[0].rstrip(".")) for each in PARTS]
    for place, (file, about) in enumerate(rows):
        below = 340.0 + 34.0 * place
        button = p.box(
            "textbutton", (20, below, 110, 22), 1, 3, shown=(20, y, 130, 24),
            text=file.rsplit(".", 1)[0], types=["", "", "int"], parameter_enable=0,
        )  # fmt: skip
        button >> p.message(f"load {file}", 140, below) >> control
        p.label(about[:70], (400, below, 460, 20), (160, y + 2, 470, 20))
        y += 34.0
    return p
