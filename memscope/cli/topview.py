"""What `memscope top` shows, as keys change it, on a terminal."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import partial

from rich.console import Console, ConsoleDimensions
from rich.live import Live
from rich.text import Text

from memscope.analysis.pace import (
    PACE_BYS,
    PACE_GROUPS,
    Pace,
    PaceBy,
    PaceGroup,
    paces,
    whole_pace,
)
from memscope.cli.keyboard import Keyboard
from memscope.cli.looking import Looks, TopLook, look_at
from memscope.errors import MemscopeError
from memscope.reports.terminal.top import Screen, screen_lines
from memscope.reports.top import top_document

KEY_S = 0.1  # how soon a key, or a look that has come, is seen


class TopView:
    """What is looked at, and how; keys change it."""

    def __init__(
        self, pid: int, by: PaceBy, group: PaceGroup, pattern: str, every_s: float
    ) -> None:
        self.pid = pid
        self.by = by
        self.group = group
        self.filter = pattern
        self.every_s = every_s
        self.held = False
        self.first = 0
        self.said = ""
        self.typing: str | None = None  # the filter while it is typed
        self.looks = Looks(partial(look_at, pid))

    def look_twice(self) -> None:
        """Two looks, a step apart. Raises MemscopeError where not even one can be had."""
        for step in range(2):
            if step:
                time.sleep(self.every_s)
            self.looks.begin()
            while not self.looks.came():
                time.sleep(0.01)
            if self.looks.problem:
                break
        if self.looks.newest is None:
            raise MemscopeError(self.looks.problem)

    def rows(self, look: TopLook) -> list[Pace]:
        """Those that the filter keeps, heaviest first."""
        before = self.looks.before
        found = paces(look.by_group[self.group], before.by_group[self.group] if before else None)
        if self.filter:
            pattern = re.compile(self.filter)
            found = [pace for pace in found if pattern.search(pace.now.name)]
        found = [pace for pace in found if pace.weight(self.by) or pace.now.live_bytes]
        found.sort(key=lambda pace: (pace.weight(self.by), pace.now.live_bytes), reverse=True)
        return found

    def screen(self, look: TopLook, *, keys: bool) -> Screen:
        now, before = look.by_group[self.group], self.looks.before
        rows = self.rows(look)
        self.first = min(self.first, max(len(rows) - 1, 0))
        said = self.said or self.looks.problem
        if self.typing is not None:
            said = f"filter: {self.typing}_  (enter keeps it, escape leaves it)"
        return Screen(
            pid=self.pid,
            command=now.command,
            time_s=now.time_s,
            over_s=None if before is None else now.time_s - before.time_s,
            whole=whole_pace(now, before.by_group[self.group] if before else None),
            peak_bytes=now.peak_bytes,
            uncertain_bytes=now.uncertain_bytes,
            resident_bytes=look.resident_bytes,
            limit=look.limit,
            history=list(self.looks.live),
            paces=rows,
            first=self.first,
            by=self.by,
            group=self.group,
            filter=self.filter,
            every_s=self.every_s,
            sampled=now.sampled,
            complete=now.complete,
            held=self.held,
            said=said,
            keys=keys,
        )

    def document(self, limit: int) -> dict[str, object]:
        look = self.looks.newest
        assert look is not None
        return top_document(self.screen(look, keys=False), limit)

    # ---- keys -----------------------------------------------------------------------------------

    def press(self, key: str) -> bool:
        """What a key does; False: it is the end."""
        if self.typing is not None:
            self._type(key)
            return True
        if key == "q":
            return False
        self.said = ""
        if does := self._keys().get(key):
            does()
        return True

    def _keys(self) -> dict[str, Callable[[], None]]:
        return {
            " ": self._hold,
            "s": partial(self._turn, "by", PACE_BYS),
            "g": partial(self._turn, "group", PACE_GROUPS),
            "/": self._begin_typing,
            "escape": partial(self._set_filter, ""),
            "down": partial(self._scroll, 1),
            "up": partial(self._scroll, -1),
            "page down": partial(self._scroll, 10),
            "page up": partial(self._scroll, -10),
            "home": partial(self._scroll, -self.first),
        }

    def _hold(self) -> None:
        self.held = not self.held

    def _turn(self, name: str, choices: tuple[str, ...]) -> None:
        place = choices.index(getattr(self, name))
        setattr(self, name, choices[(place + 1) % len(choices)])
        self.first = 0

    def _scroll(self, rows: int) -> None:
        self.first = max(self.first + rows, 0)

    def _begin_typing(self) -> None:
        self.typing = self.filter

    def _set_filter(self, text: str) -> None:
        try:
            re.compile(text)
        except (re.error, RecursionError, OverflowError) as error:
            self.said = f"{text!r} is not a regular expression: {error}"
            return
        self.filter = text
        self.first = 0

    def _type(self, key: str) -> None:
        assert self.typing is not None
        if key == "enter":
            self._set_filter(self.typing)
            self.typing = None
        elif key == "escape":
            self.typing = None
        elif key == "erase":
            self.typing = self.typing[:-1]
        elif len(key) == 1 and key.isprintable():
            self.typing += key


def follow(view: TopView, console: Console) -> None:
    """The screen until a key ends it, or the program does."""
    with (
        Keyboard() as keyboard,
        Live(console=console, screen=True, auto_refresh=False, redirect_stderr=False) as live,
    ):
        following = _Following(view, console, live, keyboard)
        try:
            while following.step():
                pass
        except KeyboardInterrupt:
            return


class _Following:
    def __init__(self, view: TopView, console: Console, live: Live, keyboard: Keyboard) -> None:
        self._view = view
        self._console = console
        self._live = live
        self._keyboard = keyboard
        self._size: ConsoleDimensions | None = None
        self._next_s = time.monotonic()

    def step(self) -> bool:
        """Look, hear a key, and draw what that changes; False: it is the end."""
        view = self._view
        came = view.looks.came()
        if came:
            self._next_s = time.monotonic() + view.every_s
            if view.looks.problem:
                return False
        if not view.held and time.monotonic() >= self._next_s:
            view.looks.begin()
        if came or self._size != self._console.size:
            self._draw()
        key = self._keyboard.read(KEY_S)
        if key:
            if not view.press(key):
                return False
            self._draw()
        return True

    def _draw(self) -> None:
        self._size = self._console.size
        look = self._view.looks.newest
        if look is None:
            lines = [Text(f"looking at process {self._view.pid}")]
        else:
            origins = look.by_group[self._view.group].origins
            screen = self._view.screen(look, keys=self._keyboard.hears)
            lines = screen_lines(self._console, origins, screen, self._console.size.height)
        self._live.update(Text("\n").join(lines), refresh=True)
