"""An exception that nobody catches, with a cause, a context, a note and a group."""


def inner():
    raise KeyError("missing")


def outer():
    try:
        inner()
    except KeyError as error:
        problem = ValueError("a\nvalue")
        problem.add_note("with a note")
        raise problem from error


try:
    outer()
except ValueError as error:
    raise ExceptionGroup("several", [error, TypeError("another")]) from None
