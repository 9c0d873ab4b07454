"""Compiles numeric kernels to machine code, once per machine where a folder for it can be written."""

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

Kernel = TypeVar("Kernel", bound=Callable[..., object])


def compiled(kernel: Kernel) -> Kernel:
    """The kernel as machine code of one thread, with strict floating point, so that every machine counts alike.

    It is kept beside the source, else in the user's cache folder or in `NUMBA_CACHE_DIR`. Where none of them can be
    written, as in a read-only image, each process compiles for itself.
    """
    try:
        return cast("Kernel", njit(cache=True)(kernel))
    except RuntimeError:  # numba found no folder to keep it in
        return cast("Kernel", njit(kernel))
