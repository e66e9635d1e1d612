/* The order of events across the two rings, for spin (https://spinroot.com).
 *
 * One thread with the GIL and two without are given the one address that there is, again and again, and give it back.
 * Each step below is one atomic operation of cext/ring.c, cext/producer.h or cext/drain.c. Claimed, and tried in every
 * interleaving:
 *   - the drain sees no address allocated that is still live, and none freed that is not: the order is the allocator's
 *   - nothing is lost, nothing is taken twice, nobody waits for ever
 *
 * The SPSC ring begins with SPSC_FIRST slots, and its producer may double them behind each odd round.
 */
#define SPSC_FIRST 1
#define SPSC_MOST 4
#define MPSC_SLOTS 2
#define SPSC_TURNS 3 /* times that the thread with the GIL allocates and frees */
#define MPSC_TURNS 2 /* and each of the others */
#define SIDES 2

mtype = { ALLOC, FREE, SYNC };

bool available = true; /* the allocator has the address */

/* SPSC ring */
byte head, tail;
byte slots = SPSC_FIRST;
mtype kind[SPSC_MOST];
byte until[SPSC_MOST];

/* MPSC ring */
byte mpsc_head, mpsc_tail, mpsc_limit;
byte turn[MPSC_SLOTS];
mtype mpsc_kind[MPSC_SLOTS];
byte mpsc_after[MPSC_SLOTS];

byte ended; /* threads that are through */
byte taken; /* events of blocks that the drain took */

inline push(what, number)
{
    if /* what is behind lies at the same places in twice as many slots */
    :: head % (2 * slots) == slots && slots < SPSC_MOST -> slots = 2 * slots
    :: true /* or it has been empty enough */
    fi;
    head - tail < slots; /* else it waits for the drain */
    kind[head % slots] = what;
    until[head % slots] = number;
    head++
}

/* ms_sync_rings, then the event */
inline note(what)
{
    now_mpsc = mpsc_head;
    if
    :: now_mpsc != mpsc_seen -> push(SYNC, now_mpsc); mpsc_seen = now_mpsc
    :: else
    fi;
    push(what, 0)
}

active proctype with_gil()
{
    byte turns, now_mpsc, mpsc_seen;
    do
    :: turns < SPSC_TURNS ->
        atomic { available -> available = false }; /* malloc returns */
        note(ALLOC);
        note(FREE);
        available = true; /* free is called */
        turns++
    :: else -> break
    od;
    ended++
}

/* ms_mpscring_claim and ms_mpscring_publish */
inline note_mpsc(what)
{
    after = head;
    position = mpsc_head;
    do
    :: position >= mpsc_limit && mpsc_tail + MPSC_SLOTS > position -> /* by the last look it is full */
        limit = mpsc_tail + MPSC_SLOTS;
        mpsc_limit = limit
    :: position < mpsc_limit ->
        atomic {
            if
            :: mpsc_head == position -> mpsc_head++; claimed = true
            :: else -> position = mpsc_head
            fi
        };
        if
        :: claimed -> break
        :: else
        fi
    :: else -> after = head; position = mpsc_head /* full: it tries anew */
    od;
    claimed = false;
    mpsc_after[position % MPSC_SLOTS] = after;
    mpsc_kind[position % MPSC_SLOTS] = what;
    turn[position % MPSC_SLOTS] = position + 1
}

active [SIDES] proctype without_gil()
{
    byte turns, after, position, limit;
    bool claimed;
    do
    :: turns < MPSC_TURNS ->
        atomic { available -> available = false };
        note_mpsc(ALLOC);
        note_mpsc(FREE);
        available = true;
        turns++
    :: else -> break
    od;
    ended++
}

inline take(what)
{
    if
    :: what == ALLOC -> assert(!live); live = true
    :: else -> assert(live); live = false
    fi;
    taken++
}

inline take_mpsc()
{
    take(mpsc_kind[mpsc_position % MPSC_SLOTS]);
    mpsc_position++;
    mpsc_tail = mpsc_position
}

active proctype drain()
{
    byte position, mpsc_position, now, now_slots;
    bool live, last;
    do
    :: last = (ended == SIDES + 1); /* looked at before the rings: then this is the last round */
        now = head;
        now_slots = slots; /* not before the head: the last events may lie in the new ones */
        do
        :: position < now ->
            if
            :: kind[position % now_slots] == SYNC ->
                do
                :: mpsc_position < until[position % now_slots] ->
                    turn[mpsc_position % MPSC_SLOTS] == mpsc_position + 1; /* a claimed one is soon published */
                    take_mpsc()
                :: else -> break
                od
            :: else -> take(kind[position % now_slots])
            fi;
            position++;
            tail = position
        :: else -> break
        od;
        do
        :: turn[mpsc_position % MPSC_SLOTS] == mpsc_position + 1 &&
           mpsc_after[mpsc_position % MPSC_SLOTS] <= position -> take_mpsc()
        :: else -> break
        od;
        if
        :: last -> break
        :: else
        fi
    od;
    assert(taken == 2 * (SPSC_TURNS + SIDES * MPSC_TURNS));
    assert(!live)
}
