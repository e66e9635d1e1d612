/* snapshot.h: the objects of a program at one moment, and which of them refer to which.
 *
 *   header | objects ......... | references ............... | text ............. |
 *   64 KiB   grow by use         grow by use                  grows by use
 *
 *   program: NONE ──► READY          waits          JOINED: goes on
 *   drain:               └──► READING ──► knows the row of each object ──► JOINED ──► has written all ──► NONE
 *
 * Written by the program, all at once, at several moments of a run. The addresses mean something only as long as the
 * program stands still: so it waits until the drain has looked up whose blocks they are. It lives in a memory file of
 * its own, which is large and sparse. As in the segment, parts refer to each other by number: an object's number is its
 * place among the objects, from 1. A reference belongs to the object that refers; those of one object stand together,
 * in the order of the objects.
 *
 * What keeps objects alive and is no object itself is a root: a running frame, a thread, the interpreter. Roots stand
 * among the objects, in front.
 *
 * A name is a text of the program: the name of an attribute, a module, a local variable. Names count from 1. In `text`
 * stands for each, one after the other, its length in bytes (32 bits) and its bytes in UTF-8.
 */
#ifndef MS_SNAPSHOT_H
#define MS_SNAPSHOT_H

#include "shared/extent.h"

#define MS_SNAPSHOT_MAGIC UINT64_C(0x313050414e53534d) /* "MSSNAP01" */

/* What a reference is called. The number beside it says which. */
typedef enum ms_reference_kind {
    MS_REFERENCE_OTHER = 0,     /* not known */
    MS_REFERENCE_ITEM = 1,      /* an item of a sequence: its index */
    MS_REFERENCE_VALUE = 2,     /* a value of a dictionary; the reference before this one is its key */
    MS_REFERENCE_KEY = 3,       /* a key of a dictionary: its length, if it has one */
    MS_REFERENCE_ATTRIBUTE = 4, /* an attribute that the object itself stores: the object that is its name */
    MS_REFERENCE_FIELD = 5,     /* what Python code calls so: a name */
    MS_REFERENCE_LOCAL = 6,     /* a local variable: the object that is its name */
    /* From a function to the cell of a variable: the object that is its name. That is a way to name things, and no
     * reference: the function refers to a tuple of its cells. */
    MS_REFERENCE_CELL = 7,
} ms_reference_kind;

#define MS_REFERENCE_KIND_BITS 3u

typedef struct ms_reference {
    uint32_t target; /* number of the object referred to */
    uint32_t label;  /* ms_reference_kind, and above its bits what that kind says */
} ms_reference;

/* What is known of an object. */
#define MS_SEEN_ROOT 1u       /* no object: a root */
#define MS_SEEN_NAMESPACE 2u  /* a dictionary whose keys are names: of a module, a class, an instance */
#define MS_SEEN_HELD 4u       /* has more references than were found: something in C holds it */
#define MS_SEEN_IMMORTAL 8u   /* never dies */
#define MS_SEEN_COLLECTED 16u /* the cyclic collector knows it */
#define MS_SEEN_MODULE 32u
#define MS_SEEN_CLASS 64u
#define MS_SEEN_MODULES 128u /* the dictionary of all modules */

typedef struct ms_seen {
    uint64_t address;    /* of its block; of a root: not set */
    uint64_t size_bytes; /* with the memory that it alone holds, as far as its type is known */
    uint32_t type;       /* id in the segment; of a root: ms_root_kind */
    uint32_t references; /* how many */
    uint32_t name;       /* of a text that is one; of a class, a root: what it is called; 0: none */
    uint32_t flags;      /* MS_SEEN_* */
} ms_seen;

typedef enum ms_root_kind {
    MS_ROOT_INTERPRETER = 1,
    MS_ROOT_ATEXIT = 2, /* functions to be called at the end */
    MS_ROOT_THREAD = 3,
    MS_ROOT_FRAME = 4, /* of a function that runs */
} ms_root_kind;

typedef enum ms_snapshot_state {
    MS_SNAPSHOT_NONE = 0,    /* the program may write the next one */
    MS_SNAPSHOT_READY = 1,   /* all is written, or `why` says why not */
    MS_SNAPSHOT_READING = 2, /* the drain is at it, and the program waits */
    MS_SNAPSHOT_JOINED = 3,  /* the same, and the program may go on */
} ms_snapshot_state;

typedef enum ms_snapshot_moment {
    MS_MOMENT_END = 0, /* of the recording; the program waits anyway */
    MS_MOMENT_ASKED = 1,
    MS_MOMENT_PEAK = 2, /* the drain has wished for it */
} ms_snapshot_moment;

/* That there be a snapshot at the next safe moment. The drain makes wishes, and takes back what is not fulfilled. */
typedef enum ms_snapshot_wish {
    MS_WISH_NONE = 0,
    MS_WISH_MADE = 1,
    MS_WISH_HEARD = 2, /* the interpreter has been told to come by */
} ms_snapshot_wish;

#define MS_SNAPSHOT_WHY 64u

typedef struct ms_snapshot_header {
    uint64_t magic;
    uint64_t total_bytes, objects_max, references_max, text_max;
    uint64_t objects_offset, references_offset, text_offset;
    _Atomic uint32_t state; /* ms_snapshot_state; last to be written */
    _Atomic uint32_t wish;  /* ms_snapshot_wish */
    uint32_t moment;        /* ms_snapshot_moment */
    uint32_t taken;         /* 0: `why` says why not */
    uint32_t roots;         /* of the objects, in front */
    uint32_t objects, names;
    uint32_t values; /* 1: names of keys that are data were taken down */
    uint64_t references, text_bytes;
    uint64_t started_ns; /* by the monotonic clock: since then the program has stood still */
    uint64_t pause_ns;   /* that the program itself took */
    char why[MS_SNAPSHOT_WHY];
} ms_snapshot_header;

typedef struct ms_snapshot {
    ms_snapshot_header *header; /* NULL: closed */
    ms_seen *objects;
    ms_reference *references;
    char *text;
    uint64_t objects_max, references_max, text_max; /* as they were when it was mapped */
    ms_extent front, of_objects, of_references, of_text;
} ms_snapshot;

static inline bool
ms_snapshot_reach_object(ms_snapshot *snapshot, uint32_t number)
{
    return number < snapshot->objects_max &&
           ms_extent_reach(&snapshot->of_objects, ((uint64_t)number + 1) * sizeof(ms_seen));
}

static inline bool
ms_snapshot_reach_references(ms_snapshot *snapshot, uint64_t count)
{
    return count <= snapshot->references_max && ms_extent_reach(&snapshot->of_references, count * sizeof(ms_reference));
}

static inline bool
ms_snapshot_reach_text(ms_snapshot *snapshot, uint64_t bytes)
{
    return bytes <= snapshot->text_max && ms_extent_reach(&snapshot->of_text, bytes);
}

static inline ms_reference_kind
ms_reference_kind_of(uint32_t label)
{
    return (ms_reference_kind)(label & ((1u << MS_REFERENCE_KIND_BITS) - 1));
}

static inline ms_snapshot_state
ms_snapshot_now(ms_snapshot_header *header)
{
    return (ms_snapshot_state)atomic_load_explicit(&header->state, memory_order_acquire);
}

/* Whether it was the caller who changed it. */
static inline bool
ms_snapshot_change(ms_snapshot_header *header, ms_snapshot_state from, ms_snapshot_state to)
{
    uint32_t state = from;
    return atomic_compare_exchange_strong(&header->state, &state, to);
}

/* Gives the memory of its file back. What was mapped stays so, and reads as zeros. */
void ms_snapshot_empty(ms_snapshot *snapshot);

/* Makes a memory file for one. The caller owns *fd (close-on-exec). */
ms_status ms_snapshot_create(int *fd);
/* Maps the one in fd, which may be closed afterwards. */
ms_status ms_snapshot_map(int fd, ms_snapshot *snapshot);
void ms_snapshot_unmap(ms_snapshot *snapshot);

#endif
