"""What the sections of the address space are for: one sentence each.

The overview of ``/sda/help``, the containers of OSCQuery and the reference page show them.
"""

SECTIONS = {
    "/sda": "Find the daemon, subscribe to changes, ask for help, end.",
    "/sda/blend": "Move a region of a grid towards another sound, live.",
    "/sda/code": "What a code sounds like, and which are near to it.",
    "/sda/dataset": "Look at a folder of sounds before training.",
    "/sda/grid": "Make, read and edit grids of codes.",
    "/sda/job": "See and cancel what takes time.",
    "/sda/midi": "MIDI: inputs, maps from keys and knobs to commands, learning, the clock.",
    "/sda/model": "The library of models.",
    "/sda/play": "Hear grids, single moments and single codes.",
    "/sda/prior": "Invent new columns that come from a model's sounds.",
    "/sda/state": "Values of the daemon, grids and models: read them, follow them, set them.",
    "/sda/template": "Keep regions by name and stamp them into grids, once or in a rhythm.",
    "/sda/train": "Train a model on your sounds, go on with it, add to it.",
    "/sda/worker": "The processes that render, train and play.",
}
