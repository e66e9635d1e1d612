import hashlib
import html


class Transcript:
    """Collects the minutes as one HTML document."""

    def __init__(self, title):
        self.title = title
        self.parts = [f"<h1>{html.escape(title)}</h1>\n<dl>\n"]
        self.turns = 0
        self.last_speaker = None

    def say(self, turn):
        minutes, seconds = divmod(turn.at, 60)
        block = ""
        if turn.speaker != self.last_speaker:
            block = f"<dt>{turn.speaker}</dt>"
            self.last_speaker = turn.speaker
        block += f"<dd id=t{self.turns}>{minutes}:{seconds:02d} {html.escape(turn.text)}</dd>\n"
        self.parts.append(block)
        self.turns += 1

    def close(self):
        self.parts.append("</dl>\n")
        self.document = "".join(self.parts)

    def summary(self):
        digest = hashlib.sha1(self.document.encode()).hexdigest()
        return f"{self.title}: {self.turns} turns, {len(self.document)} chars, {digest[:12]}"
