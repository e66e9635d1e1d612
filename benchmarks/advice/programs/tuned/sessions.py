"""A web application that keeps each session it has ever seen."""

import asyncio


class Application:
    def __init__(self):
        self.sessions = {}

    async def handle(self, number: int) -> int:
        token = f"token-{number:032d}"
        self.sessions[token] = {"user": number, "page": "p" * 900}  # advise: leak
        await asyncio.sleep(0)
        return len(token) + sum(range(400))


async def main() -> int:
    application = Application()
    total = 0
    for start in range(0, 30_000, 50):
        group = [application.handle(start + n) for n in range(50)]
        total += sum(await asyncio.gather(*group))
    return total


print(asyncio.run(main()))
