/* mappings.h: what a process's resident memory is made of, as its list of mappings says; private memory is looked into
 * by residency.h.
 *
 *   /proc/PID/smaps                           groups, by kind and name
 *   7f31…-7f32… r-xp … /usr/lib/libarrow.so   ┐
 *   Rss:  2104 kB                             ├──►  file   libarrow.so    18 MiB resident, 41 MiB mapped
 *   7f32…-7f33… rw-p … /usr/lib/libarrow.so   ┘
 *   7f32…-7f32… rw-p                          ───►  file, too: what the library has no bytes for in its file
 *   55d0…-55d1… rw-p … [heap]                 ───►  heap
 *   7f40…-7f44… rw-p                          ───►  anonymous
 *
 * A look takes 0.2 ms, and 8 to 22 ms more for each GiB of small pages; at a program that takes page faults meanwhile,
 * 2 ms. The kernel holds the process's lock on its mappings for a few of them at a time. So looks are rare: while
 * resident memory grows, where it is by half above the highest look; where it grows no more, by a thirty-second; and
 * when the run is twice as long. All of them take a fiftieth of the run and 60 ms of CPU time at most, and there are
 * 256. The last one is taken while the program waits at its end.
 *
 * Kept are the look that found most resident and the latest one. Used by the drain alone.
 */
#ifndef MS_MAPPINGS_H
#define MS_MAPPINGS_H

#include "capture/column.h"
#include "capture/numbers.h"
#include "drain/compiledmodules.h"
#include "drain/looksums.h"
#include "drain/residency.h"

#define MS_MAPPING_NAMES 256u     /* groups told apart; the rest of their kind share one without a name */
#define MS_MAPPING_NAME_BYTES 96u /* of a file's name the end is kept */
#define MS_MAPPINGS_MOST 65536u   /* a process with more is not looked at again */
#define MS_RANGES_MOST 96u        /* of private memory that a look tells apart */
#define MS_LOOKS_MOST 512u

typedef struct ms_mapping_group {
    uint64_t resident_bytes, mapped_bytes;
    uint8_t kind;
    bool code; /* some of it may be executed: a library */
    char name[MS_MAPPING_NAME_BYTES];
} ms_mapping_group;

typedef struct ms_look {
    uint64_t time_ns, resident_bytes;   /* 0: there was none */
    uint64_t snapshot_bytes;            /* of resident_bytes; such a look is no peak of the program's for that */
    uint64_t live_bytes, own_bytes;     /* tracked; memscope's, without the segment where that is among the groups */
    uint64_t arena_bytes, pooled_bytes; /* of pymalloc's arenas from the recording; live in them, as requested */
    bool final;                         /* the program waited at its end */
    ms_residency residency;
    uint32_t group_count;
    ms_mapping_group *groups;    /* room for MS_MAPPING_NAMES and one more of each kind */
    ms_compiledmodules *modules; /* those of all looks */
} ms_look;

typedef struct ms_mappings {
    int pid;
    bool unreadable; /* or too many mappings */
    uint32_t looks;
    uint64_t looked_ns, spent_ns, last_ns; /* time of the last look; CPU time of all, and of the last */
    uint64_t most_bytes, last_bytes;       /* resident at the highest look, and at the last */
    uint64_t asked_bytes;                  /* resident when somebody last asked whether to look */
    bool is_regular;                       /* the answer was yes, because a window ends and for nothing else */
    uint32_t regular;                      /* such looks, and their CPU time */
    uint64_t regular_ns;
    ms_look peak, last, next; /* next: room for the look that is being taken */
    ms_looksums sums;         /* of every look that holds */
    ms_compiledmodules modules;
} ms_mappings;

void ms_mappings_init(ms_mappings *mappings, int pid);
void ms_mappings_close(ms_mappings *mappings);
/* Forgets what was seen. */
void ms_mappings_restart(ms_mappings *mappings);

/* Whether a look is called for at this time of the recording, with so much resident. To be asked at each tick.
 * window_ends: a window is due to end, whether there is a look or not. */
bool ms_mappings_wanted(ms_mappings *mappings, uint64_t time_ns, uint64_t resident_bytes, bool window_ends);
/* Whether the look at the end can be afforded. */
bool ms_mappings_wanted_at_end(const ms_mappings *mappings, uint64_t time_ns, uint64_t resident_bytes);
/* Takes a look. The caller has set all of `facts` but the groups and what is in private memory; resident_bytes is what
 * it should come to. ledger: NULL: no blocks are known. */
void ms_mappings_look(ms_mappings *mappings, const ms_look *facts, ms_ledger *ledger, const ms_heap *heap);
/* Rows have new ids (renumber.h). */
void ms_mappings_renumber(ms_mappings *mappings, const uint32_t *row_to);
/* Rows that are named do not spill (spilling.h). */
void ms_mappings_keep(const ms_mappings *mappings, uint32_t *row_to);
/* Appends what is kept as a JSON object. Rows must have been written, under these numbers. */
void ms_mappings_describe(const ms_mappings *mappings, const ms_numbers *rows, ms_buffer *json);

#endif
