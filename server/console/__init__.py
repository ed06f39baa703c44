"""What the command line does without a daemon: train, encode, decode, look at models and grids.

What talks to a running daemon is in `shell`.
"""
