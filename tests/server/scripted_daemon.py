"""A daemon that answers from a script, for what a real one cannot be made to do on purpose."""

import socket
import threading

from osc_bytes import message
from pythonosc.osc_message import OscMessage


class ScriptedDaemon:
    """Answers each command with the messages that its script holds, on a thread of its own.

    A script maps an address to a list of (address, *arguments). ``received`` grows with what
    came; ``waiting`` is set when the command named in ``until`` has come.
    """

    def __init__(self, script, until=""):
        self.script = script
        self.received = []
        self.waiting = threading.Event()
        self._until = until
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._answer, daemon=True)
        self._thread.start()

    def close(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
            own.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()

    def _answer(self):
        while True:
            packet, peer = self._socket.recvfrom(65536)
            if not packet:
                return
            came = OscMessage(packet)
            self.received.append((came.address, *came.params))
            for address, *arguments in self.script.get(came.address, ()):
                self._socket.sendto(message(address, *arguments).dgram, peer)
            if came.address == self._until:
                self.waiting.set()
