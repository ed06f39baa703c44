"""sdaudio.pd: the window."""

import client
import library
import output
import pair
import train_face
from document import Patch
from layout import FACE_HEIGHT, FACE_WIDTH
from palette import PAGE
from widgets import rectangle

WIDTH, HEIGHT = 1278, 754
MARGIN, GAP = 6, 6


def face() -> Patch:
    """Return the patch that a person opens."""
    p = Patch(WIDTH, HEIGHT)
    rectangle(p, 1, 1, WIDTH - 5, HEIGHT - 5, colour=PAGE)
    y = MARGIN
    p.at(MARGIN, y)
    p.obj("sda.client $0")
    p.at(MARGIN + client.WIDTH + 8, y)
    p.obj("sda.news $0")
    y += client.HEIGHT + GAP
    p.at(MARGIN, y)
    p.obj("sda.grid $0 - 0")
    y += FACE_HEIGHT + GAP
    p.at(MARGIN, y)
    p.obj("sda.pair $0")
    y += pair.HEIGHT + GAP
    p.at(MARGIN, y)
    p.obj("sda.grid $0 - 1")
    y += FACE_HEIGHT + GAP
    p.at(MARGIN, y)
    p.obj("sda.library $0")
    p.at(MARGIN + library.WIDTH + GAP, y)
    p.obj("sda.train $0")
    p.at(MARGIN + library.WIDTH + train_face.WIDTH + 2 * GAP, y)
    p.obj("sda.generate $0")
    p.at(MARGIN + FACE_WIDTH - output.WIDTH, y)
    p.obj("sda.output $0")
    return p
