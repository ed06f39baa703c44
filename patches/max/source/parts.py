"""The parts of the package, as their help patchers and reference pages tell of them."""

from dataclasses import dataclass

from panels import LINE_SIZE, NEWS_SIZE, PANEL_SIZE
from patchers import CLIENT_SIZE, GRID_SIZE

_GRID = "A grid by its name, or 0 for the one of PLACE among those that are open."


@dataclass(frozen=True, slots=True)
class Part:
    """What is told of a part.

    Args:
        name: of the part.
        about: what it is, in a few sentences.
        size: of what it shows.
        outlets: what comes out of each.
        arguments: behind its NAME: what each is called, what it means, and one to try.
        says: messages that it takes, with an argument to try, and what each does.
        sounds: whether its first outlet is a signal; it is a plain object then.
        below: other parts that it needs to be tried, with their sizes.
    """

    name: str
    about: str
    size: tuple[float, float]
    outlets: tuple[str, ...] = ()
    arguments: tuple[tuple[str, str, str | int], ...] = ()
    says: tuple[tuple[str, str], ...] = ()
    sounds: bool = False
    below: tuple[tuple[str, tuple[int, ...], tuple[float, float]], ...] = ()


PARTS = (
    Part(
        "sda.client",
        "The connection to the daemon (sdaudio serve). All parts with the same NAME speak through "
        "it. It looks every two seconds whether the daemon is there. Any other message is a "
        "command: what it answers comes out on the left, as everything else that happens does.",
        CLIENT_SIZE,
        ("All that the daemon says", "connected 1 or 0"),
        says=(
            ("connect 127.0.0.1 5630", "Speak to the daemon at a host and port"),
            ("disconnect", "Let the daemon forget this patch"),
            ("reconnect", "Look for the daemon again"),
            ("/sda/status", "Any command of the daemon, with its arguments"),
        ),
    ),
    Part(
        "sda.grid",
        "A grid of codes. Rows are levels, columns go in time; the brighter a code sounds, the "
        "brighter its cell. Press a cell to hear it, drag it up or down to change it, drag across "
        "to select, press on the numbers to hear a moment. With keys on: arrows (shift selects), "
        "digits and Return write a code, z y undo and redo, c x v copy, cut, paste, + - brighter "
        "and darker, space loops, f shows all, h shows how often codes are used.",
        GRID_SIZE,
        ("The name of the grid, behind the word set",),
        (("GRID", _GRID, 0), ("PLACE", "Which of those that are open, 0 is the first.", 0)),
        (
            ("grid starter", "Show a grid"),
            ("play", "Loop what is selected, or all; stop"),
            ("fit", "Zoom so that all is seen"),
            ("heat 1", "Colour codes by how often they are used, 0 by how bright they are"),
        ),
    ),
    Part(
        "sda.library",
        "The models of the daemon: choose one, load it, make an empty grid of it.",
        PANEL_SIZE,
        says=(
            ("choose starter", "Choose a model"),
            ("load", "Load the chosen model"),
            ("unload", "Free what it takes"),
            ("new 96", "Open an empty grid of so many columns"),
        ),
    ),
    Part(
        "sda.train",
        "Train a codec on a folder of your own sounds. After some seconds it can be played: a grid "
        "with the name of the model opens and gets better underneath. Stop keeps what is there.",
        PANEL_SIZE,
        says=(
            ("folder /Users/me/sounds", "The folder of sounds"),
            ("name bells", "The name of the model"),
            ("minutes 2", "How long it may take"),
            ("start", "Begin"),
            ("stop", "End now and keep what is there"),
            ("cancel", "End now and keep nothing"),
        ),
    ),
    Part(
        "sda.generate",
        "New codes for the grid that was touched last, drawn by the prior of its model: go on "
        "behind its end, fill it anew, vary it by an amount, or put a new take in its place.",
        PANEL_SIZE,
        says=(
            ("temperature 0.7", "Low is likely, high is daring"),
            ("seconds 4", "How much to draw"),
            ("amount 0.5", "How much to vary"),
            ("continue", "Go on behind the end"),
            ("infill", "Fill it anew"),
            ("vary", "Vary it by the amount"),
            ("sample", "A new take in its place"),
            ("cancel", "End the job"),
        ),
    ),
    Part(
        "sda.pair",
        "Two grids together. Select a region in one of them: swap exchanges it with the same "
        "columns of the other, or with what is selected there; the slider blends it towards that "
        "while it sounds, keep makes the blend one step to undo, cancel takes it back.",
        LINE_SIZE,
        says=(
            ("swap", "Exchange the region with the other grid's"),
            ("amount 0.5", "Blend the region towards the other grid's"),
            ("keep", "Make the blend one step to undo"),
            ("cancel", "Take the blend back"),
        ),
        below=(("sda.grid", (0, 0), GRID_SIZE), ("sda.grid", (0, 1), GRID_SIZE)),
    ),
    Part(
        "sda.output",
        "The daemon's own sound: the device, the level of everything, the speed of the grid that "
        "was touched last, its original to compare, and a render into a sound file.",
        PANEL_SIZE,
        says=(
            ("gain -12", "The level of everything, in dB"),
            ("speed 0.5", "How fast the grid plays, as a tape does"),
            ("original 1", "Hear the sound that was encoded, 0 the grid"),
            ("silence", "Stop all sound"),
            ("render", "Write the grid into a sound file"),
        ),
    ),
    Part(
        "sda.news",
        "What was refused or went wrong, with what to do about it; the job that runs, how far it "
        "is and the time it needs.",
        NEWS_SIZE,
        says=(("cancel", "End the job that runs"),),
    ),
    Part(
        "sda.play~",
        "The sound of a grid inside Max, with every edit. The daemon keeps a file of the grid in "
        "its output folder; each time that it is new, it is read into the buffer that is not heard "
        "and faded over, so what plays goes on.",
        (200.0, 22.0),
        ("The sound", "loaded GRID SECONDS, position F, end, problem TEXT"),
        (("GRID", "A grid by its name, or 0 for the one that was touched last.", 0),),
        (
            ("loop", "Play round and round"),
            ("once", "Play to the end"),
            ("stop", "Be silent"),
            ("jump 0.5", "What plays goes to a place, 0 is the start and 1 the end"),
            ("from 0.25", "Play from a place"),
            ("speed 0.5", "1 is as it is, -1 backwards, up to 16"),
            ("show starter", "Play another grid"),
        ),
        sounds=True,
        below=(("sda.grid", (0, 0), GRID_SIZE),),
    ),
)
