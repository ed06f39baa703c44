"""What several tests of patches need."""

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module")
def client(spare_daemon) -> Iterator[Any]:
    """A client of the module's daemon that hears what changes."""
    with spare_daemon.client() as client:
        client.call("/sda/subscribe")
        yield client
