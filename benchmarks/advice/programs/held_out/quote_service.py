"""Price look-ups over a line protocol, backed by a small SQLite file."""
import os
import socket
import socketserver
import sqlite3
import tempfile
import threading

QUERIES = 4000


def create_database(path):
    db = sqlite3.connect(path)
    db.execute("create table price (sku text primary key, cents integer)")
    db.executemany(
        "insert into price values (?, ?)",
        ((f"SKU-{n:04d}", 100 + n * 37 % 9000) for n in range(800)),
    )
    db.commit()
    db.close()


class QuoteHandler(socketserver.StreamRequestHandler):
    def lookup(self, sku):
        db = sqlite3.connect(self.server.database)  # advise: pool
        try:
            row = db.execute("select cents from price where sku = ?", (sku,)).fetchone()
        finally:
            db.close()
        return row[0] if row else -1

    def handle(self):
        for line in self.rfile:
            sku, _, quantity = line.decode().strip().partition(" ")
            cents = self.lookup(sku)
            self.wfile.write(b"%d\n" % (cents * int(quantity)))


class QuoteServer(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, database):
        self.database = database
        super().__init__(("127.0.0.1", 0), QuoteHandler)


def client(address):
    total = missing = 0
    with socket.create_connection(address) as sock, sock.makefile("rwb") as stream:
        for n in range(QUERIES):
            stream.write(f"SKU-{n * 13 % 820:04d} {n % 7 + 1}\n".encode())
            stream.flush()
            answer = int(stream.readline())
            if answer < 0:
                missing += 1
            else:
                total += answer
    return total, missing


def main():
    handle, path = tempfile.mkstemp(suffix=".db")
    os.close(handle)
    try:
        create_database(path)
        with QuoteServer(path) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            total, missing = client(server.server_address)
            server.shutdown()
    finally:
        os.unlink(path)
    print(f"{total} cents quoted, {missing} unknown")


if __name__ == "__main__":
    main()
