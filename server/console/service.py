"""``sdaudio service``: let the system start the daemon and watch over it (systemd, launchd)."""

import os
import sys
from pathlib import Path
from xml.sax.saxutils import escape

from sdaudio.errors import FileError, StateError, UsageError
from sdaudio.settings import user_settings_path

_SYSTEMD = """\
# Written by: sdaudio service. See docs/installations.md.
[Unit]
Description=sdaudio
After=sound.target pipewire.service jack.service

[Service]
Type=notify
ExecStart={command}
# when its loop stands still, or it ends in whatever way but by your will
WatchdogSec=20
Restart=always
RestartSec=1
TimeoutStopSec=90
# the starter model and the worker processes need about 300 MB
MemoryHigh=4G
LimitRTPRIO=20

[Install]
WantedBy=default.target
"""
_LAUNCHD = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>org.sdaudio.daemon</string>
  <key>ProgramArguments</key>
  <array>
{words}
  </array>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key><true/>
  <key>ThrottleInterval</key><integer>1</integer>
  <key>ProcessType</key><string>Interactive</string>
</dict>
</plist>
"""
KINDS = ("systemd", "launchd")


def service(kind: str, words: tuple[str, ...], *, install: bool, replace: bool) -> int:
    """Print a unit, or write it to where the system looks; returns the exit code.

    Args:
        kind: one of `KINDS`; empty is that of this system.
        words: options of ``sdaudio serve``.
        install: whether to write it.
        replace: whether to write over one that is there.

    Raises:
        UsageError: this system has neither, and none is named.
        StateError: there is one already.
        FileError: it cannot be written.
    """
    chosen = kind or {"linux": "systemd", "darwin": "launchd"}.get(sys.platform, "")
    if not chosen:
        raise UsageError(f"{sys.platform} has neither systemd nor launchd; name one to print it.")
    text = unit(chosen, words)
    if not install:
        sys.stdout.write(text)
        return 0
    path = place(chosen)
    if path.exists() and not replace:
        raise StateError(f"There is a '{path}' already. Write over it with --replace.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FileError(f"Cannot write '{path}': {error.strerror}.") from error
    then = {
        "systemd": "systemctl --user daemon-reload && systemctl --user enable --now sdaudio\n"
        "without a login: loginctl enable-linger",
        "launchd": f"launchctl bootstrap gui/{os.getuid()} '{path}'",
    }[chosen]
    sys.stdout.write(f"{path} is written. Now:\n{then}\n")
    return 0


def unit(kind: str, words: tuple[str, ...]) -> str:
    """Return the unit that starts this installation with options of ``serve``."""
    # the one that runs now, from wherever the system starts it
    log = [] if kind == "systemd" else ["--log", str(_log_path())]
    command = [sys.executable, "-m", "sdaudio_server", "serve", *log, *words]
    if kind == "systemd":
        return _SYSTEMD.format(command=" ".join(_quoted(word) for word in command))
    return _LAUNCHD.format(
        words="\n".join(f"    <string>{escape(word)}</string>" for word in command)
    )


def place(kind: str) -> Path:
    """Where the system looks for units of a user."""
    if kind == "systemd":
        base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
        return Path(base) / "systemd" / "user" / "sdaudio.service"
    return Path.home() / "Library" / "LaunchAgents" / "org.sdaudio.daemon.plist"


def _log_path() -> Path:
    return user_settings_path().parent / "sdaudio.log"


def _quoted(word: str) -> str:
    """A word of ExecStart: quoted, and with % and $ that mean themselves."""
    inner = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{inner}"'
