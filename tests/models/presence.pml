/* Who ends a recording, and threads that enter an event lightly (cext/program/presence.h), for spin.
 *
 * What a thread writes may wait in its processor's buffer while it reads on. Claimed, and tried in every interleaving:
 * nobody is within an event when the recording has been taken away.
 */
#define THREADS 2
#define TURNS 2

bool recording = true, taken_away;
bool within[THREADS];  /* as others see it */
bool buffered[THREADS]; /* within is written, and nobody else sees it yet */

inline flush(buffer)
{
    atomic {
        if
        :: buffered[buffer] -> buffered[buffer] = false; within[buffer] = true
        :: else
        fi
    }
}

active [THREADS] proctype thread()
{
    byte turns;
    do
    :: turns < TURNS ->
        buffered[_pid] = true;
        if
        :: recording -> skip; assert(!taken_away)
        :: else
        fi;
        atomic { buffered[_pid] = false; within[_pid] = false };
        turns++
    :: else -> break
    od
}

active [THREADS] proctype processor()
{
end:
    do
    :: buffered[_pid - THREADS] -> flush(_pid - THREADS)
    od
}

active proctype ends()
{
    recording = false;
    flush(0); /* the kernel's barrier in each thread */
    flush(1);
    !within[0];
    !within[1];
    taken_away = true
}
