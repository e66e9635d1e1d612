/* The order of events across the two rings, for spin (https://spinroot.com).
 *
 * One thread with the GIL and two without are given the one address that there is, again and again, and give it back.
 * Each step below is one atomic operation of cext/ring.c, cext/producer.h or cext/drain.c. Claimed, and tried in every
 * interleaving:
 *   - the drain sees no address allocated that is still live, and none freed that is not: the order is the allocator's
 *   - nothing is lost, nothing is taken twice, nobody waits for ever
 */
#define MAIN_SLOTS 3
#define SIDE_SLOTS 2
#define MAIN_TURNS 3 /* times that the thread with the GIL allocates and frees */
#define SIDE_TURNS 2 /* and each of the others */
#define SIDES 2

mtype = { ALLOC, FREE, SYNC };

bool available = true; /* the allocator has the address */

/* main ring */
byte head, tail;
mtype kind[MAIN_SLOTS];
byte until[MAIN_SLOTS];

/* side ring */
byte side_head, side_tail;
byte turn[SIDE_SLOTS];
mtype side_kind[SIDE_SLOTS];
byte side_after[SIDE_SLOTS];

byte ended; /* threads that are through */
byte taken; /* events of blocks that the drain took */

inline push(what, number)
{
    head - tail < MAIN_SLOTS; /* else it waits for the drain */
    kind[head % MAIN_SLOTS] = what;
    until[head % MAIN_SLOTS] = number;
    head++
}

/* ms_sync_rings, then the event */
inline note(what)
{
    now_side = side_head;
    if
    :: now_side != side_seen -> push(SYNC, now_side); side_seen = now_side
    :: else
    fi;
    push(what, 0)
}

active proctype with_gil()
{
    byte turns, now_side, side_seen;
    do
    :: turns < MAIN_TURNS ->
        atomic { available -> available = false }; /* malloc returns */
        note(ALLOC);
        note(FREE);
        available = true; /* free is called */
        turns++
    :: else -> break
    od;
    ended++
}

/* ms_sidering_claim and ms_sidering_publish */
inline note_side(what)
{
    after = head;
    position = side_head;
    do
    :: side_tail + SIDE_SLOTS > position ->
        atomic {
            if
            :: side_head == position -> side_head++; claimed = true
            :: else -> position = side_head
            fi
        };
        if
        :: claimed -> break
        :: else
        fi
    :: else -> after = head; position = side_head /* full: it tries anew */
    od;
    claimed = false;
    side_after[position % SIDE_SLOTS] = after;
    side_kind[position % SIDE_SLOTS] = what;
    turn[position % SIDE_SLOTS] = position + 1
}

active [SIDES] proctype without_gil()
{
    byte turns, after, position;
    bool claimed;
    do
    :: turns < SIDE_TURNS ->
        atomic { available -> available = false };
        note_side(ALLOC);
        note_side(FREE);
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

inline take_side()
{
    take(side_kind[side_position % SIDE_SLOTS]);
    side_position++;
    side_tail = side_position
}

active proctype drain()
{
    byte position, side_position, now;
    bool live, last;
    do
    :: last = (ended == SIDES + 1); /* looked at before the rings: then this is the last round */
        now = head;
        do
        :: position < now ->
            if
            :: kind[position % MAIN_SLOTS] == SYNC ->
                do
                :: side_position < until[position % MAIN_SLOTS] ->
                    turn[side_position % SIDE_SLOTS] == side_position + 1; /* a claimed one is soon published */
                    take_side()
                :: else -> break
                od
            :: else -> take(kind[position % MAIN_SLOTS])
            fi;
            position++;
            tail = position
        :: else -> break
        od;
        do
        :: turn[side_position % SIDE_SLOTS] == side_position + 1 &&
           side_after[side_position % SIDE_SLOTS] <= position -> take_side()
        :: else -> break
        od;
        if
        :: last -> break
        :: else
        fi
    od;
    assert(taken == 2 * (MAIN_TURNS + SIDES * SIDE_TURNS));
    assert(!live)
}
