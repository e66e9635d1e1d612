"""Simulated tram network; all events are reported at the end."""
import asyncio

from report import busiest, punctuality
from trams import Network


async def main():
    network = Network(stops=40, trams=120)
    await network.run(minutes=700)
    print(len(network.events), "%.4f" % punctuality(network.events))
    for stop, times in busiest(network.events, 3):
        print("stop", stop, times)


if __name__ == "__main__":
    asyncio.run(main())
