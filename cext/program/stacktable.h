/* stacktable.h: every distinct stack gets a number, once.
 *
 *   thread 1 ── main:12 ── load:40 ── parse:7 (id 31)
 *                      └── save:55 (id 32)              a stack = a node and its ancestors
 *
 * Nodes and codes live in the segment, where the drain reads them. The index from (parent, code, position) to
 * node id is private to one producer: the threads with the GIL share one, and each thread without it has
 * its own. Two indexes may give the same stack two ids; readers see equal lines and merge them.
 *
 * Programs repeat themselves: what was looked up after X last time is what will be looked up after X. So the
 * index remembers each node's successor, and nodes lie in the order in which they were first met: a right guess
 * reads memory that the processor has fetched ahead, where a hash table of a megabyte and more misses the caches
 * (it was half of the time of a walk).
 */
#ifndef MS_STACKTABLE_H
#define MS_STACKTABLE_H

#include "shared/segment.h"

typedef struct ms_stackindex {
    ms_segment *segment;
    uint32_t *slots; /* open addressing: node ids; 0: free */
    uint32_t mask, used;
    uint32_t *successors; /* by node id: the node that was found next, the last time; NULL: no guesses */
    uint32_t successors_capacity;
    uint32_t last; /* node found last */
} ms_stackindex;

/* Names and lines of a code object as handed over for copying; nothing is kept of the pointers. */
typedef struct ms_code_text {
    const char *filename, *function, *lines;
    uint32_t filename_bytes, function_bytes, lines_bytes;
    int32_t first_line;
    uint32_t flags; /* MS_NODE_*, beside what the names tell */
} ms_code_text;

/* Finds codes again that were made anew from the same text (exec in a loop). */
typedef struct ms_codeindex {
    ms_segment *segment;
    uint32_t *ids; /* open addressing by content; 0: free */
    uint32_t mask;
    uint32_t used;
} ms_codeindex;

/* slots: a power of two. Guessing costs 4 bytes for every node of the segment. */
ms_status ms_stackindex_open(ms_stackindex *index, ms_segment *segment, uint32_t slots, bool guess);
void ms_stackindex_close(ms_stackindex *index);
ms_status ms_codeindex_open(ms_codeindex *index, ms_segment *segment);
void ms_codeindex_close(ms_codeindex *index);

/* The id of a code with this text. 0: no room; nothing was changed. */
uint32_t ms_code_register(ms_codeindex *index, const ms_code_text *text);
/* The same without looking for an equal one; safe for several producers at once. */
uint32_t ms_code_append(ms_segment *segment, const ms_code_text *text);
bool ms_code_equal(const ms_segment *segment, uint32_t code, const ms_code_text *text);

/* Copies text into the segment; safe for several producers at once. False: no room. */
bool ms_text_append(ms_segment *segment, const char *bytes, uint32_t count, uint32_t *offset);

/* Adds the node of a thread's root. 0: no room. */
uint32_t ms_stack_add_root(ms_segment *segment, uint32_t thread);
/* Slow half of ms_stack_intern. Gives the parent, and counts it, when there is no room. */
uint32_t ms_stack_find(ms_stackindex *index, uint32_t parent, uint32_t code, uint32_t position);
/* Bytes of private memory. */
uint64_t ms_stackindex_bytes(const ms_stackindex *index);

MS_INLINE bool
ms_node_is(const ms_node *node, uint32_t parent, uint32_t code, uint32_t position)
{
    return node->position == position && node->parent == parent && node->code == code;
}

/* The id of the stack that adds (code, position) to parent. code: not 0. */
MS_INLINE uint32_t
ms_stack_intern(ms_stackindex *index, uint32_t parent, uint32_t code, uint32_t position)
{
    if (MS_LIKELY(index->successors != NULL)) {
        /* Node 0 equals nothing: no code has the id 0. */
        uint32_t guess = index->successors[index->last];
        if (MS_LIKELY(ms_node_is(&index->segment->nodes[guess], parent, code, position))) {
            index->last = guess;
            return guess;
        }
    }
    return ms_stack_find(index, parent, code, position);
}

#endif
