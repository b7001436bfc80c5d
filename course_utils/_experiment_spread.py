"""Spreads replicates over processes, here or on a Dask cluster, as joblib is set to."""

import uuid
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import joblib
from joblib.parallel import get_active_backend

from course_utils._experiment_replicate import threads, train
from course_utils._experiment_task import Outcome, ReplicateError, Task

__all__ = ["spread", "threads_for"]

_FINISHED_ARE_KEPT = "Replicates that had finished are kept if there is a cache: call run again."


def threads_for(n_jobs: int | None) -> int:
    """Returns how many threads TensorFlow may use in each of the processes that train.

    No more than in this process, and no more in all than there are cores.

    Args:
        n_jobs: Number of processes, or None for what joblib is set to.
    """
    backend = get_active_backend()[0]
    client = getattr(backend, "client", None)
    if client is not None:
        client.wait_for_workers(1, timeout=60)
        return int(min(client.nthreads().values()))
    jobs = int(joblib.effective_n_jobs(n_jobs))
    if jobs == 1 or getattr(backend, "supports_sharedmem", False):
        return threads()
    return min(threads(), max(1, int(joblib.cpu_count()) // jobs))


def spread(
    tasks: Sequence[Task], sources: Sequence[Any], n_jobs: int | None
) -> Iterator[tuple[int, Outcome]]:
    """Yields place and outcome of every task, in the order in which they finish.

    Args:
        tasks: What to train.
        sources: The data of each task, or the function that returns them.
        n_jobs: Number of processes, or None for what joblib is set to.

    Raises:
        ReplicateError: A replicate failed, or its process died.
    """
    backend = get_active_backend()[0]
    if getattr(backend, "client", None) is not None:
        yield from _on_dask(backend, tasks, sources)
    else:
        yield from _by_joblib(backend, tasks, sources, n_jobs)


def _by_joblib(
    backend: Any, tasks: Sequence[Task], sources: Sequence[Any], n_jobs: int | None
) -> Iterator[tuple[int, Outcome]]:
    one_by_one = getattr(backend, "supports_return_generator", False)
    parallel = joblib.Parallel(
        n_jobs=n_jobs,
        batch_size=1,  # an interruption would lose a larger batch as a whole
        return_as="generator_unordered" if one_by_one else "list",
    )
    results: Any = iter(())
    try:
        results = iter(
            parallel(
                joblib.delayed(_numbered)(place, task, source)
                for place, (task, source) in enumerate(zip(tasks, sources, strict=True))
            )
        )
        yield from results
    except BrokenProcessPool as error:
        raise ReplicateError(
            "A process that trained died, most often for want of memory: take fewer processes. "
            f"{_FINISHED_ARE_KEPT}"
        ) from error
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of results that nobody took, after an error
            getattr(results, "close", bool)()


def _numbered(place: int, task: Task, source: Any) -> tuple[int, Outcome]:
    return place, train(task, source)


def _on_dask(
    backend: Any, tasks: Sequence[Task], sources: Sequence[Any]
) -> Iterator[tuple[int, Outcome]]:
    """Submits to Dask itself, which gives the tasks of a worker that dies to another one.

    joblib's own way waits for ever when Dask gives a task up, and leaves the data on one worker.
    """
    from distributed import as_completed

    client = backend.client
    unique = {id(source): source for source in sources}
    # With hash=True the same data would get the name that an earlier call is just giving up, and
    # vanish with it (dask/distributed issue 3703).
    copies = client.scatter([*unique.values()], broadcast=True, hash=False)
    held = dict(zip(unique, copies, strict=True))
    futures = {
        client.submit(
            train,
            task,
            held[id(source)],
            key=f"{task}-{uuid.uuid4().hex}",
            **getattr(backend, "submit_kwargs", {}),
        ): place
        for place, (task, source) in enumerate(zip(tasks, sources, strict=True))
    }
    try:
        for future in as_completed([*futures]):  # type: ignore[no-untyped-call]
            yield futures[future], _result(future, tasks[futures[future]])
    finally:
        client.cancel([future for future in futures if not future.done()])


def _result(future: Any, task: Task) -> Outcome:
    try:
        outcome: Outcome = future.result()
    except ReplicateError:
        raise
    except Exception as error:  # a worker that dies again and again, data lost with all workers
        raise task.failed(error, _FINISHED_ARE_KEPT) from error
    return outcome
