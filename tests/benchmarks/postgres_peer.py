"""A client of procrastinate for `tests.benchmarks.postgres`: defer, fetch and finish one job after another."""

from __future__ import annotations

import asyncio
import json
import sys
import time


async def main() -> None:
    """Make the schema, or act for some seconds and print how long each cycle took, in ms."""
    import procrastinate
    from procrastinate import jobs

    url = sys.argv[2] if sys.argv[1] == "--schema" else sys.argv[3]
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))
    async with app.open_async():
        if sys.argv[1] == "--schema":
            await app.schema_manager.apply_schema_async()
            return
        queue, seconds = f"q{sys.argv[4]}", float(sys.argv[5])
        manager = app.job_manager
        worker = await manager.register_worker()

        async def act() -> None:
            task_kwargs = {"text": "x" * 200}
            job = jobs.Job(
                id=None, queue="shared", lock=None, queueing_lock=None, task_name=queue, task_kwargs=task_kwargs
            )
            await manager.defer_job_async(job)
            fetched = await manager.fetch_job(["shared"], worker)
            if fetched is not None:
                await manager.finish_job(fetched, status=jobs.Status.SUCCEEDED, delete_job=False)

        for _ in range(8):
            await act()
        print("ready", flush=True)
        sys.stdin.readline()
        took, end = [], time.monotonic() + seconds
        while (begun := time.monotonic()) < end:
            await act()
            took.append(round((time.monotonic() - begun) * 1000, 3))
        print(json.dumps(took), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
