"""Spreads work over processes, here or on a Dask cluster; a process that dies ends nothing."""

import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Generic, TypeVar

import joblib
from joblib.parallel import get_active_backend

__all__ = ["Died", "spread", "stop_processes"]

Task = TypeVar("Task")


class Died(Exception):
    """The process that did a task died of it."""


def spread(
    function: Callable[[Task], Any], tasks: Iterator[tuple[str, Task]], n_jobs: int | None
) -> Iterator[tuple[str, Any]]:
    """Yields name and result of every task, in the order in which they finish.

    Args:
        function: What to do with a task; it catches its own exceptions.
        tasks: Taken one after the other as processes get free, so that few are in memory.
        n_jobs: Number of processes, or None for what joblib is set to.

    Yields:
        The result is an instance of :class:`Died` if the task has killed its process.
    """
    backend = get_active_backend()[0]
    client = getattr(backend, "client", None)
    if client is not None:
        yield from _on_dask(client, function, tasks)
        return
    waiting = True
    while waiting:
        begun = _Begun(tasks)
        try:
            yield from _by_joblib(function, begun, n_jobs)
            waiting = False
        except BrokenProcessPool:
            # One of those that had begun did it. Each gets a process for itself to find out.
            for name, task in begun.stop():
                yield name, _alone(function, task)


class _Begun(Generic[Task]):
    """Hands out tasks, from several threads perhaps, and knows which are not finished."""

    def __init__(self, tasks: Iterator[tuple[str, Task]]) -> None:
        self._tasks, self._lock = tasks, threading.Lock()
        self._open: dict[str, Task] | None = {}

    def __iter__(self) -> Iterator[tuple[str, Task]]:
        while True:
            with self._lock:
                if self._open is None:
                    return
                try:
                    name, task = next(self._tasks)
                except StopIteration:
                    return
                self._open[name] = task
            yield name, task

    def finish(self, name: str) -> None:
        with self._lock:
            if self._open is not None:
                self._open.pop(name, None)

    def stop(self) -> list[tuple[str, Task]]:
        with self._lock:
            left, self._open = list((self._open or {}).items()), None
        return left


def _by_joblib(
    function: Callable[[Task], Any], begun: _Begun[Task], n_jobs: int | None
) -> Iterator[tuple[str, Any]]:
    one_by_one = getattr(get_active_backend()[0], "supports_return_generator", False)
    parallel = joblib.Parallel(
        n_jobs=n_jobs,
        batch_size=1,
        pre_dispatch="n_jobs + 1",
        return_as="generator_unordered" if one_by_one else "list",
    )
    results: Any = iter(())
    try:
        results = iter(parallel(joblib.delayed(_named)(function, n, task) for n, task in begun))
        for name, result in results:
            begun.finish(name)
            yield name, result
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of results that nobody took, after an error
            getattr(results, "close", bool)()


def _named(function: Callable[[Task], Any], name: str, task: Task) -> tuple[str, Any]:
    return name, function(task)


def _alone(function: Callable[[Task], Any], task: Task) -> Any:
    """Does a task in a process of its own; with one job joblib would do it in this process."""
    try:
        return joblib.Parallel(n_jobs=2)([joblib.delayed(function)(task)])[0]
    except BrokenProcessPool as error:
        return Died(str(error).partition("\n")[0][:200])


def _on_dask(
    client: Any, function: Callable[[Task], Any], tasks: Iterator[tuple[str, Task]]
) -> Iterator[tuple[str, Any]]:
    """Submits to Dask itself: joblib's own way waits for ever when Dask gives a task up."""
    from distributed import as_completed

    def submit() -> Iterator[Any]:
        for name, task in tasks:
            future = client.submit(function, task, pure=False)
            names[future.key] = name
            yield future

    names: dict[Any, str] = {}
    futures = submit()
    at_once = 2 * max(1, sum(client.nthreads().values()))
    first = [future for _, future in zip(range(at_once), futures, strict=False)]
    completed = as_completed(first)  # type: ignore[no-untyped-call]
    try:
        for future in completed:
            name = names.pop(future.key)
            yield name, _of_future(future)
            for other in futures:
                completed.add(other)  # type: ignore[no-untyped-call]
                break
    finally:
        client.cancel([*completed.futures])


def _of_future(future: Any) -> Any:
    try:
        return future.result()
    except Exception as error:  # a worker that dies again and again
        return Died(f"{type(error).__name__}: {error}"[:200])


def stop_processes() -> None:
    """Ends the processes that joblib keeps for the next time, and with them their sandboxes."""
    from joblib.externals.loky import reusable_executor

    if reusable_executor._executor is not None:
        reusable_executor.get_reusable_executor(reuse=True).shutdown(wait=True)
