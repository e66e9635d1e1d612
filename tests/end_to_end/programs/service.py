"""A web service on loopback that is under load for a while, with threads and forks.

    service.py SECONDS [REQUESTS_PER_SECOND [latencies]]

Every response takes one known block. Prints how many were made, by the program's own count, which
the clients' counts confirm. With "latencies" it says on standard error, as JSON, how many requests
took how many hundredths of a millisecond. Without a rate, or with 0, the clients ask as fast as
they are answered.
"""

import array
import http.client
import http.server
import json
import os
import sys
import threading
import time
import warnings

BLOCK_BYTES = 5000
THREADS = 4
made = 0
lock = threading.Lock()
warnings.simplefilter("ignore", DeprecationWarning)  # forks among threads, on purpose


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # one packet an answer

    def do_GET(self):
        global made
        with lock:
            made += 1
            number = made
            block = bytes(BLOCK_BYTES)  # the line
        if number % 200 == 0:
            child = os.fork()
            if child == 0:
                bytes(BLOCK_BYTES)
                os._exit(0)
            os.waitpid(child, 0)
        text = json.dumps({"number": number, "path": self.path, "size": len(block)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *words):
        pass


def load(port, until):
    number = 0
    begun = time.monotonic()
    while time.monotonic() < until:
        if rate:
            time.sleep(max(0, begun + number * THREADS / rate - time.monotonic()))
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for _ in range(20):
            asked_at = time.perf_counter_ns()
            connection.request("GET", f"/{number % 50}")
            assert json.loads(connection.getresponse().read())["size"] == BLOCK_BYTES
            took = (time.perf_counter_ns() - asked_at) // 10_000
            with lock:
                latencies[min(took, len(latencies) - 1)] += 1
            number += 1
        connection.close()
    asked.append(number)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = False
threading.Thread(target=server.serve_forever, daemon=True).start()
until = time.monotonic() + float(sys.argv[1])
rate = float(sys.argv[2]) if len(sys.argv) > 2 else 0
asked = []
latencies = array.array("L", bytes(8 * 100_000))  # of 10 us each
clients = [
    threading.Thread(target=load, args=(server.server_address[1], until)) for _ in range(THREADS)
]
for client in clients:
    client.start()
for client in clients:
    client.join()
server.shutdown()
server.server_close()
assert sum(asked) == made, (asked, made)
print(made)
if sys.argv[3:] == ["latencies"]:
    print(
        json.dumps({took: count for took, count in enumerate(latencies) if count}), file=sys.stderr
    )
