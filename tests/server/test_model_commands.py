"""Delete, restore, rename, copy and search of models over OSC."""

import pytest

from sdaudio.errors import StateError
from sdaudio_server.client import Client


def test_a_model_in_use_is_kept_until_its_grids_are_closed(new_daemon):
    daemon = new_daemon()
    with Client(daemon.port) as client, Client(daemon.port) as listener:
        listener.call("/sda/subscribe")
        client.call("/sda/model/copy", "starter", "mine")
        client.call("/sda/grid/new", "of mine", "mine", 8)
        with pytest.raises(StateError, match="of mine"):
            client.call("/sda/model/delete", "mine")
        client.call("/sda/grid/close", "of mine")

        client.call("/sda/model/delete", "mine")
        assert listener.wait_for("/sda/model/removed") == ("mine",)
        assert client.call("/sda/model/trash") == (1,)
        assert client.call("/sda/model/restore", "mine", "again") == ("again",)
        listener.wait_for("/sda/model/added", lambda values: values == ("again",))
        client.call("/sda/model/rename", "again", "mine")

        assert client.call("/sda/model/search", "mine") == (1,)
        (item,) = [values for address, values in client.events if address == "/sda/model/item"]
        assert (item[0], item[2], item[3], item[-1]) == ("mine", 3, 128, "green")


def test_codes_are_read_from_afar(client: Client, grid: str):
    every = client.call("/sda/grid/get", grid, 0, 2, 5, 3)
    row = client.call("/sda/grid/get", grid, 0)[3:]
    assert every == (grid, 0, 2, *row[2:15:3])
