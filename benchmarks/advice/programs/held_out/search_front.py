"""An HTTP search front end that parses query strings and answers with counts."""
import http.client
import http.server
import json
import threading
import urllib.parse

BOOKS = [f"{a} {b} of the {c}" for a in ("old", "red", "lost") for b in ("ship", "song") for c in ("sea", "hill", "king")]
REQUESTS = 2000


def parse_query(raw, parsed={}):
    """Query parameters as a dict of lists; parsed once for each distinct query."""
    if raw not in parsed:
        parsed[raw] = urllib.parse.parse_qs(raw)  # advise: leak
    return parsed[raw]


class Search(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        path, _, raw = self.path.partition("?")
        query = parse_query(raw)
        words = query.get("q", [])
        hits = sum(all(word in title for word in words) for title in BOOKS)
        body = json.dumps({"path": path, "hits": hits, "tags": len(query["tag"])}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


def visit(address):
    connection = http.client.HTTPConnection(*address)
    hits = tags = 0
    for n in range(REQUESTS):
        pairs = [("q", ("ship", "sea", "red")[n % 3]), ("session", f"{n:08x}")]
        pairs += [("tag", f"shelf-{n}-{k}") for k in range(12)]
        connection.request("GET", "/find?" + urllib.parse.urlencode(pairs))
        answer = json.load(connection.getresponse())
        hits += answer["hits"]
        tags += answer["tags"]
    connection.close()
    return hits, tags


def main():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Search) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        hits, tags = visit(server.server_address)
        server.shutdown()
    print("hits", hits, "tags", tags)


if __name__ == "__main__":
    main()
