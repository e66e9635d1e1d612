/* orphans.h: names that nothing but the interpreter's cache of attributes holds.
 *
 *   getattr(node, "visit_" + kind) ──► cache[version of the type ^ address of the name] ──► the name stays
 *
 * A name that was made at run time is of no use once the program has dropped it: lookups compare addresses, and nobody
 * can have this one. The cache keeps it until another name comes to its slot, sooner or later as addresses have it. So
 * that figures of sections repeat, orphans are dropped at both ends of a section. Within it nothing of the
 * interpreter's may be changed: there they are told of as released.
 *
 *   events ──► allocations of a name's size ──► of a window of them, those not freed ──► strings ──► in the cache?
 *
 * Windows are counted in allocations, which repeat where frees do not. Needs the GIL.
 */
#ifndef MS_ORPHANS_H
#define MS_ORPHANS_H

#include "program/pycompat.h"
#include "shared/ring.h"

/* Allocations between two looks. Names that push each other out of the cache within a window stay unsteady: in three
 * runs of jinja2's suite, which makes one each 20 allocations, 78 % of the tests were the same with 1024, 97 % with 64;
 * 16 cost no more. */
#define MS_ORPHAN_WINDOW 16u
#define MS_ORPHAN_AGE 8u /* windows in which a string is looked at again */
#define MS_ORPHANS_MAX (MS_ORPHAN_WINDOW * MS_ORPHAN_AGE)
#define MS_ORPHAN_REST 16u  /* windows without a search, at most: of keys of dicts, say, none is in the cache */
#define MS_ORPHAN_TYPES 16u /* versions of types whose names were orphans */

typedef struct ms_orphans {
    uint64_t position;    /* events before it were looked at */
    uint32_t allocations; /* of this window, so far */
    uint32_t count;
    uint64_t filter; /* one bit for each address that may be below */
    struct {
        uintptr_t address;
        uint32_t age;
    } strings[MS_ORPHANS_MAX]; /* what may be a name, oldest first */
    uint32_t in_vain;          /* searches since one that found something */
    uint32_t rest;             /* windows until the next search */
    uint32_t type_count, next_type;
    unsigned versions[MS_ORPHAN_TYPES];
} ms_orphans;

/* Drops the orphans that there are, as the cache does when their slots are taken. */
void ms_orphans_drop(PyInterpreterState *interp);
/* Begins with the events from a position of the ring on. */
void ms_orphans_begin(ms_orphans *orphans, uint64_t position);
/* Looks at the events up to `head`. Returns how many more are to be waited for; 0: the window is over. */
uint32_t ms_orphans_follow(ms_orphans *orphans, const ms_spscring_writer *ring);
/* The orphans at the end of a window; returns their number. The next window begins. */
uint32_t ms_orphans_find(ms_orphans *orphans, PyInterpreterState *interp, uintptr_t found[MS_ORPHANS_MAX]);

#endif
