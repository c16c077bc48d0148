"""Is there a GPU? Asked of the driver, so that nobody waits for torch's import."""

import ctypes


class DeviceNotFoundError(ValueError):
    """This machine lacks the device that is asked for."""


def cuda_present() -> bool:
    """Whether the CUDA driver shows at least one device (CUDA_VISIBLE_DEVICES is respected)."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    count = ctypes.c_int()
    return driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0 and count.value > 0


def choose_device(asked: str) -> str:
    """Where to compute.

    Parameters
    ----------
    asked : str
        ``cpu``, ``cuda`` or ``auto``: CUDA where there is some.

    Returns
    -------
    str
        ``cpu`` or ``cuda``.

    Raises
    ------
    DeviceNotFoundError
        ``cuda`` is asked for and absent, or something else is asked for.
    """
    if asked not in ("cpu", "cuda", "auto"):
        raise DeviceNotFoundError(f"device is {asked!r}; allowed are cpu, cuda and auto.")
    if asked == "cpu":
        return "cpu"
    if cuda_present():
        return "cuda"
    if asked == "cuda":
        raise DeviceNotFoundError(
            "device 'cuda' is asked for, but this machine shows none; allowed here are cpu and auto."
        )
    return "cpu"
