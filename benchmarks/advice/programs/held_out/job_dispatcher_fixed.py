"""A queue worker that renders statements concurrently with asyncio."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Job:
    number: int
    customer: str
    months: int


class Dispatcher:
    """Starts a task per job, at most `limit` at a time."""

    def __init__(self, limit: int) -> None:
        self._slots = asyncio.Semaphore(limit)
        self._tasks: set[asyncio.Task[str]] = set()
        self.digest = hashlib.sha256()
        self.done = 0

    async def submit(self, job: Job) -> None:
        await self._slots.acquire()
        # The loop keeps only weak references to tasks.
        task = asyncio.create_task(self._run(job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, job: Job) -> str:
        try:
            text = await self._render(job)
            self.digest.update(text.encode())
            self.done += 1
            return text
        finally:
            self._slots.release()

    async def _render(self, job: Job) -> str:
        lines = [json.dumps(asdict(job))]
        for month in range(job.months):
            lines.append(f"{month + 1:02d}/2024  {job.number * 37 % 9973 + month * 11:>10d} EUR")
            if month % 6 == 5:
                await asyncio.sleep(0)
        return "\n".join(lines)

    async def drain(self) -> None:
        await asyncio.gather(*self._tasks)


async def serve(jobs: int) -> Dispatcher:
    dispatcher = Dispatcher(limit=20)
    for number in range(jobs):
        await dispatcher.submit(Job(number, f"customer-{number % 500}", 12 + number % 24))
    await dispatcher.drain()
    print(dispatcher.done, "statements", dispatcher.digest.hexdigest()[:24])
    return dispatcher


if __name__ == "__main__":
    asyncio.run(serve(14_000))
