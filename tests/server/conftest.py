"""What the tests of the daemon share."""

import shutil

import pytest
from jack_server import JackServer


@pytest.fixture
def jack_server(monkeypatch):
    if shutil.which("jackd") is None:
        pytest.skip("jackd is not installed (apt install jackd2)")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    server = JackServer()
    monkeypatch.setenv("JACK_DEFAULT_SERVER", server.name)
    yield server
    server.close()
