/* objects.h: tells the drain of objects: their types, and those that are made and die without the allocator.
 *
 *   an object is made      ──► its block is the one allocated just now ──► nothing to tell
 *                          └── any other: from a free list ──────────────► REUSE
 *   … of a type, and at a stack, as the one before in this block, and nothing else was told since
 *                          ──► counted, and told as AGAIN before the next event
 *   an object dies         ──► its block is freed ───────────────────────► FREE, with the type
 *                          └── it is not, by the next allocation ────────► PARKED
 *   a dictionary           ──► its table of keys came from a free list ──► OWNED, at the next event
 *
 * Who tells of creations and deaths is the interpreter itself (tracers.h), where it does; otherwise types are told
 * alone. A death is told late, so that of the many objects whose block is freed or used again right away none costs an
 * event: before the next allocation is early enough, since until then no sum can rise.
 *
 * In a sampled recording this is done for the blocks that are recorded: a table of keys goes to its dictionary's line,
 * whether that one's block is recorded or not; an array of items stays where it was asked for, unless its list's is.
 * Needs the GIL.
 */
#ifndef MS_OBJECTS_H
#define MS_OBJECTS_H

#include "program/producer.h"
#include "program/tracers.h"
#include "program/types.h"
#include "shared/snapshot.h"

#define MS_DEAD_PLACES 32u  /* a power of two: for deaths that are not told yet */
#define MS_MATCHED 4u       /* a power of two: events, looked at from the last one back, for an object's allocation */
#define MS_KEYS_PATIENCE 4u /* events by which a new dictionary has its first table of keys, or is let go */

#define MS_AGAIN_MOST (1u << 16) /* a loop that allocates nothing is heard of each millisecond or so */

typedef struct ms_dead {
    uintptr_t block;
    uint32_t type;
    uint32_t domain;
    uint64_t calm;  /* number of the calm in which the block was told as reused; 0: it was not */
    uint32_t stack; /* by which */
    uint32_t again; /* how many more times since */
} ms_dead;

/* Bits of `attention` above those of the places. */
#define MS_ATTENTION_WATCHED (UINT64_C(1) << 32)  /* a dictionary */
#define MS_ATTENTION_REPLACED (UINT64_C(1) << 33) /* another one takes the tracer's place */
#define MS_ATTENTION_AGAIN (UINT64_C(1) << 34)    /* something is counted and not told */

typedef struct ms_objects_state {
    alignas(MS_CACHE_LINE) uint64_t attention; /* not 0: somebody is dead or watched; a bit for each place in use */
    bool on;                                   /* in this recording */
    bool quick;                                /* recording all, and nobody else is to be told: on_event can be short */
    uint32_t keys_type;                        /* id of "keys of dict"; 0: not needed yet */
    /* The dictionary made last, until its table is known. */
    PyObject *watched;
    uintptr_t watched_block; /* 0: none */
    uint32_t watched_stack, patience;
    /* A calm is a time in which nothing is told but blocks that are used again. */
    uint64_t calm, calm_head;     /* its number, from 1; position to which it lasts */
    uint64_t matched[MS_MATCHED]; /* positions of allocations whose objects were made */
    ms_dead dead[MS_DEAD_PLACES]; /* by ms_objects_place */
    ms_types types;
} ms_objects_state;

extern ms_objects_state ms_objects_now;

ms_status ms_objects_start(ms_segment *segment);
/* Tells what is dead and what lies on free lists, and answers the drain's questions. Before the hooks go. */
void ms_objects_end(void);
/* Also in a forked child. */
void ms_objects_stop(void);
/* Takes a snapshot of all objects now: as ms_snapshots_take. Where Python code could run. */
const char *ms_objects_snapshot(ms_snapshot_moment moment);
/* From now on, takes a snapshot when the drain wishes for one. */
void ms_objects_look_for_wishes(void);
/* Around a pause of the recording. */
void ms_objects_pause(void);
void ms_objects_resume(void);

/* Slow halves of the functions below. */
void ms_objects_settle(void);
void ms_objects_settle_dead(void);
void ms_objects_return_to_top(void);
void ms_objects_lose(const void *block);
void ms_objects_tell_again(void);

MS_INLINE uint32_t
ms_objects_place(uintptr_t block)
{
    return (uint32_t)(block >> 4 ^ block >> 9) & (MS_DEAD_PLACES - 1);
}

/* The block is freed, or used again; the type of what had lain in it. 0: nobody died in it. */
MS_INLINE uint32_t
ms_objects_take_dead(uintptr_t block)
{
    uint32_t place = ms_objects_place(block);
    if (MS_LIKELY((ms_objects_now.attention >> place & 1) == 0) || ms_objects_now.dead[place].block != block)
        return 0;
    ms_objects_now.attention ^= UINT64_C(1) << place;
    return ms_objects_now.dead[place].type;
}

/* Before an allocation is told. */
MS_INLINE void
ms_objects_before_alloc(void)
{
    if (!MS_TRACER_IS_TOLD && MS_UNLIKELY(ms_tracers_are_replaced()))
        ms_objects_return_to_top();
    if (MS_UNLIKELY(ms_objects_now.attention != 0))
        ms_objects_settle();
}

/* Before a native allocation is told, which may make a peak: what is dead is no part of that. Of objects that live
 * nothing is read, since the library may be at work on one. */
MS_INLINE void
ms_objects_before_native(void)
{
    if (MS_UNLIKELY((ms_objects_now.attention & (UINT32_MAX | MS_ATTENTION_AGAIN)) != 0))
        ms_objects_settle_dead();
}

/* Whether the block is that of the dictionary whose table of keys is waited for. It need not be in the sample. */
MS_INLINE bool
ms_objects_watch(const void *block)
{
    return (uintptr_t)block == ms_objects_now.watched_block && block != NULL;
}

/* Before a reallocation is told. */
MS_INLINE void
ms_objects_before_realloc(void)
{
    if (MS_UNLIKELY((ms_objects_now.attention & MS_ATTENTION_AGAIN) != 0))
        ms_objects_tell_again();
}

/* The type id of what lies in a block that is about to be freed; 0: no object, or not known. */
MS_INLINE uint32_t
ms_objects_before_free(ms_domain domain, const void *block)
{
    if (MS_UNLIKELY((ms_objects_now.attention & (MS_ATTENTION_WATCHED | MS_ATTENTION_AGAIN)) != 0))
        ms_objects_lose(block);
    uint32_t buried = ms_objects_take_dead((uintptr_t)block);
    if (domain != MS_OBJ || buried != 0)
        return buried;
    return ms_types_of_block(&ms_objects_now.types, block);
}

#endif
