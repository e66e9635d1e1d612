/* event.h: what the hooks tell the drain, one record of 16 bytes at a time.
 *
 *   word   | 63..59 | 58..56 | 55 ............ 0 |
 *          |  kind  | domain |     address       |
 *   size   32 bits: bytes as requested (low half; a SIZE_HIGH record goes before 4 GiB and more);
 *                   of a free the type id of the object that lay in the block
 *   stack  32 bits: stack id of an allocation; thread id of a free
 *
 * A reallocation is two records: FROM goes out before the allocator is called and takes the old block
 * away, TO (or FAILED) follows when it has returned. In between another thread may already be given
 * the old address; with one record after the fact the two would be seen in the wrong order.
 *
 * Mapped pages are no block: any part of them may go, or move. Their events name a range of addresses, and the drain
 * knows what lies there (ledger/ranges.h).
 *
 * An allocation is not an object. The interpreter keeps some blocks on free lists when their objects die, and makes the
 * next objects in them without an allocation. Four kinds tell of that; a recording without objects has none of them.
 */
#ifndef MS_EVENT_H
#define MS_EVENT_H

#include "shared/domain.h"

typedef enum ms_kind {
    MS_ALLOC = 1,
    MS_FREE = 2, /* size: type id of the object that lay in it; 0: no object, or not known */
    MS_REALLOC_FROM = 3,
    MS_REALLOC_TO = 4,
    MS_REALLOC_FAILED = 5,
    MS_REALLOC_GONE = 6, /* instead of TO: the new block is not among those sampled */
    /* An object was made in a block without an allocation. size: ms_reuse_make; stack: of who made it. */
    MS_REUSE = 7,
    /* The object in the block is dead, and the block stays on a free list. size: type id; stack: thread id. */
    MS_PARKED = 8,
    /* The block belongs to the object made just before, as a table of keys from a free list does. size: ms_reuse_make
     * of the block, or of 0 bytes where these are not known; stack: of who made the object. */
    MS_OWNED = 9,
    /* The object in the block has died, and one of its type was made in it at the same stack. size: how many times;
     * stack: thread id. Nothing was allocated or freed meanwhile. */
    MS_AGAIN = 10,
    /* Above: of blocks. Below: for the drain itself. */
    MS_SIZE_HIGH = 11,  /* address field: the upper 32 bits of the size of the next event */
    MS_SYNC = 12,       /* address field: take this many events of the MPSC ring first */
    MS_ARENA = 13,      /* pymalloc was given an arena of this size; stack: 1 if before the recording */
    MS_ARENA_GONE = 14, /* and gave it back */
    MS_POOL = 15,       /* when recording ends: size: blocks in this pool; stack: its size class, from 1 */
    /* Of ranges that libraries map; size: the range's. */
    MS_MAP = 16,
    MS_UNMAP = 17,        /* whatever lies there is to go; stack: thread id */
    MS_REMAP_FROM = 18,   /* it is to change its size or place; stack: thread id */
    MS_REMAP_TO = 19,     /* and has */
    MS_REMAP_FAILED = 20, /* and stays as it was */
    /* With a budget. stack: 1: from here on small requests are sampled; 0: all are kept. */
    MS_SAMPLING = 21,
} ms_kind;

typedef struct ms_event {
    uint64_t word;
    uint32_t size;
    uint32_t stack;
} ms_event;

_Static_assert(sizeof(ms_event) == 16, "four events fill a cache line");

#define MS_ADDRESS_MASK ((UINT64_C(1) << 56) - 1)
#define MS_KIND_SHIFT 59

MS_INLINE ms_event
ms_event_make(ms_kind kind, ms_domain domain, uint64_t address, uint32_t size, uint32_t stack)
{
    ms_event event = {
        .word = address | (uint64_t)domain << 56 | (uint64_t)kind << MS_KIND_SHIFT,
        .size = size,
        .stack = stack,
    };
    return event;
}

/* What a REUSE says of the object: its type id, and its bytes with its header, for blocks from before the recording. Of
 * what lies on one free list all is of one type: so this was the type of the block's last object, too. */
#define MS_REUSE_SHIFT 12
#define MS_REUSE_UNITS_MAX ((1u << MS_REUSE_SHIFT) - 1) /* of 8 bytes; a larger object is told as 32,760 bytes */

MS_INLINE uint32_t
ms_reuse_make(size_t bytes, uint32_t type)
{
    size_t units = (bytes + 7) / 8;
    return type << MS_REUSE_SHIFT | (uint32_t)(units < MS_REUSE_UNITS_MAX ? units : MS_REUSE_UNITS_MAX);
}

MS_INLINE uint32_t
ms_reuse_bytes(const ms_event *event)
{
    return (event->size & MS_REUSE_UNITS_MAX) * 8;
}

MS_INLINE uint32_t
ms_reuse_type(const ms_event *event)
{
    return event->size >> MS_REUSE_SHIFT;
}

MS_INLINE ms_kind
ms_event_kind(const ms_event *event)
{
    return (ms_kind)(event->word >> MS_KIND_SHIFT);
}

MS_INLINE ms_domain
ms_event_domain(const ms_event *event)
{
    return (ms_domain)(event->word >> 56 & 7);
}

MS_INLINE uint64_t
ms_event_address(const ms_event *event)
{
    return event->word & MS_ADDRESS_MASK;
}

#endif
