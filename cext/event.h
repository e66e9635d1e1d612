/* event.h: what the hooks tell the drain, one record of 16 bytes at a time.
 *
 *   word   | 63..62 | 61..58 | 57..56 | 55 ............ 0 |
 *          |   0    |  kind  | domain |     address       |
 *   size   32 bits: bytes as requested (low half; a SIZE_HIGH record goes before 4 GiB and more)
 *   stack  32 bits: stack id of an allocation; thread id of a free
 *
 * A reallocation is two records: FROM goes out before the allocator is called and takes the old block
 * away, TO (or FAILED) follows when it has returned. In between another thread may already be given
 * the old address; with one record after the fact the two would be seen in the wrong order.
 */
#ifndef MS_EVENT_H
#define MS_EVENT_H

#include "platform.h"

typedef enum ms_domain { MS_RAW = 0, MS_MEM = 1, MS_OBJ = 2, MS_DOMAINS = 3 } ms_domain;

typedef enum ms_kind {
    MS_ALLOC = 1,
    MS_FREE = 2,
    MS_REALLOC_FROM = 3,
    MS_REALLOC_TO = 4,
    MS_REALLOC_FAILED = 5,
    MS_REALLOC_GONE = 6, /* instead of TO: the new block is not among those sampled */
    /* Above: of blocks. Below: for the drain itself. */
    MS_SIZE_HIGH = 7,  /* address field: the upper 32 bits of the size of the next event */
    MS_SYNC = 8,       /* address field: take this many events of the side ring first */
    MS_ARENA = 9,      /* pymalloc was given an arena of this size; stack: 1 if before the recording */
    MS_ARENA_GONE = 10, /* and gave it back */
    MS_POOL = 11,      /* when recording ends: size: blocks in this pool; stack: its size class, from 1 */
} ms_kind;

typedef struct ms_event {
    uint64_t word;
    uint32_t size;
    uint32_t stack;
} ms_event;

_Static_assert(sizeof(ms_event) == 16, "four events fill a cache line");

#define MS_ADDRESS_MASK ((UINT64_C(1) << 56) - 1)

MS_INLINE ms_event
ms_event_make(ms_kind kind, ms_domain domain, uint64_t address, uint32_t size, uint32_t stack)
{
    ms_event event = {
        .word = address | (uint64_t)domain << 56 | (uint64_t)kind << 58,
        .size = size,
        .stack = stack,
    };
    return event;
}

MS_INLINE ms_kind
ms_event_kind(const ms_event *event)
{
    return (ms_kind)(event->word >> 58);
}

MS_INLINE ms_domain
ms_event_domain(const ms_event *event)
{
    return (ms_domain)(event->word >> 56 & 3);
}

MS_INLINE uint64_t
ms_event_address(const ms_event *event)
{
    return event->word & MS_ADDRESS_MASK;
}

#endif
