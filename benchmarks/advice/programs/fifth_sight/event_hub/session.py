import zlib


class Session:
    def __init__(self, hub, user, number):
        self.hub = hub
        self.user = user
        self.topic = f"room/{number}"
        self.transcript = bytearray()
        self.unread = 0
        hub.subscribe(self.topic, self.on_message)

    def on_message(self, author, text):
        self.transcript += f"{author}: {text}\n".encode()
        if author != self.user:
            self.unread += 1

    def close(self):
        digest = zlib.crc32(self.transcript)
        self.hub.publish("closed", self.user, len(self.transcript), self.unread, digest)
