"""What the daemon counts, as a monitoring system reads it."""

import re
import urllib.request


def metrics(http_port: int) -> dict[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{http_port}/metrics", timeout=20) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        text = answer.read().decode()
    for line in text.splitlines():
        assert re.fullmatch(
            r'# (HELP|TYPE) sdaudio_\w+ .+|sdaudio_\w+(\{\w+="[^"]*"\})? -?[\d.e+-]+', line
        ), line
    pairs = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in pairs}
