"""sdaudio from Python with python-osc (pip install python-osc).

Usage: python docs/examples/python_osc.py [PORT]
"""

import sys
import tempfile
from pathlib import Path

from pythonosc.udp_client import SimpleUDPClient

port = int(sys.argv[1]) if len(sys.argv) > 1 else 5630
client = SimpleUDPClient("127.0.0.1", port)


def call(address, *arguments, ends=("/sda/done", "/sda/fail")):
    """Send a command and return what it answers; a client hears its answers on its own socket."""
    client.send_message(address, list(arguments))
    return wait(*ends)


def wait(*ends):
    """Return the arguments of the next message to one of these addresses."""
    for message in client.get_messages(timeout=30):
        if message.address == "/sda/fail":
            raise SystemExit(f"sdaudio says: {message.params[-1]}")
        if message.address == "/sda/job/failed":
            raise SystemExit(f"the job failed: {message.params[-1]}")
        if message.address in ends:
            return message.params[1:]
        print(message.address, *message.params)
    raise SystemExit(f"no answer from port {port}; is the daemon running?")


print("hello from", *call("/sda/hello"))

# A job answers its number at once, then its progress, and at the end /sda/job/done.
print("new material:", *call("/sda/prior/sample", "py", "starter", 2.0, "seed", 7,
                             ends=("/sda/job/done",)))  # fmt: skip

# Read four codes of level 0 from column 8 on, and write them back in reverse.
grid, level, start, *codes = call("/sda/grid/get", "py", 0, 8, 4)
print("revision:", *call("/sda/grid/set", "py", 0, 8, *reversed(codes)))

path = Path(tempfile.gettempdir()) / "sdaudio-python.wav"
print("rendered:", *call("/sda/grid/render", "py", str(path), ends=("/sda/job/done",)))
call("/sda/grid/close", "py")
