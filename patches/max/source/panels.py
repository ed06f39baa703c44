"""The panels: the library, a training, the prior, the output, two grids together, the news."""

from patcher import PANEL_COLOUR, Outlet, Patcher, Rect, width_of
from patchers import GRID_SIZE

PANEL_SIZE = (400.0, 136.0)
LINE_SIZE = (GRID_SIZE[0], 30.0)
NEWS_SIZE = (GRID_SIZE[0], 52.0)
_STEP = 120.0


class Panel:
    """A panel in the making: its script, and rows of what a person sees and touches.

    Args:
        kind: its script is sdaudio_KIND.js.
        parts: the names of the parts that it writes to.
        about: what the patcher says of itself.
        size: of what is seen of it.
    """

    def __init__(
        self,
        kind: str,
        parts: tuple[str, ...],
        about: str,
        size: tuple[float, float] = PANEL_SIZE,
    ) -> None:
        self.patcher = p = Patcher(*size)
        p.background(PANEL_COLOUR)
        p.comment(about, (20, 200, 560, 36))
        events = p.obj("r #1-sda-in", 20, 260, inlets=0)
        self.script = p.obj(f"js sda.panel.js sdaudio_{kind}", 20, 300, inlets=2, outlets=2)
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

    def part(self, name: str) -> Outlet:
        """What the script writes to a part."""
        return self.parts[self._places[name]]

    def hears(self, name: str) -> None:
        """Tell the script what comes to ``NAME-sda-<name>``, with that word before it."""
        x, y = self.place(says=f"r #1-sda-{name}")
        heard = self.patcher.obj(f"r #1-sda-{name}", x, y, inlets=0)
        heard >> self.patcher.obj(f"prepend {name}", x, y + 30) >> self.script.inlet(1)

    def place(
        self, width: float = _STEP, height: float = 110.0, says: str = ""
    ) -> tuple[float, float]:
        """Where the next thing goes in the patcher; there is room for a box that it says."""
        width = max(width, width_of(says) + 10.0)
        if self._x + width > 1100.0:
            self._x, self._y = 20.0, self._y + height
        x, self._x = self._x, self._x + width
        return x, self._y

    def menu(self, title: str, word: str) -> None:
        """Add the title of the panel and a menu beside it; it says ``word ITEM``."""
        p = self.patcher
        x, y = self.place(220.0)
        p.label(title, (x, y, 60, 20), (8, 6, 60, 20))
        box = p.box(
            "umenu", (x, y + 30, 160, 22), 1, 3, shown=(76, 6, 316, 22), types=["int", "", ""],
            items=[], parameter_enable=0,
        )  # fmt: skip
        self.part("menu") >> box
        box[1] >> p.obj(f"prepend {word}", x, y + 60) >> self.script.inlet(1)

    def text(self, part: str, shown: Rect) -> None:
        """Add a line that the script writes."""
        x, y = self.place(200.0)
        box = self.patcher.label("", (x, y, 180, shown[3]), shown)
        self.part(part) >> box

    def button(self, text: str, message: str, shown: Rect) -> None:
        """Add a button that says something to the script."""
        x, y = self.place()
        box = self.patcher.box(
            "textbutton", (x, y, 60, 22), 1, 3, shown=shown, text=text, types=["", "", "int"],
            parameter_enable=0,
        )  # fmt: skip
        box >> self.patcher.message(message, x, y + 30) >> self.script.inlet(1)

    def number(
        self, word: str, start: float | None, limits: tuple[float, float], shown: Rect
    ) -> None:
        """Add a number with its word before it; it says ``word number``.

        Args:
            word: what it is.
            start: what it is at first; None is what the script writes.
            limits: the least and the most.
            shown: where it is in presentation mode, the word included.
        """
        p = self.patcher
        x, y = self.place(says=f"prepend {word}")
        wide = 6.2 * len(word) + 10.0
        p.label(word, (x, y, wide, 20), (shown[0], shown[1], wide, 20))
        is_whole = isinstance(start, int)
        box = p.box(
            "number" if is_whole else "flonum", (x, y + 52, 60, 22), 1, 2,
            shown=(shown[0] + wide, shown[1], shown[2] - wide, 22), types=["", "bang"],
            minimum=limits[0], maximum=limits[1], parameter_enable=0,
        )  # fmt: skip
        if start is None:
            self.part(word) >> box
        else:
            p.obj(f"loadmess {start}", x, y + 26) >> box
        box >> p.obj(f"prepend {word}", x, y + 78) >> self.script.inlet(1)

    def toggle(self, word: str, shown: Rect) -> None:
        """Add a switch with its word behind it; it says ``word 0`` or ``word 1``."""
        x, y = self.place(says=f"prepend {word}")
        self.patcher.label(word, (x + 30, y, 60, 20), (shown[0] + 24, shown[1], shown[2] - 24, 20))
        box = self.patcher.box(
            "toggle", (x, y, 20, 20), 1, 1, shown=(shown[0], shown[1], 20, 20), types=["int"],
            parameter_enable=0,
        )  # fmt: skip
        self.part(word) >> box
        box >> self.patcher.obj(f"prepend {word}", x, y + 30) >> self.script.inlet(1)

    def slider(self, word: str, shown: Rect) -> None:
        """Add a slider from 0 to 1; it says ``word number``."""
        x, y = self.place(160.0)
        box = self.patcher.box(
            "slider", (x, y, 140, 16), 1, 1, shown=shown, orientation=1, size=1.0, floatoutput=1,
            parameter_enable=0,
        )  # fmt: skip
        self.part(word) >> box
        box >> self.patcher.obj(f"prepend {word}", x, y + 30) >> self.script.inlet(1)

    def progress(self, shown: Rect) -> None:
        """Add a bar that shows how far something is."""
        x, y = self.place()
        bar = self.patcher.box(
            "slider", (x, y, 100, 16), 1, 1, shown=shown, orientation=1, size=1.0, floatoutput=1,
            ignoreclick=1, parameter_enable=0,
        )  # fmt: skip
        self.part("progress") >> bar


def library() -> Patcher:
    """sda.library NAME: the models."""
    panel = Panel(
        "library", ("menu", "text"),
        "sda.library NAME: the models. Choose one, load it, make an empty grid of it.",
    )  # fmt: skip
    panel.menu("Library", "choose")
    panel.text("text", (8, 34, 384, 20))
    for place, (text, message) in enumerate(
        (("load", "load"), ("unload", "unload"), ("new grid", "new 96"))
    ):
        panel.button(text, message, (8 + 80.0 * place, 62, 74, 22))
    return panel.patcher


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
    panel.part("name") >> field
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
    panel.hears("touched")
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


def output() -> Patcher:
    """sda.output NAME: the daemon's sound."""
    panel = Panel(
        "output", ("menu", "text", "gain", "speed", "original"),
        "sda.output NAME: where the daemon's sound goes, how loud it is; how fast the grid is that "
        "was touched last, its original to compare, and a render of it.",
    )  # fmt: skip
    panel.menu("Output", "device")
    panel.hears("touched")
    panel.number("gain", None, (-96.0, 12.0), (8, 34, 110, 22))
    panel.number("speed", None, (0.25, 4.0), (124, 34, 110, 22))
    panel.toggle("original", (240, 34, 110, 22))
    panel.button("render to a file", "render", (8, 62, 110, 22))
    panel.button("silence", "silence", (318, 62, 74, 22))
    panel.text("text", (8, 90, 384, 40))
    return panel.patcher


def pair() -> Patcher:
    """sda.pair NAME: swap and blend."""
    panel = Panel(
        "pair", ("pair", "text", "amount"),
        "sda.pair NAME: the region that was selected last is swapped with the other grid's, or "
        "blended towards it while it sounds. keep makes the blend one step to undo.",
        LINE_SIZE,
    )  # fmt: skip
    panel.hears("region")
    panel.button("swap", "swap", (8, 4, 54, 22))
    panel.slider("amount", (70, 7, 170, 16))
    panel.button("keep", "keep", (248, 4, 50, 22))
    panel.button("cancel", "cancel", (302, 4, 56, 22))
    panel.text("pair", (366, 5, 280, 20))
    panel.text("text", (650, 5, 162, 20))
    return panel.patcher


def news() -> Patcher:
    """sda.news NAME: what went wrong, and the job that runs."""
    panel = Panel(
        "news", ("text", "job", "progress"),
        "sda.news NAME: a command that was refused or a job that failed, in a sentence; the job "
        "that runs, how far it is and the time it needs.",
        NEWS_SIZE,
    )  # fmt: skip
    panel.text("text", (8, 4, 804, 20))
    panel.text("job", (8, 28, 480, 20))
    panel.progress((496, 31, 220, 14))
    panel.button("cancel job", "cancel", (728, 26, 84, 22))
    return panel.patcher
