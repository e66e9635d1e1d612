"""Passes on to the recorded program the signals that have not reached it by themselves.

Who signals memscope means the program, and whoever signals the whole group has reached the program
already. Nothing in a signal tells the two apart, so a witness does (`witness.py`): what it got as
well was sent to all.

    kill PID         memscope                     passed on
    kill -- -PGID    memscope, witness, program   not passed on
"""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from contextlib import suppress

from memscope.recording._witness import is_stopped
from memscope.recording.witness import Receipt, Witness

# All that the program could have been meant by. SIGCHLD is about our children, and what a program
# may do about SIGKILL and SIGSTOP nobody can do for it.
PASSED_ON = signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}
BLOCKED = PASSED_ON | {signal.SIGCHLD}

_SI_KERNEL, _SI_QUEUE = 0x80, -1
_STOPS = {signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU}
# How long a signal waits for the witness's own, where one process after the other is signalled: by
# a service manager that stops a control group, or `pkill`.
WAIT_NS = 25_000_000
# `timeout` signals its child and then the group. A program alone gets the two as one: the second
# comes before it has run. In two processes they may be told apart, by this much at most.
BURST_NS = 5_000_000
# What the witness got and memscope did not, because two in a row became one, is forgotten then.
FORGET_NS = 1_000_000_000


class Tracker:
    """Which of memscope's signals reached the witness too, by number, sender and time. Pure."""

    def __init__(self) -> None:
        self._received: deque[Receipt] = deque(maxlen=1024)
        self._unclaimed: list[Receipt] = []  # the witness's that none of memscope's is known for
        self._claimed: deque[Receipt] = deque(maxlen=1024)

    def received(self, receipt: Receipt) -> None:
        self._received.append(receipt)

    def witnessed(self, receipts: list[Receipt], now_ns: int) -> None:
        self._unclaimed += receipts
        self._unclaimed = [
            seen for seen in self._unclaimed if seen.delayed or now_ns - seen.at_ns < FORGET_NS
        ]

    def was_sent_to_all(self, receipt: Receipt) -> bool:
        """Whether the witness got it too; each of the witness's answers for one of memscope's.

        Real-time signals queue, so the n-th stands for the n-th. Others may have become one on
        either side: those that came at the same time are the same.
        """
        like = [seen for seen in self._unclaimed if seen.is_like(receipt)]
        if receipt.number >= signal.SIGRTMIN:
            if like:
                self._unclaimed.remove(like[0])
            return bool(like)
        near = [seen for seen in like if seen.delayed or self._is_nearest(receipt, seen)]
        if near:
            claimed = min(near, key=lambda seen: (not seen.delayed, _apart(seen, receipt)))
            self._claimed.append(claimed)
            self._unclaimed = [
                seen
                for seen in self._unclaimed
                if seen is not claimed and not is_burst(seen, claimed)
            ]
            return True
        return any(is_burst(seen, receipt) for seen in (*self._claimed, *self._unclaimed))

    def _is_nearest(self, receipt: Receipt, seen: Receipt) -> bool:
        """Whether no other of memscope's is nearer in time to the witness's."""
        apart = _apart(receipt, seen)
        return not any(
            other.is_like(seen) and _apart(other, seen) < apart for other in self._received
        )


def is_burst(left: Receipt, right: Receipt) -> bool:
    """Whether a process that got both of them may well have seen one."""
    return left.is_like(right) and _apart(left, right) <= BURST_NS


def _apart(left: Receipt, right: Receipt) -> int:
    return abs(left.at_ns - right.at_ns)


class Relay:
    """Takes memscope's signals while the program runs; `BLOCKED` must be blocked."""

    def __init__(self, witness: Witness) -> None:
        """Begin before the program starts: what comes until then has reached nobody but us."""
        self._witness = witness
        self.parent = os.getppid()
        self._pid = 0
        self._tracker = Tracker()
        self._undecided: deque[Receipt] = deque()
        self._outgoing: deque[tuple[int, Receipt]] = deque()  # and when to send it
        self._latest: Receipt | None = None  # of those that are outgoing or sent, and its time
        self._latest_send_ns = 0
        self._take_all(0)

    def begin(self, pid: int) -> None:
        """The program has been started: pass on what came before."""
        self._pid = pid
        self._witness.tell(str(pid))
        if self._undecided:
            self._ask_witness()
        while self._undecided:
            receipt = self._undecided.popleft()
            self._tracker.was_sent_to_all(receipt)  # by now, but not when it came
            self._send(receipt)

    def step(self) -> None:
        """Wait for a signal, or until one has waited long enough, and pass on what is due."""
        times_ns = [self._undecided[0].at_ns + WAIT_NS] if self._undecided else []
        times_ns += [self._outgoing[0][0]] if self._outgoing else []
        now_ns = time.monotonic_ns()
        self._take_all(max(min(times_ns) - now_ns, 0) / 1e9 if times_ns else None)
        now_ns = time.monotonic_ns()
        self._decide_all(now_ns - WAIT_NS)
        while self._outgoing and self._outgoing[0][0] <= now_ns:
            self._send(self._outgoing.popleft()[1])

    def stop_like_program(self, number: int) -> None:
        """Stop until somebody has this process go on: the shell is waiting for that, at Ctrl-Z."""
        self._take_all(0)
        # Those that stop are done with: it has stopped.
        self._undecided = deque(kept for kept in self._undecided if kept.number not in _STOPS)
        self._decide_all(time.monotonic_ns())
        while self._outgoing:
            self._send(self._outgoing.popleft()[1])
        if not is_stopped(self._pid):
            return  # somebody has it go on already
        self._witness.tell("follows")
        if signal.getsignal(number) is not signal.SIG_DFL:
            number = signal.SIGSTOP
        os.kill(os.getpid(), number)
        if number != signal.SIGSTOP:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
            signal.pthread_sigmask(signal.SIG_BLOCK, {number})
        self._witness.tell("goes-on")

    def _take_all(self, wait_s: float | None) -> None:
        receipt = take(wait_s)
        while receipt is not None:
            # Own are SIGPIPE and the like, and what the witness sends to have this process go on.
            ours = receipt.number == signal.SIGCHLD or receipt.sender in (
                os.getpid(),
                self._witness.pid or os.getpid(),
            )
            if not ours:
                self._undecided.append(receipt)
                self._tracker.received(receipt)
            receipt = take(0)

    def _decide_all(self, until_ns: int) -> None:
        """Pass on, or not, what came until then."""
        if not self._undecided or self._undecided[0].at_ns > until_ns:
            return
        _let_senders_finish()
        self._take_all(0)
        self._ask_witness()
        while self._undecided and self._undecided[0].at_ns <= until_ns:
            self._decide(self._undecided.popleft())

    def _ask_witness(self) -> None:
        self._tracker.witnessed(self._witness.receipts(), time.monotonic_ns())

    def _decide(self, receipt: Receipt) -> None:
        if self._was_sent_to_all(receipt):
            if self._means_program_elsewhere(receipt):
                self._pass_on(receipt)
        elif receipt.sender == self._pid:
            self._send_up(receipt)
        elif self._is_for_us(receipt):
            return
        else:
            self._pass_on(receipt)

    def _pass_on(self, receipt: Receipt) -> None:
        """Have it sent as long after the one before as it came after that, lest they become one."""
        send_ns = time.monotonic_ns()
        if self._latest is not None:
            gap_ns = min(receipt.at_ns - self._latest.at_ns, WAIT_NS)
            send_ns = max(send_ns, self._latest_send_ns + gap_ns)
        self._latest, self._latest_send_ns = receipt, send_ns
        self._outgoing.append((send_ns, receipt))

    def _was_sent_to_all(self, receipt: Receipt) -> bool:
        if self._tracker.was_sent_to_all(receipt) or self._witness.has_pending(receipt.number):
            return True
        # Without a witness the kernel is taken to have told the group of the terminal.
        hung_up_alone = receipt.number == signal.SIGHUP and os.getsid(0) == os.getpid()
        return not self._witness.alive and receipt.code == _SI_KERNEL and not hung_up_alone

    def _means_program_elsewhere(self, receipt: Receipt) -> bool:
        """Whether `timeout`, or a parent like it, meant a program that has left our group.

        It signals its child and its group, and here the two have become one.
        """
        if self._latest is not None and is_burst(self._latest, receipt):
            return False
        with suppress(OSError):
            return receipt.sender == self.parent and os.getpgid(self._pid) != os.getpgid(0)
        return False

    def _is_for_us(self, receipt: Receipt) -> bool:
        """Whether this process has used up its processor time; the program has its own."""
        return receipt.number == signal.SIGXCPU and receipt.code == _SI_KERNEL

    def _send(self, receipt: Receipt) -> None:
        if os.getpid() == 1 and not _handles(self._pid, receipt.number):
            return  # the first process of a pid namespace is not ended by what it does not handle
        with suppress(OSError):
            if receipt.code == _SI_QUEUE:
                from memscope import _recorder

                _recorder.queue_signal(self._pid, receipt.number, receipt.value)
            else:
                os.kill(self._pid, receipt.number)
        if receipt.number == signal.SIGCONT and self._witness.alive:
            os.kill(self._witness.pid, signal.SIGCONT)

    def _send_up(self, receipt: Receipt) -> None:
        """The program has signalled its parent, which without us is our own.

        Unless it may have meant its group's leader, which it might be itself without us.
        """
        if os.getppid() != self.parent or self.parent <= 1 or os.getpgid(0) == os.getpid():
            return
        with suppress(OSError):
            os.kill(self.parent, receipt.number)


def take(wait_s: float | None) -> Receipt | None:
    """The next of the blocked signals, after at most so many seconds; None if there is none."""
    from memscope import _recorder

    until = None if wait_s is None else time.monotonic() + wait_s
    while True:
        left = -1.0 if until is None else max(until - time.monotonic(), 0.0)
        told = _recorder.take_signal(_BITS, left)
        at_ns = time.monotonic_ns()
        if told is not None:
            number, code, sender, value = told
            return Receipt(number, code, max(sender, 0) if code <= 0 else 0, at_ns, value)
        if until is not None and time.monotonic() >= until:
            return None


# Of `BLOCKED`: a bit for each number, the first is that of 1.
_BITS = sum(1 << (number - 1) for number in BLOCKED)


def _let_senders_finish() -> None:
    """Return when all who are signalling a whole group at this moment have reached all of it.

    They hold the kernel's lock of all tasks; to set a group takes it as well, also in vain.
    """
    with suppress(OSError):
        os.setpgid(0, os.getpgid(0))


def _handles(pid: int, number: int) -> bool:
    """Whether a process has a handler for a signal, or blocks it and so may wait for it."""
    with suppress(OSError), open(f"/proc/{pid}/status", errors="replace") as status:
        for line in status:
            name, _, value = line.partition(":")
            if name in ("SigCgt", "SigBlk") and int(value, 16) >> (number - 1) & 1:
                return True
    return False
