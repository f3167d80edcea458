"""Uniform random numbers that belong to a person: the same under every strategy, whatever happens to others.

A number is a function of the seed, the draw, the person and a counter, and of nothing else: not of how many
people there are, how they are put into blocks, or who is still alive. Each draw has a key from a Philox
stream; persons' keys and their numbers are sequences of SplitMix64 from there.

References
----------
Steele GL, Lea D, Flood CH. Fast splittable pseudorandom number generators. Proceedings of OOPSLA; 2014:
453-472 (SplitMix64).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.random import Philox
from numpy.typing import NDArray

from costmodel.inputs.randomness import stream_key
from costmodel.model.accrual import FloatArray

KeyArray = NDArray[np.uint64]

_GOLDEN = 0x9E3779B97F4A7C15
_WORD = 1 << 64
_MIX = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
_ONE = np.uint64(0x3FF0000000000000)
_BELOW_ONE = 1.0 - 2.0**-53


def draw_keys(seed: int, label: str, n_draws: int) -> KeyArray:
    """Return a key per draw, shape (n_draws,); those of a shorter design are the first of a longer one."""
    return np.asarray(Philox(key=stream_key(seed, label)).random_raw(n_draws))


def keys_of(keys: KeyArray, person: NDArray[np.intp]) -> KeyArray:
    """Return the keys of persons.

    Parameters
    ----------
    keys : array of uint64
        Key of each person's draw.
    person : array of int, broadcast against ``keys``
        From 0 on.
    """
    counters = (person + 1).astype(np.uint64)
    counters *= np.uint64(_GOLDEN)
    found = np.atleast_1d(keys + counters)
    _mix(found, np.empty_like(found))
    return found


def step(counter: int) -> np.uint64:
    """Return what a counter adds to a key; steps add up as their counters do."""
    return np.uint64(counter * _GOLDEN % _WORD)


class Space:
    """Memory that is used again and again: fresh memory costs more than the arithmetic done in it."""

    def __init__(self) -> None:
        self._words = np.empty((2, 0), dtype=np.uint64)

    def pair(self, shape: tuple[int, ...]) -> tuple[KeyArray, KeyArray]:
        """Return two arrays; what an earlier call returned is overwritten with them."""
        size = math.prod(shape)
        if size > self._words.shape[1]:
            self._words = np.empty((2, size), dtype=np.uint64)
        first, second = self._words[:, :size]
        return first.reshape(shape), second.reshape(shape)


def uniforms(keys: KeyArray, steps: KeyArray | np.uint64, *, space: Space | None = None) -> FloatArray:
    """Return numbers above 0 and below 1.

    Parameters
    ----------
    keys, steps : array of uint64, broadcast against each other
        Persons' keys, and steps along each person's sequence, from :func:`step`.
    space : Space, optional
        Where the numbers are put; the next call with the same space overwrites them.

    Examples
    --------
    >>> drawn = draw_keys(1, "example", 2)
    >>> keys = keys_of(drawn[:, np.newaxis], np.arange(3))
    >>> first, second = uniforms(keys, step(1)), uniforms(keys, step(2))
    >>> first.shape, bool((first == second).any())
    ((2, 3), False)
    """
    bits, other = (space or Space()).pair(np.broadcast_shapes(np.shape(keys), np.shape(steps)))
    np.add(keys, steps, out=bits)
    _mix(bits, other)
    bits >>= np.uint64(12)
    bits |= _ONE
    numbers: FloatArray = bits.view(np.float64)
    numbers -= _BELOW_ONE
    return numbers


def _mix(words: KeyArray, moved: KeyArray) -> None:
    """Scramble words in place, one to one (the finalizer of SplitMix64)."""
    for shift, factor in _MIX:
        np.right_shift(words, np.uint64(shift), out=moved)
        words ^= moved
        words *= np.uint64(factor)
    np.right_shift(words, np.uint64(31), out=moved)
    words ^= moved
