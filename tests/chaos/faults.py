"""What can go wrong: each fault says when it strikes and what it does."""

import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import psutil
import psycopg
from tests.chaos.proxy import Harm, Proxy
from tests.chaos.scene import Mode, Scene

_ALL: Final = tuple(Mode)
_HOUR: Final = 3600
# Everything that the database's clock has written: moving it all is moving the clock.
_MOMENTS: Final = (
    "UPDATE runs SET created_at = created_at + {0}, started_at = started_at + {0}",
    "UPDATE procrastinate.procrastinate_workers SET last_heartbeat = last_heartbeat + {0}",
    "UPDATE procrastinate.procrastinate_jobs SET scheduled_at = scheduled_at + {0}",
)
_DOUBLE: Final = """
INSERT INTO procrastinate.procrastinate_jobs (queue_name, task_name, priority, args, status)
SELECT queue_name, task_name, priority, args, 'todo' FROM procrastinate.procrastinate_jobs
WHERE task_name = 'work_on_shard' AND status IN ('todo', 'doing')
"""


@dataclass(frozen=True)
class Fault:
    """What goes wrong, in which ways of working, and how it is set up before the work begins."""

    modes: tuple[Mode, ...]
    arm: Callable[[Scene], None]
    lake: str = "plain"
    needs_disk: bool = False


def _kill_command(scene: Scene) -> None:
    place = scene.source.randrange(2 if scene.mode is Mode.QUEUE else 1)
    scene.strike(lambda: scene.kill(scene.pids[place]))


def _kill_extractor(scene: Scene) -> None:
    def kill() -> bool:
        workers = scene.workers()
        if workers:
            scene.kill(scene.source.choice(workers).pid)
        return bool(workers)

    scene.strike(_do_nothing)
    for wait in (0.0, scene.source.random()):
        scene.later(wait, kill)


def _kill_store(name: str) -> Callable[[Scene], None]:
    def arm(scene: Scene) -> None:
        stack = scene.ground.stack
        pid = next(part.pid for part in stack.status() if part.name == name)
        scene.strike(lambda: _kill_family(pid))
        scene.later(scene.source.uniform(0, 1), lambda: _start_stores(scene))

    return arm


def _harm_network(harm: Harm, choose: Callable[[Scene], Proxy]) -> Callable[[Scene], None]:
    def arm(scene: Scene) -> None:
        proxy, seconds = choose(scene), scene.source.uniform(0.2, 3)
        scene.strike(lambda: proxy.harm(harm, scene.source, seconds), proxy)

    return arm


def _fill_disk(scene: Scene) -> None:
    disk = scene.ground.disk
    if disk is None:
        return
    leave = scene.source.choice((0, 1 << 20, 40 << 20))

    def free() -> None:
        disk.free()
        _start_stores(scene)

    scene.strike(_do_nothing)
    scene.later(0, lambda: disk.fill(leave))
    scene.later(scene.source.uniform(0.3, 3), free)


def _move_clock(scene: Scene) -> None:
    seconds = scene.source.choice((-1, 1)) * scene.source.uniform(60, 24 * _HOUR)

    def move() -> None:
        interval = f"interval '{-seconds:.0f} seconds'"
        with psycopg.connect(scene.place.database_url) as connection:
            for statement in _MOMENTS:
                connection.execute(statement.format(interval).encode())

    scene.strike(_do_nothing)
    scene.later(0, move)
    if scene.source.random() < 0.5:
        # The lease of a worker that dies at such a moment must run out all the same.
        scene.later(0, lambda: scene.kill(scene.pids[0]))


def _leave_poison(scene: Scene) -> None:
    scene.strike(_do_nothing)


def _double_shards(scene: Scene) -> None:
    def double() -> bool:
        # The triggers of the queue name its tables without a schema.
        options = "-c search_path=procrastinate"
        with psycopg.connect(scene.place.database_url, options=options) as connection:
            return connection.execute(_DOUBLE).rowcount > 0

    scene.strike(_do_nothing)
    scene.later(0, double)


def _come_back_from_the_dead(scene: Scene) -> None:
    scene.strike(lambda: scene.kill(scene.pids[0], signal.SIGSTOP))
    # Three heartbeats of a second are the lease; a worker that starts then strikes the lost one off the queue's list.
    if scene.source.random() < 0.5:
        scene.later(3.5, scene.add_worker)
    scene.later(scene.source.uniform(4, 6), lambda: scene.kill(scene.pids[0], signal.SIGCONT))


def _start_stores(scene: Scene) -> None:
    scene.ground.stack.up(("postgres", "s3"))


def _do_nothing() -> None:
    pass


def _kill_family(pid: int | None) -> None:
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for member in (process, *process.children(recursive=True)):
            with suppress(ProcessLookupError):
                os.kill(member.pid, signal.SIGKILL)


FAULTS: Final[Mapping[str, Fault]] = {
    "the run is killed": Fault((Mode.ALONE, Mode.POOL), _kill_command),
    "a worker of the pool is killed": Fault((Mode.POOL,), _kill_extractor),
    "a worker of the queue is killed": Fault((Mode.QUEUE,), _kill_command),
    "PostgreSQL is killed": Fault(_ALL, _kill_store("postgres")),
    "S3 is killed": Fault(_ALL, _kill_store("s3")),
    **{
        f"{name} is {harm}": Fault(_ALL, _harm_network(harm, choose))
        for name, choose in (
            ("the way to PostgreSQL", lambda scene: scene.ground.database),
            ("the way to S3", lambda scene: scene.ground.s3),
        )
        for harm in Harm
    },
    "the disk is full": Fault(_ALL, _fill_disk, needs_disk=True),
    "the clock jumps": Fault((Mode.QUEUE,), _move_clock),
    "a note kills who reads it": Fault((Mode.POOL, Mode.QUEUE), _leave_poison, lake="poisoned"),
    "two work on the same shard": Fault((Mode.QUEUE,), _double_shards),
    "a worker comes back from the dead": Fault((Mode.QUEUE,), _come_back_from_the_dead),
}
