"""Train a small neural codec on a handful of sounds and play with its discrete codes.

This package is the library: it knows sounds, codes, models and grids, and neither sockets nor
sound cards. The daemon that speaks OSC and MIDI is ``sdaudio_server``. Importing this package
loads neither torch nor librosa; the modules that need them say so.
"""

__version__ = "0.1.0"
