"""The help patches: one for each part, which work when they are opened.

All look alike: what the part is for, a client, messages to click on, the part itself, what comes
out of it, and the reference below.
"""

from dataclasses import dataclass

import client
import library
import news
import output
import pair
import train_face
from document import BOX_HEIGHT, LETTER_WIDTH, Box, Patch
from generate import HEIGHT as GENERATE_HEIGHT
from generate import WIDTH as GENERATE_WIDTH
from layout import FACE_HEIGHT, FACE_WIDTH
from page import MARGIN, header, loudspeakers, paragraph, said
from palette import PAGE
from widgets import rectangle

ROW, STAGGER = 24, 12
REFERENCE_X, REFERENCE_WIDTH = 130, 80
FOOTER = "#d9dde4"


@dataclass(frozen=True, slots=True)
class Help:
    """What a help patch says.

    ``messages`` are (message, comment); ``part`` is the box as it is written, ``size`` that of its
    face, (0, 0) for a plain box. With ``sounds`` its first outlet goes to the loudspeakers. Those
    ``beside``, ``above`` and ``below`` are further parts that it works with. With ``to_client`` the
    messages go there.
    """

    name: str
    summary: str
    part: str
    messages: tuple[tuple[str, str], ...]
    arguments: tuple[str, ...]
    inlet: str
    outlets: tuple[str, ...]
    see: tuple[str, ...]
    size: tuple[int, int] = (0, 0)
    sounds: bool = False
    notes: tuple[str, ...] = ()
    beside: str = ""
    above: str = ""
    below: str = ""
    to_client: bool = False


def help_patch(about: Help) -> Patch:
    """Return the help patch of a part."""
    widest = FACE_WIDTH if about.above or about.below else about.size[0]
    p = Patch(width=max(860, widest + 2 * MARGIN), height=0)
    y = header(p, about.name, about.summary)
    p.at(MARGIN, y)
    if about.name != "sda.client":
        p.obj("sda.client $0")
        p.at(MARGIN + client.WIDTH + 20, y)
        p.comment(
            "Start the daemon with 'sdaudio serve'. The light becomes green by itself.", width=44
        )
        y += client.HEIGHT + 20
    bottom = y + len(about.messages) * ROW
    messages = [_message(p, place, y, *each) for place, each in enumerate(about.messages)]
    y = bottom + 10
    if about.to_client:
        p.at(MARGIN, y)
        send = p.obj("s sda-$0-send")
        for message in messages:
            message >> send
        y += BOX_HEIGHT + 14
    y = _companion(p, about.above, y)
    p.at(MARGIN, y)
    part = p.obj(about.part)
    if about.beside:
        p.at(MARGIN + about.size[0] + 20, y)
        p.obj(about.beside)
    for message in messages if not about.to_client else ():
        message >> part
    y += (about.size[1] or BOX_HEIGHT) + 14
    if about.sounds:
        y = loudspeakers(p, y, source=part)
    if about.outlets:
        p.at(MARGIN + 90 * about.sounds, y)
        shown = p.obj("sda.label $0-out")
        (part[1] if about.sounds else part) >> shown
        y = said(p, MARGIN, y + 28)
    y = _companion(p, about.below, y)
    for note in about.notes:
        y = paragraph(p, MARGIN, y, note, 100)
    return _reference(p, about, y + 6)


def _companion(p: Patch, part: str, y: int) -> int:
    """Add a track above or below; return where the next one begins."""
    if not part:
        return y
    p.at(MARGIN, y)
    p.obj(part)
    return y + FACE_HEIGHT + 14


def _message(p: Patch, place: int, y: int, text: str, comment: str) -> Box:
    """A message to click on; the wires of those above pass on its left."""
    x = MARGIN + place * STAGGER
    p.at(x, y + place * ROW)
    box = p.msg(text)
    if comment:
        p.at(x + LETTER_WIDTH * (len(text) + 3), y + place * ROW)
        p.comment(comment, width=max(20, len(comment) + 1))
    return box


def _reference(p: Patch, about: Help, y: int) -> Patch:
    rectangle(p, 1, y, p.width - 4, 1, colour=PAGE)
    y += 8
    texts = [(f"argument {n}", each) for n, each in enumerate(about.arguments, start=1)]
    texts += [("inlet", about.inlet)] if about.inlet else []
    texts += [(f"outlet {n}", each) for n, each in enumerate(about.outlets, start=1)]
    for heading, text in texts:
        p.at(MARGIN, y)
        p.comment(heading, width=len(heading) + 1)
        y = paragraph(p, REFERENCE_X, y, text, REFERENCE_WIDTH)
    y += 8
    rectangle(p, 1, y, p.width - 4, 34, colour=FOOTER)
    p.at(MARGIN, y + 7)
    p.comment("see also", width=10)
    x = REFERENCE_X
    for name in about.see:
        # A comment, since a part that stands here would work; its help is opened from a patch.
        p.at(x, y + 7)
        p.comment(name, width=len(name) + 1)
        x += LETTER_WIDTH * (len(name) + 4)
    p.height = y + 34 + 4
    return p


CLIENT_ARGUMENT = "the name of an sda.client in the same Pd."

PARTS = (
    Help(
        "sda.client",
        "the connection to an sdaudio daemon that all other parts speak through",
        "sda.client $0",
        (
            ("/sda/status", "any command of the daemon. Its answer comes out"),
            ("/sda/help /sda/grid/set", "what a command does"),
            ("/sda/play/loop starter", "hear a grid over the daemon's sound card"),
            ("/sda/play/silence", "end all sound"),
            ("connect 127.0.0.1 5630", "speak to the daemon at this address and port"),
            ("token secret", "a daemon that others on the network reach may want one"),
            ("disconnect", "leave it alone"),
        ),
        ("a name. Parts with this name as their first argument speak through this client.",),
        "any command with its arguments, connect HOST PORT, disconnect, token TEXT.",
        (
            "every answer and event without its leading sda, such as done /sda/status 3.2 or "
            "grid codes NAME REVISION LEVEL COLUMN CODE.",
            "1 when a daemon was found, 0 when it was lost.",
        ),
        ("sda.grid", "sda.library", "sda.news"),
        (client.WIDTH, client.HEIGHT),
        notes=(
            "It asks every two seconds whether the daemon is there, finds it again when it was "
            "started again, and says what to do when it is not. [s sda-NAME-send] takes commands "
            "from anywhere, [r sda-NAME-in] has all answers and [r sda-NAME-connected] the state.",
        ),
    ),
    Help(
        "sda.grid",
        "one grid of codes to see and hear and edit",
        "sda.grid $0 starter 0",
        (
            ("show starter", "another grid, by its name"),
            ("select 0 1 8 16", "level, levels, column, columns"),
            ("cursor 1 20", "level, column"),
            ("scroll 100", "the first column that is shown"),
            ("zoom 2", "columns in a cell: 0.25, 0.5, 1, 2, 4 ..."),
            ("play", "or stop undo redo copy cut paste clear brighter darker"),
            ("zoom-fit", "or zoom-in zoom-out previous next open follow deselect"),
            ("keys 0", "do not listen to the computer's keyboard"),
        ),
        (
            CLIENT_ARGUMENT,
            "the grid to show at first. 0 or - takes the open ones in turn.",
            "the place of the track, 0 for the upper and 1 for the lower one.",
        ),
        "the messages above, and open-file PATH, which makes a grid of a sound file.",
        (
            "grid NAME, model NAME, cursor LEVEL COLUMN, region LEVEL LEVELS COLUMN COLUMNS, "
            "playing 1 or 0.",
        ),
        ("sda.client", "sda.pair", "sda.play~", "sda.generate"),
        (FACE_WIDTH, FACE_HEIGHT),
        notes=(
            "Press on a cell to hear its code, drag it up or down to change it, drag across cells "
            "to select, press on the numbers above to hear that moment. Digits set codes, arrows "
            "move, z y undo and redo, c x v copy, cut and paste, space plays.",
        ),
    ),
    Help(
        "sda.pair",
        "between two tracks: swap or blend what is selected",
        "sda.pair $0",
        (),
        (CLIENT_ARGUMENT,),
        "",
        (),
        ("sda.grid", "sda.client"),
        (pair.WIDTH, pair.HEIGHT),
        above="sda.grid $0 starter 0",
        below="sda.grid $0 - 1",
        notes=(
            "It stands between the places 0 and 1 of [sda.grid], of the same client. Select some "
            "cells in one of them. 'swap' exchanges them with the same columns of the other, "
            "or with what is selected there. The slider moves them towards the other while they "
            "sound, 'keep' makes that one step to undo, 'cancel' takes it back.",
        ),
    ),
    Help(
        "sda.library",
        "the models: find and load and keep them",
        "sda.library $0",
        (
            ("search drum", "part of a name or of a sound file, or prior, green, 3x128"),
            ("search", "all of them again"),
            ("choose starter", "as a click on its name does"),
            ("load", "the chosen one, and show a grid of it"),
            ("unload", "give its memory back"),
            ("refresh", "look into the folder again"),
        ),
        (CLIENT_ARGUMENT,),
        "the messages above.",
        ("the name of the chosen model. Other parts hear it as [r sda-NAME-model].",),
        ("sda.client", "sda.train", "sda.generate"),
        (library.WIDTH, library.HEIGHT),
    ),
    Help(
        "sda.train",
        "train a model on a folder of your own sounds",
        "sda.train $0",
        (
            ("name kitchen", "what the model will be called"),
            ("preset draft", "2 minutes (standard takes 10, best a night)"),
            ("minutes 5", "or so many minutes"),
            ("levels 3", "2, 3 or 4 rows in the grid"),
            ("check", "what of the folder can be used, and why not the rest"),
            ("start", "stop keeps the best so far, resume goes on from there"),
        ),
        (CLIENT_ARGUMENT,),
        "the messages above, folder PATH, commitment W (0.1 to 2), stop, resume, add (the folder "
        "to the chosen model).",
        ("what the daemon tells of trainings, such as note JOB TEXT and level JOB LEVEL NAME ...",),
        ("sda.client", "sda.library", "sda.news"),
        (train_face.WIDTH, train_face.HEIGHT),
        notes=(
            "Press 'folder ...' and choose 5 to 500 sounds of one kind. A grid that can be played "
            "is there before the first step. It gets better while you play.",
        ),
    ),
    Help(
        "sda.generate",
        "new material from the prior of the chosen model",
        "sda.generate $0",
        (
            ("seconds 5", "how long the next take is"),
            ("temperature 1.2", "below 1 it keeps to what is likely, above it dares"),
            ("top_p 0.9", "leave out the least likely (0 leaves nothing out)"),
            ("seed 7", "the same take again (-1 draws one)"),
            ("sample", "a new grid"),
            ("continue", "the grid with the focus, from its cursor on"),
            ("cancel", "what was made so far is kept"),
        ),
        (CLIENT_ARGUMENT,),
        "the messages above, top_k N, novelty X, amount X, name TEXT, infill and vary (what is "
        "selected), train (the prior of the chosen model).",
        ("what a job answers, such as sample GRID COLUMNS SEED.",),
        ("sda.client", "sda.grid", "sda.library"),
        (GENERATE_WIDTH, GENERATE_HEIGHT),
        beside="sda.library $0",
        below="sda.grid $0 - 0",
        notes=(
            "Choose a model in the library beside it first. A symbol to [s sda-NAME-model] does it "
            "without one.",
        ),
    ),
    Help(
        "sda.output",
        "the sound of the daemon: its card and level and a file of it",
        "sda.output $0",
        (
            ("gain -6", "dB"),
            ("silence", "end all sound"),
            ("original 1", "hear the sound that the grid was made of (0: the grid again)"),
            ("speed 0.5", "of the grid with the focus"),
            ("render", "the grid with the focus into a sound file"),
        ),
        (CLIENT_ARGUMENT,),
        "the messages above, device NAME.",
        ("rendered PATH.",),
        ("sda.client", "sda.grid", "sda.play~"),
        (output.WIDTH, output.HEIGHT),
        below="sda.grid $0 starter 0",
    ),
    Help(
        "sda.news",
        "what went wrong and the job that runs",
        "sda.news $0",
        (
            ("/sda/grid/undo nothing", "a command that is refused"),
            ("/sda/prior/sample take starter 10", "a job"),
        ),
        (CLIENT_ARGUMENT,),
        "",
        (),
        ("sda.client", "sda.train", "sda.generate"),
        (news.WIDTH, news.HEIGHT),
        to_client=True,
        notes=(
            "Refused commands and failed jobs are told here in a sentence with what to do, and so "
            "is what another part says (a list to [s sda-NAME-say]). The bar is the job that runs. "
            "'cancel job' ends it and keeps what it can.",
        ),
    ),
    Help(
        "sda.play~",
        "the sound of a grid inside Pd with every edit",
        "sda.play~ $0 starter",
        (
            ("loop", "round and round"),
            ("once", "to its end"),
            ("stop", ""),
            ("jump 0.5", "to a place, 0 is the start and 1 the end"),
            ("speed 0.5", "1 is as it is, -1 backwards, up to 16"),
            ("show starter", "another grid, by its name"),
        ),
        (CLIENT_ARGUMENT, "the grid to play."),
        "the messages above.",
        (
            "the signal.",
            "loaded GRID SECONDS each time that the grid was edited, position FRACTION 20 times a "
            "second while it plays, and end.",
        ),
        ("sda.code~", "sda.grid", "sda.output"),
        sounds=True,
        notes=(
            "The daemon keeps a file of the grid in its output folder. After each edit it is "
            "loaded into one of two arrays and faded over, so what plays goes on. Whatever the "
            "rate of Pd, it has the pitch that it has in the daemon.",
        ),
    ),
    Help(
        "sda.code~",
        "the codes of a level as an instrument",
        "sda.code~ $0 starter 0",
        (
            ("note 20 100", "pitch and velocity: a dark code"),
            ("note 110 100", "a bright one"),
            ("note 20 0", "velocity 0 lets go"),
            ("code 77 100", "a code by its number"),
            ("level 2", "another level (it is made ready first)"),
            ("panic", "let go of all"),
        ),
        (CLIENT_ARGUMENT, "a model.", "a level, 0 is the coarsest."),
        "the messages above, and model NAME. Notes may come from [notein], a sequencer or [key].",
        ("the signal.", "ready CODES when it can be played."),
        ("sda.play~", "sda.client"),
        sounds=True,
        notes=(
            "0 to 127 are spread over all codes of the level from dark to bright. Once it is ready "
            "it plays without the daemon, with 8 voices.",
        ),
    ),
)
