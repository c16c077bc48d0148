"""The detector in the library's face: what the workflow's table is made from, for any network and points."""

import doctest

import aespectra
import numpy as np
import pytest
import torch
from aespectra.models.family import Network
from aespectra.slabs import in_memory
from aespectra.slabs.compute import block_spectra
from aespectra.summary import own_detector
from aespectra.summary.detector import Detector
from torch import nn

ENCODER = nn.Sequential(nn.Conv2d(1, 4, 3, stride=2), nn.Tanh(), nn.Flatten(), nn.Linear(36, 3)).eval()
DECODER = nn.Sequential(nn.Linear(3, 64), nn.Tanh(), nn.Unflatten(1, (1, 8, 8))).eval()
TRAINING, OTHERS = torch.rand(300, 1, 8, 8), 1 - torch.rand(40, 1, 8, 8) ** 2


def test_scores_are_those_of_the_spectra(monkeypatch):
    monkeypatch.setitem(in_memory.BLOCKS, "cpu", 37)
    found = aespectra.detector(ENCODER, DECODER, TRAINING, device="cpu").score(OTHERS)
    network = Network()
    network.encoder, network.decoder = ENCODER, DECODER
    network.double()

    def of(points):
        with torch.no_grad():
            return network.encoder(points.double()).numpy(), block_spectra(network, points.double().numpy())

    expected = Detector(*of(TRAINING)).scores(*of(OTHERS))
    network.float()
    assert set(found.data_vars) == set(expected)
    for name, score in expected.items():
        np.testing.assert_allclose(found[name], score, rtol=1e-5, atol=1e-6)


def test_batches_give_the_scores_of_all():
    fitted = aespectra.detector(ENCODER, DECODER, [TRAINING[:100], TRAINING[100:]], device="cpu")
    whole = aespectra.detector(ENCODER, DECODER, TRAINING, device="cpu").score(OTHERS)
    for name, score in fitted.score(iter([(OTHERS[:1], 0), (OTHERS[1:], 1)])).items():
        np.testing.assert_allclose(score, whole[name], rtol=1e-6)


def test_saved_and_loaded_with_its_network_it_gives_the_same(tmp_path):
    found = aespectra.detector(ENCODER, DECODER, TRAINING, device="cpu")
    found.save(tmp_path / "mine.npz")
    again = own_detector.OwnDetector.load(tmp_path / "mine.npz", ENCODER, DECODER, device="cpu")
    assert again.score(OTHERS).identical(found.score(OTHERS))
    with pytest.raises(ValueError, match="a detector of networks with 3 latent units"):
        own_detector.OwnDetector.load(tmp_path / "mine.npz", nn.Linear(64, 2), nn.Linear(2, 64), device="cpu").score(
            torch.rand(4, 64)
        )


def test_the_example():
    found = doctest.testmod(own_detector, extraglobs={"nn": nn, "torch": torch})
    assert found.failed == 0
    assert found.attempted > 0
