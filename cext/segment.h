/* segment.h: the one mapping that the recorded program and the drain share.
 *
 *   header | main ring | side ring | nodes ......... | codes ......... | text ......... |
 *   16 KiB   4 MiB       256 KiB     grow by use       grow by use       grows by use
 *
 * It lives in a memory file without a name; the tables are reserved large and sparse, so that they never
 * move and cost only what is used. Parts refer to each other by index or offset, never by
 * pointer: whoever maps the file can read it, also when the program that wrote it is gone.
 *
 * Written by the program: rings' heads and slots, nodes, codes, text, counters.
 * Written by the drain: rings' tails, heartbeat.
 */
#ifndef MS_SEGMENT_H
#define MS_SEGMENT_H

#include "ring.h"
#include "status.h"

#define MS_SEGMENT_MAGIC UINT64_C(0x31304745534d534d) /* "MSMSEG01" */
#define MS_THREADS_MAX 255u /* threads told apart; all later ones share the last entry */

typedef enum ms_recording_state {
    MS_STATE_IDLE = 0,
    MS_STATE_RECORDING = 1,
    MS_STATE_STOPPED = 2,  /* the program ended the recording itself */
    MS_STATE_GAVE_UP = 3,  /* the drain had not moved for MS_PATIENCE_NS: the program went on alone */
    MS_STATE_UNHOOKED = 4, /* another tool took our hooks out meanwhile; what came after is missing */
} ms_recording_state;

/* One frame of a stack; its ancestors are the callers. Id 0 is "none" and never stored. */
typedef struct ms_node {
    uint32_t parent;
    uint32_t code;     /* 0: a thread's root */
    uint32_t position; /* instruction, in code units from the start; at a root the thread id */
    _Atomic uint32_t state; /* MS_NODE_*; last to be written */
} ms_node;

#define MS_NODE_READY 1u   /* the fields above are valid */
#define MS_NODE_IMPORT 2u  /* runs while a module is imported: importlib is among the callers */
#define MS_NODE_OWN 4u    /* memscope's start-up script: shown as if its caller had done it */
#define MS_NODE_THREAD(state) ((state) >> 8)

/* What a code object's lines and names are, copied because code objects die. */
typedef struct ms_code {
    uint32_t filename, filename_bytes; /* offset in text, length */
    uint32_t function, function_bytes;
    uint32_t lines, lines_bytes; /* location table, see linetable.h */
    int32_t first_line;
    _Atomic uint32_t flags; /* MS_NODE_*; last to be written */
} ms_code;

_Static_assert(sizeof(ms_node) == 16 && sizeof(ms_code) == 32, "read by other processes");

typedef struct ms_thread_entry {
    uint32_t native_id;
    uint32_t flags; /* 1: the main thread; 2: shared by all later threads */
    char name[24];  /* as the operating system has it, NUL-terminated */
} ms_thread_entry;

#define MS_GENERATIONS 3

/* What the cyclic collector did in one generation, by its own account. */
typedef struct ms_gc_tally {
    uint64_t collections;
    uint64_t collected, uncollectable; /* objects */
    uint64_t duration_ns;
} ms_gc_tally;

typedef struct ms_segment_header {
    uint64_t magic;
    uint64_t total_bytes;
    uint64_t nodes_max, codes_max, text_max;
    uint64_t nodes_offset, codes_offset, text_offset, ring_offset, side_offset;

    _Atomic uint32_t state;       /* ms_recording_state; program */
    _Atomic uint32_t program_pid; /* program */
    _Atomic uint32_t node_count;  /* highest id given out; program */
    _Atomic uint32_t code_count;
    _Atomic uint64_t text_used;
    _Atomic uint32_t threads_claimed;
    _Atomic uint32_t late_root;    /* node of the threads that share the last entry; 0: none yet */
    _Atomic uint32_t thread_count; /* entries that are filled, at most MS_THREADS_MAX */

    /* Counters of the program; each goes into every report. */
    _Atomic uint64_t waits, wait_ns;
    _Atomic uint64_t dropped_events;
    _Atomic uint64_t lost_stacks; /* allocations whose stack was cut because memory ran out */
    _Atomic uint64_t private_bytes; /* the program's own index and caches */

    /* Where in the program's memory an int says whether the cyclic collector runs (0: unknown). */
    uint64_t collecting_address;
    /* What the collector did while recording; written by the program when it stops. */
    ms_gc_tally gc[MS_GENERATIONS];
    uint32_t gc_thresholds[MS_GENERATIONS];
    uint32_t gc_timed;   /* 1: duration_ns is known */
    uint32_t gc_enabled; /* 1: when recording ended */
    _Atomic uint32_t gc_known;

    alignas(MS_CACHE_LINE) _Atomic uint64_t heartbeat; /* polls of the drain; drain */
    _Atomic uint32_t abandoned; /* 1: nobody takes events from here any more; drain */

    ms_thread_entry threads[MS_THREADS_MAX + 1]; /* from 1 */
} ms_segment_header;

typedef struct ms_segment {
    ms_segment_header *header;
    ms_ring *ring;
    ms_sidering *side;
    ms_node *nodes;
    ms_code *codes;
    char *text;
    /* As they were when it was mapped: what goes wrong in the program may write anywhere, here too. */
    uint64_t nodes_max, codes_max, text_max, total_bytes;
} ms_segment;

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

/* Makes a new memory file with an empty segment. The caller owns *fd (close-on-exec). */
ms_status ms_segment_create(int *fd);
/* Maps the segment in fd, which may be closed afterwards. */
ms_status ms_segment_map(int fd, ms_segment *segment);
void ms_segment_unmap(ms_segment *segment);
/* Bytes of the segment that have been touched, at least: used entries and the rings. */
uint64_t ms_segment_touched_bytes(const ms_segment *segment);

#endif
