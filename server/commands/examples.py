"""One example for every command; the reference page and ``/sda/help`` show them.

They are written together so that they read as one story: a model ``kitchen``, trained on a folder,
and the grids ``one`` and ``two``.
"""

from ..registry import Command

EXAMPLES = """
/sda/hello
/sda/status
/sda/packets
/sda/sync 1
/sda/subscribe
/sda/unsubscribe
/sda/help /sda/grid
/sda/quit
/sda/job/list
/sda/job/cancel 3
/sda/worker/list
/sda/midi/ports
/sda/midi/open nanoKONTROL
/sda/midi/close nanoKONTROL
/sda/midi/inputs
/sda/midi/maps
/sda/midi/map keyboard
/sda/midi/unmap keyboard
/sda/midi/controls
/sda/midi/learn /sda/play/gain -40 0
/sda/midi/forget /sda/play/gain
/sda/midi/monitor 1
/sda/midi/dial temperature 0.8
/sda/midi/panic
/sda/midi/clock 1
/sda/midi/clock/send Digitakt
/sda/dataset/check ~/Sounds/kitchen preset standard
/sda/train/start kitchen ~/Sounds/kitchen preset standard
/sda/train/resume kitchen minutes 10
/sda/train/add kitchen ~/Sounds/more
/sda/train/stop kitchen
/sda/prior/train kitchen
/sda/prior/files kitchen
/sda/prior/sample new kitchen 10 temperature 1.1 top_p 0.9 seed 7
/sda/prior/continue new 200 4 seed 8 novelty 0.5
/sda/prior/morph one two new 8
/sda/prior/novelty new
/sda/prior/infill one 0 3 8 16 tries 16
/sda/prior/candidates one 0 3 8 16 4
/sda/prior/pick one 2
/sda/prior/vary one 0 3 8 16 0.3
/sda/prior/lock one 0 1
/sda/model/list
/sda/model/search kitchen
/sda/model/copy kitchen "kitchen two"
/sda/model/rename "kitchen two" attic
/sda/model/delete attic
/sda/model/trash
/sda/model/restore attic
/sda/model/load kitchen
/sda/model/unload kitchen
/sda/model/info kitchen
/sda/model/health kitchen
/sda/model/usage kitchen 0
/sda/model/about kitchen
/sda/model/tag kitchen metal quiet
/sda/model/note kitchen "spoons and pots, recorded in March"
/sda/model/credit kitchen "Ada Example" CC0-1.0
/sda/model/import ~/Downloads/bells.sda
/sda/model/export kitchen ~/kitchen.sda
/sda/model/verify kitchen
/sda/code/info kitchen 1 77
/sda/code/neighbours kitchen 1 77 4
/sda/code/ranks kitchen 1 loudness
/sda/code/render kitchen 0 ~/Samples/structure.wav 24
/sda/grid/encode one kitchen ~/Sounds/kitchen/pan.wav
/sda/grid/new two kitchen 64
/sda/grid/close two
/sda/grid/reopen two
/sda/grid/closed
/sda/grid/save one ~/one.json
/sda/grid/open three ~/one.json
/sda/grid/duplicate one four
/sda/grid/rename four five
/sda/grid/list
/sda/grid/info one
/sda/grid/get one 0 0 32
/sda/grid/set one 0 12 77 78 79
/sda/grid/fill one 0 3 8 4 77
/sda/grid/clear one 0 3 8 4
/sda/grid/copy one 0 3 8 16
/sda/grid/cut one 0 3 8 16 leave close
/sda/grid/paste two 0 24 columns 32
/sda/grid/move one 0 3 8 4 0 24 leave keep
/sda/grid/shift one 0 3 8 16 -2
/sda/grid/rotate one 1 2 8 16 0 1
/sda/grid/reverse one 0 3 8 16
/sda/grid/shuffle one 0 3 8 16 size 4 seed 7
/sda/grid/randomise one 0 3 8 16 amount 0.1 seed 7
/sda/grid/step one 0 3 8 16 brighter
/sda/grid/stretch one 0 3 8 16 32 resize 1
/sda/grid/insert one 8 4 of before
/sda/grid/delete one 8 4
/sda/grid/swap one two 0 3 10 40 8
/sda/grid/undo one
/sda/grid/redo one 2
/sda/grid/gesture 1
/sda/grid/label one 0 Attack
/sda/grid/mute one 2 1
/sda/grid/solo one 0 1
/sda/grid/render one ~/one.flac columns 94 bits 16 normalise 1
/sda/grid/follow one ~/Samples/sda/one.wav
/sda/grid/push one 0
/sda/grid/unfollow one
/sda/grid/follows
/sda/grid/source one 12 8
/sda/code/source kitchen 1 77
/sda/play/source one 12 8
/sda/play/compare one 1
/sda/template/save hit one 0 3 8 4
/sda/template/list
/sda/template/info hit
/sda/template/get hit 0
/sda/template/rename hit kick
/sda/template/stamp two kick 0 24
/sda/template/every two kick 0 0 16 until 64
/sda/template/euclid two kick 0 0 3 8 4 rotation 1 repeats 2
/sda/template/delete kick
/sda/blend/set one two 0 3 10 8 0.4
/sda/blend/commit one
/sda/blend/cancel one
/sda/blend/list one
/sda/play/grid one 10 32
/sda/play/loop one 10 32
/sda/play/scrub one 12.5
/sda/play/stop one
/sda/play/silence
/sda/play/gain -6
/sda/grid/gain one -3
/sda/play/speed one 0.5
/sda/play/tempo 120 24 4
/sda/play/heads 60
/sda/play/devices
/sda/play/device USB
/sda/play/missed
/sda/play/column one 12
/sda/play/row one 2
/sda/play/code kitchen 1 77
/sda/state/get /sda/state/grid/one
/sda/state/listen /sda/state/grid/one
/sda/state/ignore /sda/state/grid/one
"""


def example_of(command: Command) -> str:
    """The example of a command, or an empty text."""
    return _BY_ADDRESS.get(command.address, "")


_BY_ADDRESS = {line.split()[0]: line for line in EXAMPLES.split("\n") if line}
