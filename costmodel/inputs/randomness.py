"""Random numbers that depend on the seed and on what is drawn, and on nothing else.

Each parameter, or group of parameters, has streams of its own, keyed by the seed and its name; each stream is
a sequence of fixed blocks of 1,024 draws, and each block has a counter of its own. So draws do not depend on
how many are taken at a time, nor on which other parameters there are, nor on their order.

References
----------
Salmon JK, Moraes MA, Dror RO, Shaw DE. Parallel random numbers: as easy as 1, 2, 3. Proceedings of SC11;
2011 (Philox).

Sobol sequences are scrambled by a random linear matrix and a digital shift: Matoušek J. On the L2-discrepancy
for anchored boxes. Journal of Complexity 1998;14:527-556.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
from numpy.random import Generator, Philox

from costmodel.errors import CostModelError
from costmodel.inputs.protocol import FloatArray

if TYPE_CHECKING:
    from scipy.stats import qmc

BLOCK = 1024
SOBOL_BITS = 30

Sampler = Callable[[Generator, int], FloatArray]


def checked_seed(seed: int) -> int:
    """Return ``seed`` if it is a whole number from 0 on; 0 is a seed like any other.

    Raises
    ------
    CostModelError
    """
    return _whole(seed, "seed", least=0)


def checked_count(n: int, what: str) -> int:
    """Return ``n`` if it is a whole number from 1 on.

    Raises
    ------
    CostModelError

    Examples
    --------
    >>> checked_count(0, "number of draws")
    Traceback (most recent call last):
        ...
    costmodel.errors.CostModelError: number of draws must be a whole number, 1 or more; found 0
    """
    return _whole(n, what, least=1)


def _whole(number: int, what: str, *, least: int) -> int:
    try:
        whole = operator.index(number)
    except TypeError:
        whole = least - 1
    if isinstance(number, bool) or whole < least:
        raise CostModelError(f"{what} must be a whole number, {least} or more; found {number!r}")
    return whole


def stream_key(seed: int, label: str) -> int:
    """Return the key of a stream: 128 bits that are the same on every machine and in every process."""
    return int.from_bytes(blake2b(f"{seed}:{label}".encode(), digest_size=16).digest(), "little")


def sample_rows(seed: int, label: str, sample: Sampler, start: int, stop: int) -> FloatArray:
    """Return the draws from ``start`` up to ``stop`` of a stream, along the first axis.

    Examples
    --------
    >>> def uniform(start, stop):
    ...     return sample_rows(0, "c_fill", lambda rng, n: rng.random(n), start, stop)
    >>> bool((uniform(1000, 1100) == uniform(0, 2000)[1000:1100]).all())
    True
    """
    bits = Philox(key=stream_key(seed, label))
    generator = Generator(bits)
    state = bits.state
    first = start // BLOCK
    pieces = []
    for block in range(first, -(-stop // BLOCK)):
        # the highest word of the counter: no block can run into the next
        state["state"]["counter"][3] = block
        bits.state = state
        pieces.append(sample(generator, BLOCK))
    joined = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
    return joined[start - first * BLOCK : stop - first * BLOCK]


def sobol_points(seed: int, *, dimensions: int, sizes: Iterable[int]) -> Iterator[FloatArray]:
    """Yield the points of a scrambled Sobol sequence in pieces of the given sizes.

    Returns
    -------
    iterator of array, ``(size, dimensions)``
        Uniform numbers above 0 and below 1.

    Raises
    ------
    CostModelError
        More dimensions or points than the sequence has.
    """
    from scipy.stats import qmc

    if dimensions > qmc.Sobol.MAXDIM:
        raise CostModelError(
            f"a Sobol sequence has at most {qmc.Sobol.MAXDIM} dimensions; found {dimensions}: "
            "use method 'monte_carlo'"
        )
    rng = np.random.default_rng(stream_key(seed, "sobol"))
    engine = qmc.Sobol(dimensions, scramble=True, bits=SOBOL_BITS, rng=rng)
    for size in sizes:
        if engine.num_generated + size > 2**SOBOL_BITS:
            raise CostModelError(f"a Sobol sequence has at most 2**{SOBOL_BITS} points; take fewer draws")
        # the points lie on the lower edges of a grid that includes 0: half a cell more is inside
        yield _next_points(engine, size) + 2.0 ** -(SOBOL_BITS + 1)


def _next_points(engine: qmc.Sobol, size: int) -> FloatArray:
    """Return the next points; the first alone, because the engine warns of a first piece not 2**m long."""
    if engine.num_generated or size == 1:
        return np.asarray(engine.random(size), dtype=np.float64)
    return np.concatenate([engine.random(1), engine.random(size - 1)])
