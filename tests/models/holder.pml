/* Which thread is the one at the SPSC ring (cext/program/producer.h, ms_tstate_if_holder), for spin.
 *
 * A thread that the ring knows, and whose thread state says that it is current, holds the GIL, and does not ask CPython.
 * Claimed, and tried in every interleaving: whoever so comes to the ring holds the GIL, though others take the ring over
 * while a thread without the GIL looks.
 */
#define THREADS 2
#define TURNS 3
#define NOBODY 255

byte gil = NOBODY;
byte thread_pointer = NOBODY, tstate = NOBODY; /* of the producer */
bool current[THREADS];                         /* what each thread state says of itself */

/* Makes an event, with the GIL or without. */
inline event()
{
    state = tstate;
    if
    :: thread_pointer == _pid ->
        if
        :: current[state] -> assert(gil == _pid)
        :: else
        fi
    :: else ->
        if
        :: gil == _pid -> /* CPython says so */
            thread_pointer = NOBODY;
            tstate = _pid;
            thread_pointer = _pid
        :: else
        fi
    fi;
    state = 0
}

active [THREADS] proctype thread()
{
    byte turns, state;
    do
    :: turns < TURNS ->
        if
        :: atomic { gil == NOBODY -> gil = _pid };
            current[_pid] = true;
            event();
            current[_pid] = false;
            gil = NOBODY
        :: event()
        fi;
        turns++
    :: else -> break
    od
}
