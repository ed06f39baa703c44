"""Training the prior of a model over OSC: what is told, what is kept, what is refused."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sdaudio.errors import FileError, StateError, UsageError
from sdaudio.modelfile import read_header, read_model, write_model
from sdaudio.prior import CountPrior
from sdaudio.resources import starter_model
from sdaudio_server.client import Client, JobCancelled

SMALL = ("hidden", 16, "layers", 1, "heads", 2)


@pytest.fixture
def own(client: Client, daemon) -> Iterator[Path]:
    """A model named "bare": the starter's codes, and no prior."""
    path = daemon.folder / "models" / "bare.sda"
    starter = read_model(starter_model())
    tensors = {k: v for k, v in starter.tensors.items() if not k.startswith("prior.")}
    header = dataclasses.replace(starter.header, name="bare", prior=None)
    write_model(path, dataclasses.replace(starter, header=header, tensors=tensors))
    client.call("/sda/model/load", "bare")
    client.call("/sda/subscribe")
    yield path
    client.call("/sda/unsubscribe")
    client.call("/sda/model/unload", "bare")
    path.unlink()


def test_a_prior_is_trained_told_and_sampled_from(client: Client, own: Path):
    told: list = []
    name, counts, held_out = client.job(
        "/sda/prior/train", "bare", "epochs", 12, *SMALL, on_event=told.append
    )
    assert name == "bare"
    prior = read_header(own).prior
    assert prior is not None
    assert (counts, held_out) == pytest.approx((prior.perplexity, prior.held_out_perplexity))
    assert (prior.hidden_size, prior.layers, prior.heads) == (16, 1, 2)
    assert prior.held_out_by == "file"
    mean = np.exp(np.mean(np.log(prior.mixture_levels)))
    assert held_out == pytest.approx(mean, rel=1e-4)
    together = zip(prior.mixture_levels, prior.counts_levels, strict=True)
    assert all(mixture <= alone for mixture, alone in together)
    levels = [values for address, values in told if address == "/sda/prior/level"]
    assert {values[2] for values in levels} == {"Structure", "Timbre", "Detail"}
    assert all(len(values) == 6 and min(values[3:]) > 1 for values in levels)
    notes = [values[1] for address, values in told if address == "/sda/prior/note"]
    assert "held-out sounds: counts" in notes[0]
    fractions = [values[1] for address, values in told if address == "/sda/job/progress"]
    assert fractions == sorted(fractions)
    assert client.call("/sda/model/info", "bare")[7] == 1
    assert client.job("/sda/prior/sample", "from-bare", "bare", 1.0, "seed", 1)[1] == 47
    client.call("/sda/grid/close", "from-bare")


def test_counts_can_be_had_alone(client: Client, own: Path):
    client.job("/sda/prior/train", "bare", "counts_only", 1)
    prior = read_header(own).prior
    assert prior is not None
    assert (prior.kind, prior.net_levels) == ("counts", ())
    assert len(prior.counts_levels) == 3


def test_counts_can_be_sampled_while_the_net_learns_and_a_stop_keeps_the_best(
    client: Client, own: Path
):
    (job,) = client.call("/sda/prior/train", "bare", "epochs", 100_000)
    client.wait_for("/sda/prior/snapshot", lambda v: v == (job, "bare"), timeout_s=60)
    assert client.job("/sda/prior/sample", "early", "bare", 1.0, "seed", 1)[1] == 47
    with pytest.raises(StateError, match="being worked on"):
        client.job("/sda/prior/train", "bare")
    client.wait_for("/sda/prior/level", lambda v: v[0] == job, timeout_s=60)
    client.call("/sda/train/stop", "bare")
    assert client.wait_for_job(job, timeout_s=60)[0] == "bare"
    prior = read_header(own).prior
    assert prior is not None
    assert len(prior.net_levels) == 3
    model = read_model(own)
    CountPrior.from_tensors(model.tensors, model.header.codec)
    client.call("/sda/grid/close", "early")


def test_a_cancelled_training_leaves_a_prior_that_works(client: Client, own: Path):
    (job,) = client.call("/sda/prior/train", "bare")
    client.wait_for("/sda/prior/snapshot", lambda v: v == (job, "bare"), timeout_s=60)
    client.call("/sda/job/cancel", job)
    with pytest.raises(JobCancelled):
        client.wait_for_job(job, timeout_s=60)
    assert client.job("/sda/prior/sample", "after", "bare", 1.0, "seed", 1)[1] == 47
    client.call("/sda/grid/close", "after")


def test_a_net_that_cannot_be_is_refused_with_what_can(client: Client, own: Path):
    with pytest.raises(UsageError, match="multiple of heads"):
        client.job("/sda/prior/train", "bare", "hidden", 30)
    with pytest.raises(UsageError, match="layers"):
        client.job("/sda/prior/train", "bare", "layers", 5)
    assert read_header(own).prior is None


def test_what_comes_with_sdaudio_is_not_changed(client: Client):
    with pytest.raises(StateError, match="comes with sdaudio"):
        client.job("/sda/prior/train", "starter")


def test_a_damaged_net_is_refused_with_the_reason(client: Client, own: Path):
    client.job("/sda/prior/train", "bare", "epochs", 4, *SMALL)
    model = read_model(own)
    tensors = {**model.tensors, "prior.net.shares": np.full((3, 6), 2, np.float32)}
    write_model(own, dataclasses.replace(model, tensors=tensors))
    with pytest.raises(FileError, match=r"is damaged: prior\.net"):
        client.job("/sda/prior/sample", "broken", "bare", 1.0)
