"""The daemon: OSC and MIDI in, code grids and sound out. Imported as ``sdaudio_server``."""
