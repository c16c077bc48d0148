"""Which device is used, and what is said where it is absent."""

import ctypes

import pytest
import torch
from aespectra import devices
from aespectra.devices import DeviceNotFoundError, choose_device, cuda_present


@pytest.mark.parametrize(
    ("asked", "present", "chosen"),
    [
        ("cpu", True, "cpu"),
        ("cpu", False, "cpu"),
        ("auto", True, "cuda"),
        ("auto", False, "cpu"),
        ("cuda", True, "cuda"),
    ],
)
def test_device_is_the_one_asked_for_or_there(monkeypatch, asked, present, chosen):
    monkeypatch.setattr(devices, "cuda_present", lambda: present)
    assert choose_device(asked) == chosen


def test_an_absent_gpu_is_said(monkeypatch):
    monkeypatch.setattr(devices, "cuda_present", lambda: False)
    with pytest.raises(DeviceNotFoundError, match=r"^device 'cuda' is asked for, .* allowed here are cpu and auto\.$"):
        choose_device("cuda")


@pytest.mark.parametrize("asked", ["gpu", "cuda:1", "", "CPU"])
def test_other_devices_are_refused(asked):
    with pytest.raises(DeviceNotFoundError, match=rf"^device is '{asked}'; allowed are cpu, cuda and auto\.$"):
        choose_device(asked)


def test_no_driver_is_no_gpu(monkeypatch):
    def missing(name):
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", missing)
    assert cuda_present() is False


@pytest.mark.parametrize(("init", "count", "expected"), [(0, 2, True), (0, 0, False), (100, 1, False)])
def test_the_driver_is_asked(monkeypatch, init, count, expected):
    class Driver:
        def cuInit(self, flags):
            return init

        def cuDeviceGetCount(self, pointer):
            pointer._obj.value = count
            return 0

    monkeypatch.setattr(ctypes, "CDLL", lambda name: Driver())
    assert cuda_present() is expected


def test_the_answer_is_that_of_torch():
    assert cuda_present() == torch.cuda.is_available()
