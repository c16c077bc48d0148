"""Is there a GPU? Asked of the driver, so that nobody waits for torch's import."""

import ctypes


def cuda_present() -> bool:
    """Whether the CUDA driver shows at least one device (CUDA_VISIBLE_DEVICES is respected)."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    count = ctypes.c_int()
    return driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0 and count.value > 0


def choose_device(asked: str) -> str:
    """``cpu`` or ``cuda`` for the config key device (auto, cpu or cuda); ValueError if cuda is asked for and absent."""
    if asked == "cpu":
        return "cpu"
    if cuda_present():
        return "cuda"
    if asked == "cuda":
        raise ValueError(
            "config key 'device' is 'cuda', but this machine shows no CUDA device; allowed here are cpu and auto."
        )
    return "cpu"
