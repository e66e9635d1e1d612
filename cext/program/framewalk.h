/* framewalk.h: from a thread's frames to a stack id, exactly and without walking them all.
 *
 *   at the last event            now
 *   frames[3] c  id 31                 g  fresh
 *   frames[2] b  id 27           ┌──►  f  fresh
 *   frames[1] a  id 12   ◄───────┘     a  same frame: compare from here down, or stop if it can be trusted
 *   frames[0] m  id 4                  m
 *
 * Each thread remembers the chain of frames of its last event with their instructions and ids. The next walk goes
 * down until it meets a remembered frame, checks from there down that every frame still stands at the same
 * instruction, and interns what is new. The check ends early at a frame that can be trusted (pycompat.h). What
 * comes out is what a walk of the whole stack would give: nothing is assumed from addresses alone.
 */
#ifndef MS_FRAMEWALK_H
#define MS_FRAMEWALK_H

#include "program/codemap.h"
#include "program/presence.h"

#define MS_PLACES 4096u

typedef struct ms_walked {
    ms_frame *frame;
    const void *instruction;
    const void *start; /* of the code, what positions are counted from */
    uint32_t code;     /* id; 0: there was no room for it */
    uint32_t id;
    uint32_t parent; /* id of the frame below; of the thread's root at the bottom */
} ms_walked;

/* A code seen by a thread that did not hold the GIL and so could not mark it. */
typedef struct ms_nogil_code {
    const PyCodeObject *code;
    uint32_t id;
} ms_nogil_code;

#define MS_NOGIL_CODES 64u

/* A native leaf: where the library asks, in what generation of libraries (callers.h), the stack below, all together.
 * Libraries ask from a dozen places in turn, of which no three may share two leaves: with one leaf for each of 32
 * places, 30 % of lxml's million requests were looked up anew, at 50 ns. */
typedef struct ms_leaf {
    uintptr_t address;
    uint32_t generation, below, stack;
} ms_leaf;

#define MS_LEAF_SETS 64u
#define MS_LEAF_SET_BITS 6

_Static_assert(MS_LEAF_SETS == 1u << MS_LEAF_SET_BITS, "their number in bits");

/* What is known of one thread of the program. Used by that thread alone. */
typedef struct ms_thread {
    ms_walked *frames;
    uint32_t depth, capacity; /* the chain at the last event; room */
    ms_frame **fresh;         /* as much room */
    uint32_t *places;         /* MS_PLACES: hash of a frame's address to its index in frames */
    uint64_t epoch;           /* deaths of code objects, when frames was filled; 0: never */
    uint32_t root;            /* node id; 0: not yet made */
    uint32_t own_root;        /* not 0 while `root` is the node of a compilation: what it was before */
    uint32_t begin;           /* node of the function that it was started with, of a library; 0: not yet asked for */
    uint32_t thread_id;
    uint64_t session;

    ms_stackindex nogil_index; /* for events without the GIL; opened at the first */
    ms_nogil_code *nogil_codes;
    char *nogil_names; /* MS_NAMES_BYTES: too much for a thread with a small stack */

    /* The last walk without the GIL, if no other followed it: `epoch` is 0 for so long. NULL: none. */
    ms_frame *nogil_frame;
    const void *nogil_instruction;
    uint32_t nogil_id;
    ms_leaf leaves[MS_LEAF_SETS][2]; /* by address, the newer one first; with the GIL, too */

    ms_presence within; /* MPSC events */
    struct ms_thread *next;
    _Atomic bool over; /* the thread has ended: may be given to another */
} ms_thread;

/* What is common to all threads. Used under the GIL. */
typedef struct ms_walker {
    ms_segment *segment;
    ms_stackindex stacks;
    ms_codemap codes;
    uint64_t session;
    bool anchoring; /* every allocation is walked, so that anchors can be lifted in time */
} ms_walker;

ms_status ms_walker_open(ms_walker *walker, ms_segment *segment);
void ms_walker_close(ms_walker *walker);

ms_status ms_thread_open(ms_thread *thread, ms_segment *segment, uint64_t session, bool is_main);
void ms_thread_close(ms_thread *thread);

/* The program's first source, `filename` in UTF-8, is about to be compiled by the interpreter, with no Python frame
 * to show for it. Until its module runs, or ms_thread_compiled, the thread's stacks stand on a node `<compile>` of that
 * file. Without room they do not. Costs the path of an allocation nothing: a module's frame comes by once. */
void ms_thread_compiles(ms_walker *walker, ms_thread *thread, const char *filename);
void ms_thread_compiled(ms_thread *thread);

/* The stack of a thread that does not hold the GIL; tstate: its own, or NULL if it has none. */
uint32_t ms_walk_nogil_down(ms_walker *walker, ms_thread *thread, PyThreadState *tstate);
/* The id of what a library requests (its code, from a position in it) while that stack runs, without the GIL. */
uint32_t ms_walk_leaf_nogil(ms_walker *walker, ms_thread *thread, uint32_t stack, uint32_t code, uint32_t position);

/* The stack of a thread without a Python frame, which was started with that function (its code, its position in it). */
uint32_t ms_walk_begin(ms_walker *walker, ms_thread *thread, uint32_t code, uint32_t position);

/* The frame that ran at the last event still runs, at another instruction. */
uint32_t ms_walk_on(ms_walker *walker, ms_thread *thread);
/* Everything else. */
uint32_t ms_walk_down(ms_walker *walker, ms_thread *thread, PyThreadState *tstate);

MS_INLINE uint32_t
ms_walk_quick(ms_walker *walker, ms_thread *thread, PyThreadState *tstate)
{
    if (MS_LIKELY(thread->depth != 0)) {
        const ms_walked *last = &thread->frames[thread->depth - 1];
        ms_frame *top = ms_frame_top(tstate);
        if (last->frame == top && ms_frame_trusted(top) && thread->epoch == walker->codes.deaths &&
            !ms_tracing(tstate)) {
            if (last->instruction == ms_frame_instruction(top))
                return last->id;
            return ms_walk_on(walker, thread);
        }
    }
    return ms_walk_down(walker, thread, tstate);
}

/* The stack's id without the GIL, if the frame that runs is marked: then it is the same activation as at the last walk.
 * 0: it is to be walked. The codes of what runs are alive, so their deaths, which this thread cannot hear of, do not
 * matter. */
MS_INLINE uint32_t
ms_walk_nogil_quick(const ms_walker *walker, const ms_thread *thread, const PyThreadState *tstate)
{
    const ms_frame *top = ms_frame_top(tstate);
    if (top == NULL || ms_tracing(tstate))
        return 0;
    if (thread->epoch == 0) {
        bool same = thread->nogil_frame == top && ms_frame_trusted(top);
        return same && thread->nogil_instruction == ms_frame_instruction(top) ? thread->nogil_id : 0;
    }
    if (thread->depth == 0 || thread->epoch != walker->codes.deaths)
        return 0;
    const ms_walked *last = &thread->frames[thread->depth - 1];
    bool same = last->frame == top && ms_frame_trusted(top);
    return same && last->instruction == ms_frame_instruction(top) ? last->id : 0;
}

MS_INLINE uint32_t
ms_walk_nogil(ms_walker *walker, ms_thread *thread, PyThreadState *tstate)
{
    uint32_t id = MS_LIKELY(tstate != NULL) ? ms_walk_nogil_quick(walker, thread, tstate) : 0;
    return MS_LIKELY(id != 0) ? id : ms_walk_nogil_down(walker, thread, tstate);
}

MS_INLINE ms_leaf *
ms_walk_leaf_set(ms_thread *thread, uintptr_t address)
{
    return thread->leaves[(uint64_t)address * UINT64_C(0x9e3779b97f4a7c15) >> (64 - MS_LEAF_SET_BITS)];
}

/* Whether a leaf is that of a place that asks, while the stack below runs. */
MS_INLINE bool
ms_walk_leaf_is(const ms_leaf *leaf, uintptr_t address, uint32_t generation, uint32_t below)
{
    return leaf->address == address && leaf->below == below && leaf->generation == generation;
}

/* The stack of a leaf; 0: none is known. */
MS_INLINE uint32_t
ms_walk_leaf_known(ms_thread *thread, uintptr_t address, uint32_t generation, uint32_t below)
{
    const ms_leaf *set = ms_walk_leaf_set(thread, address);
    if (MS_LIKELY(ms_walk_leaf_is(&set[0], address, generation, below)))
        return set[0].stack;
    return ms_walk_leaf_is(&set[1], address, generation, below) ? set[1].stack : 0;
}

MS_INLINE void
ms_walk_leaf_keep(ms_thread *thread, ms_leaf leaf)
{
    ms_leaf *set = ms_walk_leaf_set(thread, leaf.address);
    set[1] = set[0];
    set[0] = leaf;
}

#ifdef MS_CHECK_WALKS
uint32_t ms_walk_checked(ms_walker *walker, ms_thread *thread, PyThreadState *tstate, uint32_t claimed);
#endif

/* The id of the stack of a thread that holds the GIL. */
MS_INLINE uint32_t
ms_walk(ms_walker *walker, ms_thread *thread, PyThreadState *tstate)
{
    uint32_t id = ms_walk_quick(walker, thread, tstate);
#ifdef MS_CHECK_WALKS
    id = ms_walk_checked(walker, thread, tstate, id);
#endif
    return id;
}

#endif
