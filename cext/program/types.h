/* types.h: from a type object to the id of its names.
 *
 *   type ── quick: by some bits of its address ──► id         nearly always
 *        └─ places: by address ──────────────────► id         forgotten when the type dies, whose address may come
 * again
 *
 * An object whose `__class__` was assigned may be of a type of which none was made. Before the drain asks what lies in
 * live blocks, all types that the collector reaches are expected: met in a block, they are entered.
 *
 * Two classes of one name are two types. A type's names are copied when an object of it is first met: classes are given
 * their module's name after they were made (namedtuple does). Deaths are heard of through the destructor of `type`,
 * which is ours while a recording is on, as with code objects (codemap.h).
 *
 * What lies in a block is read off the block: its type is the word at +8, +24 or +40, after a header of 0, 16 or 32
 * bytes. It counts only if it is a known type whose objects have that header; nothing is read through it.
 *
 * Needs the GIL.
 */
#ifndef MS_TYPES_H
#define MS_TYPES_H

#include "program/pycompat.h"
#include "shared/arena.h"
#include "shared/probe.h"
#include "shared/segment.h"

#define MS_QUICK_TYPES 1024u

/* Beside what the type says of itself. */
#define MS_TRAIT_PARKS 1u /* blocks of its objects may stay on a free list */
#define MS_TRAIT_DICT 2u  /* dict itself: tables of keys have a free list of their own */

typedef struct ms_known_type {
    uintptr_t key; /* address; in its lowest bits ms_type_kind - 1, or that it is expected; 0: free */
    uint32_t id;
    uint16_t header; /* bytes between the start of an object's block and the object */
    uint16_t traits;
} ms_known_type;

typedef struct ms_types {
    ms_known_type quick[MS_QUICK_TYPES]; /* of kind MS_TYPE_OBJECT */
    ms_segment *segment;                 /* NULL: closed */
    ms_known_type *places;               /* open addressing */
    uint32_t mask, used;
    bool expecting; /* some types are expected */
    uint32_t other; /* id of the entry for types that find no room */
    char *names;    /* MS_NAMES_BYTES */
} ms_types;

ms_status ms_types_open(ms_types *types, ms_segment *segment);
void ms_types_close(ms_types *types);

/* Slow halves of the functions below. */
const ms_known_type *ms_types_enter(ms_types *types, PyTypeObject *type);
const ms_known_type *ms_types_search(ms_types *types, uintptr_t address);

/* The id of what objects of a type hold: items, keys. 0: no room. */
uint32_t ms_types_part(ms_types *types, PyTypeObject *type, ms_type_kind kind);
/* From now on the type has a trait. */
void ms_types_add_trait(ms_types *types, PyTypeObject *type, uint16_t trait);
/* From now on a type that is met in a block is known, though no object of it was seen yet. */
void ms_types_expect(ms_types *types, PyTypeObject *type);
/* The known type of the object in a block of which so many bytes may be read; 0: no object, or not known. */
uint32_t ms_types_of_readable(ms_types *types, const void *block, uint64_t size_bytes, PyObject **op);

MS_INLINE uint32_t
ms_types_quick(uintptr_t address)
{
    return (uint32_t)(address >> 4 ^ address >> 13) & (MS_QUICK_TYPES - 1);
}

/* Where a type is, if it is known without a search: else its `key` is of another. By any thread that holds a GIL. */
MS_INLINE const ms_known_type *
ms_types_look(const ms_types *types, PyTypeObject *type)
{
    return &types->quick[ms_types_quick((uintptr_t)type)];
}

/* What is known of a living object's type. Never NULL. */
MS_INLINE const ms_known_type *
ms_types_known(ms_types *types, PyTypeObject *type)
{
    const ms_known_type *known = ms_types_look(types, type);
    return MS_LIKELY(known->key == (uintptr_t)type) ? known : ms_types_enter(types, type);
}

MS_INLINE bool
ms_types_is(const ms_types *types, uintptr_t word, uint32_t header, uint32_t *id)
{
    const ms_known_type *known = &types->quick[ms_types_quick(word)];
    *id = known->id;
    return known->key == word && known->header == header && word != 0;
}

/* Whether two words can be what the cyclic collector keeps before an object with a header of 32 bytes: neighbours in a
 * list, or none. In a table of keys (of the OBJ domain up to 3.12) small counts are there, and behind them may be the
 * hash of a type's address. */
MS_INLINE bool
ms_types_may_be_collected(const uintptr_t *words)
{
    uintptr_t next = words[0], previous = words[1];
    return (next == 0 && previous < 4) || ((next == 0 || next >= 4096) && previous >= 4096);
}

/* The slow half of ms_types_of_block. */
uint32_t ms_types_of_unusual(ms_types *types, const void *block);

/* Whether a block of pymalloc's may have so many bytes: it ends within its pool. */
MS_INLINE bool
ms_types_may_read(const void *block, uintptr_t bytes)
{
    return ((uintptr_t)block & (MS_POOL_BYTES - 1)) <= MS_POOL_BYTES - bytes;
}

/* The type id of the object in a block of the OBJ domain that is about to be freed; 0: no object, or not known. */
MS_INLINE uint32_t
ms_types_of_block(ms_types *types, const void *block)
{
    const uintptr_t *words = block;
    uint32_t id;
    if (ms_types_is(types, words[1], 0, &id))
        return id;
    if (MS_LIKELY(ms_types_may_read(block, 32))) {
        if (ms_types_is(types, words[3], 16, &id))
            return id;
        if (ms_types_may_read(block, 48) && ms_types_is(types, words[5], 32, &id) &&
            ms_types_may_be_collected(words + 2))
            return id;
    }
    return ms_types_of_unusual(types, block);
}

#endif
