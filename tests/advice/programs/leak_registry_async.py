import asyncio
import json


class Hub:
    def __init__(self):
        self.sessions = {}
        self.audit = []

    async def handle(self, n):
        payload = json.dumps({"n": n, "body": "x" * 50})
        data = json.loads(payload)
        await asyncio.sleep(0)
        self.audit.append({"id": n, "size": len(payload)})  # advise: leak
        return data["n"]


async def main():
    hub = Hub()
    total = 0
    for start in range(0, 30000, 20):
        got = await asyncio.gather(*(hub.handle(n) for n in range(start, start + 20)))
        total += sum(got)
    print(total)


asyncio.run(main())
