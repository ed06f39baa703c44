"""SuperCollider's language without a screen, driven line by line like an editor does it."""

import contextlib
import os
import queue
import re
import shutil
import subprocess
import threading

import pytest

READY_S = 60.0


class Sclang:
    """One running sclang; what it posts can be waited for."""

    def __init__(self, home, environment=()):
        if shutil.which("sclang") is None:
            pytest.skip("sclang is not installed (apt install supercollider-language)")
        self.posted = []
        self._lines = queue.Queue()
        self._process = subprocess.Popen(
            ["sclang", "-i", "scel"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={
                **os.environ,
                "QT_QPA_PLATFORM": "offscreen",
                # Chromium, which comes with it, refuses to run as root otherwise.
                "QTWEBENGINE_DISABLE_SANDBOX": "1",
                "HOME": str(home),
                "XDG_RUNTIME_DIR": str(home),
                **dict(environment),
            },
        )
        threading.Thread(target=self._read, daemon=True).start()
        self.wait_for("Welcome to SuperCollider")

    def run(self, code):
        """Evaluate code, as a person does with a block in the editor."""
        self._process.stdin.write(f"{code}\x1b")
        self._process.stdin.flush()

    def wait_for(self, pattern, timeout_s=READY_S):
        """Return the match in the next line that holds a pattern."""
        while True:
            try:
                line = self._lines.get(timeout=timeout_s)
            except queue.Empty:
                raise AssertionError(f"no {pattern!r} in:\n{''.join(self.posted)}") from None
            self.posted.append(line)
            assert "ERROR" not in line, "".join([*self.posted, *self._rest()])
            if found := re.search(pattern, line):
                return found

    def ask(self, expression):
        """Return what an expression is, as it is posted."""
        self.run(f'("asked: " ++ ({expression})).postln')
        return self.wait_for(r"asked: (.*)")[1]

    def close(self):
        with contextlib.suppress(BrokenPipeError):
            self.run("Server.killAll; 0.exit")
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdin.close()

    def _read(self):
        for line in self._process.stdout:
            self._lines.put(line)
        self._process.stdout.close()

    def _rest(self):
        with contextlib.suppress(queue.Empty):
            while True:
                yield self._lines.get(timeout=0.3)


def blocks_of(text):
    """The blocks of a document: what stands between a line ``(`` and a line ``)``."""
    return re.findall(r"^\($.*?^\)$", text, re.MULTILINE | re.DOTALL)
