"""The panels: the library, a training, the prior; and the main patcher, which holds all parts."""

from patcher import PAGE_COLOUR, PANEL_COLOUR, Box, Patcher, Rect
from patchers import CLIENT_SIZE, GRID_SIZE

PANEL_SIZE = (400.0, 136.0)
_NAME = "sdaudio"
_MARGIN = 12.0
_ROW = 26.0
_STEP = 120.0


class Panel:
    """A panel in the making: its script, and rows of what a person sees and touches.

    Args:
        kind: the name of the panel in sdaudio_panels.js.
        parts: the names of the parts that it writes to.
        about: what the patcher says of itself.
    """

    def __init__(self, kind: str, parts: tuple[str, ...], about: str) -> None:
        self.patcher = p = Patcher(*PANEL_SIZE)
        p.background(PANEL_COLOUR)
        p.comment(about, (20, 200, 560, 36))
        events = p.obj("r #1-sda-in", 20, 260, inlets=0)
        self.script = p.obj(f"js sda.panel.js {kind}", 20, 300, inlets=2, outlets=2)
        self.own = p.box("inlet", (240, 260, 30, 30), 0, 1, comment="what a person does")
        commands = p.obj("s #1-sda-send", 20, 340, outlets=0)
        words = " ".join(parts)
        self.parts = p.obj(f"route {words}", 240, 340, outlets=len(parts) + 1)
        self._places = {part: place for place, part in enumerate(parts)}
        self._x, self._y = 20.0, 420.0
        events >> self.script
        self.own >> self.script.inlet(1)
        self.script[0] >> commands
        self.script[1] >> self.parts

    def place(self, width: float = _STEP, height: float = 110.0) -> tuple[float, float]:
        """Where the next thing goes in the patcher."""
        if self._x + width > 1100.0:
            self._x, self._y = 20.0, self._y + height
        x, self._x = self._x, self._x + width
        return x, self._y

    def text(self, part: str, shown: Rect) -> None:
        """Add a line that the script writes."""
        x, y = self.place(200.0)
        box = self.patcher.label("", (x, y, 180, 20), shown)
        self.parts[self._places[part]] >> box

    def button(self, text: str, message: str, shown: Rect) -> None:
        """Add a button that says something to the script."""
        x, y = self.place()
        box = self.patcher.box(
            "textbutton", (x, y, 60, 22), 1, 3, shown=shown, text=text, types=["", "", "int"],
            parameter_enable=0,
        )  # fmt: skip
        box >> self.patcher.message(message, x, y + 30) >> self.script.inlet(1)

    def number(self, word: str, start: float, limits: tuple[float, float], shown: Rect) -> None:
        """Add a number with its word before it; it says ``word number``."""
        p = self.patcher
        x, y = self.place()
        wide = 6.2 * len(word) + 10.0
        p.label(word, (x, y, wide, 20), (shown[0], shown[1], wide, 20))
        is_whole = isinstance(start, int)
        load = p.obj(f"loadmess {start}", x, y + 26)
        box = p.box(
            "number" if is_whole else "flonum", (x, y + 52, 60, 22), 1, 2,
            shown=(shown[0] + wide, shown[1], shown[2] - wide, 22), types=["", "bang"],
            minimum=limits[0], maximum=limits[1], parameter_enable=0,
        )  # fmt: skip
        load >> box
        box >> p.obj(f"prepend {word}", x, y + 78) >> self.script.inlet(1)

    def progress(self, shown: Rect) -> None:
        """Add a bar that shows how far something is."""
        x, y = self.place()
        bar = self.patcher.box(
            "slider", (x, y, 100, 16), 1, 1, shown=shown, orientation=1, size=1.0, floatoutput=1,
            ignoreclick=1, parameter_enable=0,
        )  # fmt: skip
        self.parts[self._places["progress"]] >> bar


def library() -> Patcher:
    """sda.library NAME: the models."""
    panel = Panel(
        "library", ("menu", "text"),
        "sda.library NAME: the models. Choose one, load it, make an empty grid of it.",
    )  # fmt: skip
    p = panel.patcher
    x, y = panel.place(220.0)
    p.label("Library", (x, y, 60, 20), (8, 6, 60, 20))
    menu = p.box(
        "umenu", (x, y + 30, 160, 22), 1, 3, shown=(76, 6, 316, 22), types=["int", "", ""],
        items=[], parameter_enable=0,
    )  # fmt: skip
    panel.parts[0] >> menu
    menu[1] >> p.obj("prepend choose", x, y + 60) >> panel.script.inlet(1)
    panel.text("text", (8, 34, 384, 20))
    for place, (text, message) in enumerate(
        (("load", "load"), ("unload", "unload"), ("new grid", "new 96"))
    ):
        panel.button(text, message, (8 + 80.0 * place, 62, 74, 22))
    return p


def train() -> Patcher:
    """sda.train NAME: a training."""
    panel = Panel(
        "training",
        ("folder", "name", "text", "note", "progress", "levels"),
        "sda.train NAME: train a codec on a folder of sounds. It can be played from the first "
        "seconds on: a grid with the name of the model opens.",
    )
    p = panel.patcher
    x, y = panel.place(260.0)
    p.label("Train", (x, y, 60, 20), (8, 6, 50, 20))
    ask = p.box("textbutton", (x, y + 26, 60, 22), 1, 3, shown=(60, 6, 60, 22), text="folder",
                types=["", "", "int"], parameter_enable=0)  # fmt: skip
    dialog = p.obj("opendialog folder", x + 70, y + 26, outlets=2)
    ask >> dialog >> p.obj("prepend folder", x, y + 56) >> panel.script.inlet(1)
    panel.text("folder", (124, 6, 268, 20))
    x, y = panel.place(220.0)
    p.label("name", (x, y, 40, 20), (8, 32, 40, 20))
    field = p.box("textedit", (x + 50, y, 120, 22), 1, 4, shown=(50, 32, 130, 22), keymode=1,
                  lines=1, types=["", "int", "", ""], parameter_enable=0)  # fmt: skip
    panel.parts[1] >> field
    plain = p.obj("route text", x, y + 30, outlets=2)
    field >> plain >> p.obj("prepend name", x, y + 56) >> panel.script.inlet(1)
    panel.number("minutes", 10.0, (0.02, 1440.0), (186, 32, 110, 22))
    for place, word in enumerate(("start", "stop", "cancel")):
        panel.button(word, word, (8 + 56.0 * place, 58, 52, 22))
    panel.progress((180, 60, 212, 16))
    panel.text("text", (8, 84, 190, 20))
    panel.text("levels", (200, 84, 192, 20))
    panel.text("note", (8, 108, 384, 20))
    return p


def generate() -> Patcher:
    """sda.generate NAME: the prior."""
    panel = Panel(
        "generation", ("grid", "text", "progress"),
        "sda.generate NAME: new codes for the grid that was touched last, drawn by the prior of "
        "its model.",
    )  # fmt: skip
    p = panel.patcher
    x, y = panel.place(220.0)
    p.label("Prior", (x, y, 60, 20), (8, 6, 44, 20))
    touched = p.obj("r #1-sda-touched", x, y + 30, inlets=0)
    touched >> p.obj("prepend touched", x, y + 60) >> panel.script.inlet(1)
    panel.text("grid", (54, 6, 130, 20))
    panel.progress((190, 8, 202, 16))
    panel.number("seconds", 4.0, (0.1, 30.0), (8, 32, 104, 22))
    panel.number("amount", 0.5, (0.0, 1.0), (118, 32, 100, 22))
    panel.number("seed", -1, (-1, 2147483647), (224, 32, 110, 22))
    panel.number("temperature", 1.0, (0.1, 2.0), (8, 58, 130, 22))
    panel.number("top_p", 0.9, (0.0, 1.0), (144, 58, 92, 22))
    panel.number("top_k", 0, (0, 512), (242, 58, 92, 22))
    for place, word in enumerate(("continue", "infill", "vary", "sample", "cancel")):
        panel.button(word, word, (8 + 66.0 * place, 84, 62, 22))
    panel.text("text", (8, 110, 384, 20))
    return p


def main() -> Patcher:
    """sdaudio.maxpat: a connection, two tracks, and the panels."""
    width = GRID_SIZE[0] + 2 * _MARGIN
    height = 2 * _MARGIN + CLIENT_SIZE[1] + 2 * (GRID_SIZE[1] + _MARGIN)
    height += 2 * (PANEL_SIZE[1] + _MARGIN)
    p = Patcher(width, height)
    y = _MARGIN
    p.background(PAGE_COLOUR)
    shown = (_MARGIN, y, *CLIENT_SIZE)
    client = part(p, "sda.client", [_NAME], (20, 60, *CLIENT_SIZE), shown, 1, 2)
    p.message("connect 127.0.0.1 5630", 20, 20) >> client
    y += CLIENT_SIZE[1] + _MARGIN
    below = 120.0
    for place in range(2):
        shown = (_MARGIN, y, *GRID_SIZE)
        part(p, "sda.grid", [_NAME, 0, place], (20.0, below, *GRID_SIZE), shown, 1, 1)
        y += GRID_SIZE[1] + _MARGIN
        below += GRID_SIZE[1] + 20.0
    for place, name in enumerate(("sda.library", "sda.train", "sda.generate")):
        column, row = place % 2, place // 2
        across, down = column * (GRID_SIZE[0] - PANEL_SIZE[0]), row * (PANEL_SIZE[1] + _MARGIN)
        shown = (_MARGIN + across, y + down, *PANEL_SIZE)
        part(p, name, [_NAME], (20.0 + across, below + down, *PANEL_SIZE), shown, 1, 0)
    return p


def part(
    p: Patcher,
    name: str,
    args: list[str | int],
    rect: Rect,
    shown: Rect | None,
    inlets: int,
    outlets: int,
) -> Box:
    """Add a part of the package, seen in a bpatcher.

    Args:
        p: where to.
        name: of the part.
        args: what its #1, #2 ... are.
        rect: where it is in the patcher.
        shown: where it is in presentation mode.
        inlets: how many it has.
        outlets: how many it has.
    """
    return p.box(
        "bpatcher", rect, inlets, outlets, shown=shown, name=f"{name}.maxpat", args=args, bgmode=0,
        border=0, clickthrough=0, enablehscroll=0, enablevscroll=0, lockeddragscroll=0,
        offset=[0.0, 0.0], viewvisibility=1,
    )  # fmt: skip
