"""Floods: whoever asks meanwhile is answered."""

import random
import threading
import time
from typing import Any


def test_a_loop_begins_while_edits_come_without_a_pause(spare_daemon: Any):
    """There is never a moment then in which everything that is heard is true."""
    ended = threading.Event()

    def edit() -> None:
        chance = random.Random(1)
        with spare_daemon.client() as other:
            while not ended.is_set():
                for _ in range(40):
                    level, column = chance.randrange(3), chance.randrange(60)
                    other.send("/sda/grid/set", "flooded", level, column, chance.randrange(128))
                other.call("/sda/hello")
                time.sleep(0.02)

    with spare_daemon.client() as client:
        client.call("/sda/grid/new", "flooded", "starter", 60)
        flood = threading.Thread(target=edit, daemon=True)
        flood.start()
        try:
            time.sleep(1.0)
            for start in (0, 10, 20):
                asked = time.monotonic()
                assert client.call("/sda/play/loop", "flooded", start, 30)[1:] == (start, 30)
                assert time.monotonic() - asked < 4.0
                client.call("/sda/play/scrub", "flooded", 5.0)
        finally:
            ended.set()
            flood.join(20)
        client.call("/sda/grid/close", "flooded")
