"""Work shared among threads gives what one thread gives, its errors included."""

import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel.workers import processors, share


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(), max_size=30), st.integers(1, 5))
def test_every_item_is_worked_on_once(items, workers):
    found = []

    def work(own):
        for item in own:
            found.append(item)  # noqa: PERF402  one by one, as they are given

    share(items, work, workers=workers)
    assert sorted(found) == sorted(items)


def test_the_caller_works_at_the_same_time_as_the_others():
    meeting, names = threading.Barrier(3, timeout=10), set()

    def work(own):
        for _ in own:
            meeting.wait()
            names.add(threading.current_thread().name)

    share(range(3), work, workers=3)
    assert len(names) == 3
    assert threading.current_thread().name in names


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_the_error_is_that_of_the_first_item_that_has_one(workers):
    def work(own):
        for item in own:
            time.sleep(0.002 * (10 - item) if item >= 4 else 0)  # the later item fails sooner
            if item >= 4:
                raise ValueError(str(item))

    with pytest.raises(ValueError, match=r"^4$"):
        share(range(10), work, workers=workers)


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_in_making_an_item_comes_after_those_of_the_items_before_it(workers):
    def items():
        yield from range(3)
        raise KeyError("no fourth item")

    def work(own, *, worst):
        for item in own:
            time.sleep(0.005)
            if item == worst:
                raise ValueError(str(item))

    with pytest.raises(ValueError, match="2"):
        share(items(), lambda own: work(own, worst=2), workers=workers)
    with pytest.raises(KeyError, match="no fourth item"):
        share(items(), lambda own: work(own, worst=7), workers=workers)


def test_after_an_error_no_further_item_is_taken():
    taken = []

    def work(own):
        for item in own:
            taken.append(item)
            if item == 2:
                raise ValueError
            time.sleep(0.001)

    with pytest.raises(ValueError):  # noqa: PT011  it says nothing
        share(range(10_000), work, workers=2)
    assert len(taken) < 100


def test_an_interrupt_leaves_no_thread_behind():
    before = threading.active_count()

    def work(own):
        for _ in own:
            if threading.current_thread() is threading.main_thread():
                raise KeyboardInterrupt
            time.sleep(0.001)

    with pytest.raises(KeyboardInterrupt):
        share(range(100_000), work, workers=3)
    assert threading.active_count() == before


def test_threads_keep_the_callers_handling_of_floating_point_errors():
    kept = []

    def work(own):
        for _ in own:
            time.sleep(0.001)
            kept.append(np.geterr()["over"])

    with np.errstate(over="raise"):
        share(range(20), work, workers=2)
    assert set(kept) == {"raise"}


def test_there_is_a_processor():
    assert processors() >= 1
