"""What `sys.remote_exec` has a process run: it lets whoever attaches to it come in.

The main thread runs this in the midst of whatever it does. So it starts a thread, and is done: that
one may wait for imports, and no signal handler of the program's runs in it. It is this file and no
other one made for the purpose: a process may come to it at any later time, and must find it. When
nobody waits for it any more, nothing happens. What is raised here would be on the program's stderr.
"""


def begin() -> None:
    import _thread
    import os

    # The thread that imports it first is its main thread, which is waited for at the end.
    import threading  # noqa: F401

    # Where memscope.recording.meeting has it.
    address = f"/tmp/memscope-{os.geteuid()}/attach-{os.getpid()}"

    def let_in() -> None:
        import _socket

        link = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM | _socket.SOCK_CLOEXEC)
        try:
            link.connect(address)
        except OSError:
            return
        try:
            from memscope.recording.attached import be_recorded
        except ImportError as error:
            text = f"no memscope cannot be imported there: {error}".replace("\n", " ")
            link.send(f"{text}\n".encode("utf-8", "replace")[:1000])
            return
        be_recorded(link.detach())

    def guarded() -> None:
        try:
            let_in()
        except Exception:
            return

    _thread.start_new_thread(guarded, ())


try:
    begin()
except KeyboardInterrupt:  # a key on the terminal, just now: it is for the program
    import _thread

    _thread.interrupt_main()
except Exception:
    pass
