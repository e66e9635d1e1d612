/* segment.h: the one mapping that the recorded program and the drain share.
 *
 *   header | SPSC ring | MPSC ring | inquiry | nodes ...... | codes ...... | types ...... | text ...... |
 *   16 KiB   1 to 4 MiB  1.5 MiB     288 KiB   grow by use    grow by use    grow by use    grows by use
 *
 * It lives in a memory file without a name, which is large and sparse: 2.2 GiB, of which what is used takes memory.
 * Each side maps 8 MiB of it at first and more with need (extent.h), so tables never move. Parts refer to each other
 * by index or offset, never by pointer: whoever maps the file can read it, also when the program that wrote it is gone.
 *
 * Written by the program: rings' heads and slots, nodes, codes, types, text, counters.
 * Written by the drain: rings' tails, heartbeat.
 * The inquiry's table is written by both, in turns (inquiry.h).
 */
#ifndef MS_SEGMENT_H
#define MS_SEGMENT_H

#include "shared/extent.h"
#include "shared/inquiry.h"
#include "shared/nativesums.h"
#include "shared/ring.h"
#include "shared/status.h"

#define MS_SEGMENT_MAGIC UINT64_C(0x32304745534d534d) /* "MSMSEG02" */
#define MS_THREADS_MAX 255u                           /* threads told apart; all later ones share the last entry */

typedef enum ms_recording_state {
    MS_STATE_IDLE = 0,
    MS_STATE_RECORDING = 1,
    MS_STATE_STOPPED = 2,  /* the program ended the recording itself */
    MS_STATE_GAVE_UP = 3,  /* the drain did not move (program/patience.h): the program went on alone */
    MS_STATE_UNHOOKED = 4, /* another tool took our hooks out meanwhile; what came after is missing */
} ms_recording_state;

/* One frame of a stack; its ancestors are the callers. Id 0 is "none" and never stored. */
typedef struct ms_node {
    uint32_t parent;
    uint32_t code;          /* 0: a thread's root */
    uint32_t position;      /* instruction, in code units from the start; at a root the thread id */
    _Atomic uint32_t state; /* MS_NODE_*; last to be written */
} ms_node;

#define MS_NODE_READY 1u   /* the fields above are valid */
#define MS_NODE_IMPORT 2u  /* runs while a module is imported: importlib is among the callers */
#define MS_NODE_STARTUP 4u /* memscope's start-up script: shown as if its caller had done it */
/* memscope's own work in the program: shown right under the thread, without the program's frames above it. */
#define MS_NODE_APART 8u
/* memscope's wrapper around a function of the program's: APART itself, but left out of the stacks of what it calls. */
#define MS_NODE_WRAPPER 16u
/* A library: its node's position is an address in its file. */
#define MS_NODE_NATIVE 32u
/* Together with it: the function is the one that a thread was started with. */
#define MS_NODE_BEGINS 128u
/* not handed down to callees */
#define MS_NODE_OF_CODE (MS_NODE_STARTUP | MS_NODE_APART | MS_NODE_WRAPPER | MS_NODE_NATIVE | MS_NODE_BEGINS)
#define MS_NODE_THREAD(state) ((state) >> 8)

/* What a code object's lines and names are, copied because code objects die. */
typedef struct ms_code {
    uint32_t filename, filename_bytes; /* offset in text, length */
    uint32_t function, function_bytes;
    uint32_t lines, lines_bytes; /* location table, see linetable.h */
    int32_t first_line;
    _Atomic uint32_t flags; /* MS_NODE_*; last to be written */
} ms_code;

typedef enum ms_type_kind {
    MS_TYPE_OBJECT = 1,
    MS_TYPE_ITEMS = 2, /* the array of a list's items and the like */
    MS_TYPE_KEYS = 3,  /* a table of keys: of a dictionary, a set */
    MS_TYPE_OTHER = 4, /* any other memory that an object of this type alone holds */
} ms_type_kind;

/* What a block is. The names are copied because classes die; two classes of one name are two types. Ids are never used
 * again. */
typedef struct ms_type {
    uint32_t module, module_bytes; /* offset in text, length; of the object's type, whatever the kind */
    uint32_t name, name_bytes;     /* qualified */
    uint32_t kind;                 /* ms_type_kind */
    _Atomic uint32_t state;        /* MS_TYPE_READY; last to be written */
    uint32_t parks;                /* 1: blocks of its objects, or what they held, may stay on a free list */
    uint32_t reserved;
} ms_type;

#define MS_TYPE_READY 1u

_Static_assert(sizeof(ms_node) == 16 && sizeof(ms_code) == 32 && sizeof(ms_type) == 32, "read by other processes");

/* What the program tells of objects. */
typedef enum ms_objects {
    MS_OBJECTS_NONE = 0,
    MS_OBJECTS_TYPES = 1, /* their types; not which were made in blocks of a free list */
    MS_OBJECTS_MADE = 2,  /* and each creation from a free list */
} ms_objects;

/* Whether native memory is told of. */
typedef enum ms_native_state {
    MS_NATIVE_UNASKED = 0,
    MS_NATIVE_HEARD = 1,
    MS_NATIVE_MISSING = 2,  /* the library that sees it is not in the program */
    MS_NATIVE_ATTACHED = 3, /* it came into a process that ran already, and sees less */
} ms_native_state;

typedef struct ms_thread_entry {
    uint32_t native_id;
    uint32_t flags; /* 1: the main thread; 2: shared by all later threads */
    char name[24];  /* as the operating system has it, NUL-terminated */
} ms_thread_entry;

/* A process that the program started, and that is not in this recording. */
#define MS_PROCESSES_MAX 128u /* that are listed; all are counted */
#define MS_PROCESS_NAME 48u   /* bytes of an executable's name, with the NUL */

typedef enum ms_process_role {
    MS_PROCESS_FORKED = 1,  /* goes on with a copy of the program's memory */
    MS_PROCESS_SPAWNED = 2, /* runs another program */
} ms_process_role;

typedef struct ms_process_entry {
    _Atomic uint32_t pid; /* 0: not known */
    uint32_t parent;
    _Atomic uint32_t role;      /* ms_process_role; last to be written, 0: not yet */
    _Atomic uint32_t followed;  /* 1: it has a recording of its own */
    char name[MS_PROCESS_NAME]; /* of what it runs; empty: of a forked process, or not known */
} ms_process_entry;

/* No bit that a program gone wild may set: a capture that says this is taken away. */
#define MS_NOTHING_RAN 0x676e6968u
#define MS_GENERATIONS 3

/* What the cyclic collector did in one generation, by its own account. */
typedef struct ms_gc_counters {
    uint64_t collections;
    uint64_t collected, uncollectable; /* objects */
    uint64_t duration_ns;
} ms_gc_counters;

/* What the C library's allocator has. */
typedef struct ms_libc_counts {
    uint64_t heap_bytes;             /* of its heaps, without mappings of single blocks */
    uint64_t used_bytes, free_bytes; /* of these */
    uint64_t mapped_bytes;           /* of single blocks */
} ms_libc_counts;

/* Where the parts lie in the file. */
typedef struct ms_segment_layout {
    uint64_t magic;
    uint64_t total_bytes;
    uint64_t nodes_max, codes_max, types_max, text_max;
    uint64_t nodes_offset, codes_offset, types_offset, text_offset, spsc_offset, mpsc_offset, inquiry_offset;
} ms_segment_layout;

typedef struct ms_segment_header {
    ms_segment_layout layout;

    _Atomic uint32_t state;       /* ms_recording_state; program */
    _Atomic uint32_t program_pid; /* program */
    _Atomic uint32_t node_count;  /* highest id given out; program */
    _Atomic uint32_t code_count, type_count;
    _Atomic uint64_t text_used;
    _Atomic uint32_t threads_claimed;
    _Atomic uint32_t late_root;    /* node of the threads that share the last entry; 0: none yet */
    _Atomic uint32_t thread_count; /* entries that are filled, at most MS_THREADS_MAX */

    /* Counters of the program; each goes into every report. */
    _Atomic uint64_t waits, wait_ns;
    _Atomic uint64_t dropped_events;
    _Atomic uint64_t lost_stacks;   /* allocations whose stack was cut because memory ran out */
    _Atomic uint64_t private_bytes; /* the program's own index and caches */
    _Atomic uint64_t types_bytes;   /* and its map of types */

    _Atomic uint32_t objects;     /* ms_objects; program, before its first event */
    _Atomic uint32_t keys_domain; /* that tables of keys are requested from; the same */
    _Atomic uint32_t native;      /* ms_native_state; program, before its first event */
    uint64_t native_least_bytes;  /* smaller native blocks are counted here, and not told; 0: all are told */
    ms_native_shard native_small[MS_NATIVE_SHARDS];
    /* With a budget: 1 asks the program to sample; drain. And what the program has spent on recording, estimated. */
    _Atomic uint32_t sampling_wanted;
    _Atomic uint64_t recording_ns;
    _Atomic uint64_t tracer_replaced; /* times that another tool took the place of our call at each creation */
    _Atomic uint64_t types_lost;      /* types without an entry of their own; they share the last one */

    _Atomic uint32_t
        nothing_ran; /* MS_NOTHING_RAN: there was no such module, and nothing of the program's began; program */
    _Atomic uint64_t main_ended_ns; /* when the main program's own code had ended; 0: not known; program */

    /* Where in the program's memory an int says whether the cyclic collector runs (0: unknown). */
    uint64_t collecting_address;
    /* What the collector did while recording; written by the program when it stops. */
    ms_gc_counters gc[MS_GENERATIONS];
    uint32_t gc_thresholds[MS_GENERATIONS];
    uint32_t gc_timed;   /* 1: duration_ns is known */
    uint32_t gc_enabled; /* 1: when recording ended */
    _Atomic uint32_t gc_known;

    /* The C library's allocator when the recording began and when it ended, by its own count; all 0: unknown. Program.
     */
    ms_libc_counts libc_before, libc_end;
    /* What the process held before the recording, by the kernel's count; 0: unknown. Program. */
    _Atomic uint64_t before_bytes, before_shared_bytes, before_peak_bytes;

    /* What a snapshot takes right now: of its file, and the program's tables for it. */
    _Atomic uint64_t snapshot_file_bytes, snapshot_tables_bytes;
    /* The kernel's peak outside of snapshots, up to the last one; and after that one. 0: there was none. */
    _Atomic uint64_t peak_outside_bytes, peak_within_bytes;

    alignas(MS_CACHE_LINE) _Atomic uint64_t heartbeat; /* polls of the drain; drain */
    _Atomic uint32_t drain_pid, drain_thread;          /* who takes events; 0: nobody yet; drain */
    _Atomic uint32_t abandoned;                        /* 1: nobody takes events from here any more; drain */

    ms_thread_entry threads[MS_THREADS_MAX + 1]; /* from 1 */

    /* Processes; written by the program and by those that it forked. */
    _Atomic uint32_t process_count; /* entries that were asked for, also those beyond the last */
    _Atomic uint32_t forked, spawned, followed;
    _Atomic uint32_t replaced; /* 1: the program has executed another one in its own place */
    char replaced_by[MS_PROCESS_NAME];
    ms_process_entry processes[MS_PROCESSES_MAX];
} ms_segment_header;

/* How far each table is mapped; by whoever maps more, whatever copies of the ms_segment there are. */
typedef struct ms_segment_room {
    ms_extent front; /* header and rings */
    ms_extent nodes, codes, types, text;
    uint64_t whole_bytes; /* 0, or of the one mapping that holds all parts */
} ms_segment_room;

typedef struct ms_segment {
    ms_segment_header *header;
    ms_spscring *spsc;
    ms_mpscring *mpsc;
    ms_node *nodes;
    ms_inquiry *inquiry;
    ms_code *codes;
    ms_type *types;
    char *text;
    /* As they were when it was mapped: what goes wrong in the program may write anywhere, here too. */
    uint64_t nodes_max, codes_max, types_max, text_max;
    ms_segment_room *room;
} ms_segment;

/* Whether entries up to an id, and text up to an offset, may be read and written: maps more if need be. False: there is
 * no room, or none can be had now. */
MS_INLINE bool
ms_segment_reach_node(const ms_segment *segment, uint32_t id)
{
    return ms_extent_reach(&segment->room->nodes, ((uint64_t)id + 1) * sizeof(ms_node));
}

MS_INLINE bool
ms_segment_reach_code(const ms_segment *segment, uint32_t id)
{
    return ms_extent_reach(&segment->room->codes, ((uint64_t)id + 1) * sizeof(ms_code));
}

MS_INLINE bool
ms_segment_reach_type(const ms_segment *segment, uint32_t id)
{
    return ms_extent_reach(&segment->room->types, ((uint64_t)id + 1) * sizeof(ms_type));
}

MS_INLINE bool
ms_segment_reach_text(const ms_segment *segment, uint64_t end)
{
    return ms_extent_reach(&segment->room->text, end);
}

/* Whether a piece of text is one that the program has written. */
static inline bool
ms_segment_has_text(const ms_segment *segment, uint32_t offset, uint32_t bytes)
{
    uint64_t used = atomic_load_explicit(&segment->header->text_used, memory_order_relaxed);
    return (uint64_t)offset + bytes <= (used < segment->text_max ? used : segment->text_max);
}

/* Each code is there for a node that comes right after it. */
#define MS_CODES_AHEAD 4096u

/* Whether a node can be of this code. */
static inline bool
ms_segment_has_code(const ms_segment *segment, uint32_t node, uint32_t code)
{
    return code < segment->codes_max && code <= (uint64_t)node + MS_CODES_AHEAD &&
           code <= atomic_load_explicit(&segment->header->code_count, memory_order_relaxed);
}

/* Whether a type's entry may be read: the program has given this id out and written what it says. */
static inline bool
ms_segment_has_type(const ms_segment *segment, uint32_t id)
{
    return id != 0 && id < segment->types_max &&
           id <= atomic_load_explicit(&segment->header->type_count, memory_order_relaxed) &&
           ms_segment_reach_type(segment, id) &&
           /* pairs with the release with which the program writes it last */
           atomic_load_explicit(&segment->types[id].state, memory_order_acquire) == MS_TYPE_READY;
}

/* What the recorder has in the program beside the segment. */
static inline uint64_t
ms_segment_private_bytes(const ms_segment *segment)
{
    return atomic_load_explicit(&segment->header->private_bytes, memory_order_relaxed) +
           atomic_load_explicit(&segment->header->types_bytes, memory_order_relaxed) +
           atomic_load_explicit(&segment->header->snapshot_tables_bytes, memory_order_relaxed);
}

/* Makes a new memory file with an empty segment. The caller owns *fd (close-on-exec). */
ms_status ms_segment_create(int *fd);
/* Maps the segment in fd, which may be closed afterwards. */
ms_status ms_segment_map(int fd, ms_segment *segment);
void ms_segment_unmap(ms_segment *segment);
/* Gives back to the kernel all that the file has in memory but its header, for everybody: whoever has it mapped finds
 * zeros. Forked children have, for as long as they live. For the drain, when nobody writes any more. */
void ms_segment_empty(const ms_segment *segment);
/* This mapping's pages of the first nodes no longer count as the process's memory; they come back when they are read.
 */
void ms_segment_let_go_of_nodes(const ms_segment *segment, uint32_t count);
/* Bytes of the segment that have been touched, at least: used entries and the rings. */
uint64_t ms_segment_touched_bytes(const ms_segment *segment);

#endif
