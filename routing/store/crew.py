"""A crew: processes that share the reading of one store, each by a connection and of a moment of its own.

They are plain children that are asked by lines of JSON, so that a host's own script needs no guard for them, and the
process that asks takes its share while they start. What a child does not answer is done by the one who asked: no job
is ever left out, or damage could pass for soundness. An answer repeats its job, so that nothing else that a child's
Python prints (a start-up file of the host's may) is taken for one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any, Final, NamedTuple, Self

from attrs import asdict

from routing.store.connection import Place, connect
from routing.store.proofs import PROOFS
from routing.store.records import IntegrityFinding
from routing.store.screens import SCREENS, reading

_CHILD: Final = "from routing.store.crew import answer; answer()"


class Job(NamedTuple):
    """A screen or a proof, of the numbers from *low* to *high*."""

    what: str
    low: int
    high: int


Answer = list[IntegrityFinding] | bool


def cores() -> int:
    """Return how many processors this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)  # Linux only
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def done(connection: Any, job: Job) -> Answer:
    """Return what a proof finds, or whether a screen has a doubt."""
    kind, _, name = job.what.partition(" ")
    if kind == "proof":
        return list(PROOFS[name](connection, job.low, job.high))
    try:
        return SCREENS[name](connection, job.low, job.high)
    except Exception:  # noqa: BLE001 - what cannot be read is in doubt, whatever the driver calls that
        return True


def answer() -> None:
    """Be one of a crew: read where the store is and then jobs, a line each, and answer each by a line."""
    path, forced = json.loads(sys.stdin.readline())
    connection = connect(Place(path=Path(path), forced=frozenset(forced)), guarded=False)
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("BEGIN")
        with reading(connection):
            for line in sys.stdin:
                found = done(connection, Job(*json.loads(line)))
                said = found if isinstance(found, bool) else [asdict(one) for one in found]
                sys.stdout.write(json.dumps([json.loads(line), said]) + "\n")
                sys.stdout.flush()
    finally:
        connection.close()


class _Work:
    """Jobs that wait, and the answers so far by the place of the job."""

    def __init__(self, jobs: Sequence[Job], until: Callable[[Answer], bool] | None) -> None:
        self.waiting = deque(enumerate(jobs))
        self.answers: dict[int, Answer] = {}
        self._until = until

    def do(self, act: Callable[[Job], Answer | None]) -> None:
        """Take one job after the other until none waits; one without an answer waits on, for somebody else."""
        while self.waiting:
            try:
                number, job = self.waiting.popleft()
            except IndexError:  # another was quicker
                return
            found = None
            try:
                found = act(job)
            finally:
                if found is None:
                    self.waiting.appendleft((number, job))
            if found is None:
                return
            self.answers[number] = found
            if self._until is not None and self._until(found):
                self.waiting.clear()


class Crew:
    """So many processes, this one among them. As a context: its children end with it."""

    def __init__(self, place: Place, processes: int) -> None:
        """Start nothing yet. Where this Python cannot be started again, there is nobody else."""
        self.size = processes if sys.executable else 1
        self._place = place
        self._children: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        """Start the children; this process does not wait for them. Those that the system refuses are not missed."""
        where = json.dumps([str(self._place.path), sorted(self._place.forced)])
        for _ in range(self.size - 1):
            try:
                child = _started()
            except OSError:
                break
            self._children.append(child)
            _tell(child, where)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """End the children: they have nothing to do any more, or nobody waits for it."""
        for child in self._children:
            if kind is not None:
                child.kill()
            child.communicate()

    def ask(
        self,
        connection: Any,
        jobs: Sequence[Job],
        *,
        meanwhile: Callable[[], None] | None = None,
        until: Callable[[Answer], bool] | None = None,
    ) -> list[Answer]:
        """Return the answers to all jobs in their order, this process's own read through *connection*.

        Each takes the next job when it is free, so that long ones stand first; this one does *meanwhile* before. After
        an answer that is *until* no further job is begun, and the answers that are there are returned.
        """
        work = _Work(jobs, until)
        threads = [Thread(target=work.do, args=(partial(_answered, one),), daemon=True) for one in self._children]
        for thread in threads:
            thread.start()
        if meanwhile is not None:
            meanwhile()
        own = partial(done, connection)
        work.do(own)
        for thread in threads:
            thread.join()
        work.do(own)  # what a child that has gone left behind
        return [work.answers[number] for number in sorted(work.answers)]


def _started() -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - ourselves once more
        [sys.executable, "-P", "-c", _CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # what it cannot do is done here, and fails here
        text=True,
        errors="replace",
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path)},
    )


def _tell(child: subprocess.Popen[str], line: str) -> bool:
    """Tell a child something, and return whether it was there to be told."""
    try:
        print(line, file=child.stdin, flush=True)
    except OSError:
        return False
    return True


def _answered(child: subprocess.Popen[str], job: Job) -> Answer | None:
    """Return a child's answer, or None from one that is gone."""
    if child.stdout is None or not _tell(child, json.dumps(job)):
        return None
    for line in child.stdout:
        said = _read(line)
        if isinstance(said, list) and said[:1] == [[*job]]:
            found = said[1]
            return found if isinstance(found, bool) else [IntegrityFinding(**one) for one in found]
    return None


def _read(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:  # not ours, or broken off
        return None
