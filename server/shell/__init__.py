"""A running daemon from a shell: call it, listen to it, record and replay what is sent to it.

The command line uses these modules; each loads only when its command runs.
"""
