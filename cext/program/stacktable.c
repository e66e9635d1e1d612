#include "program/stacktable.h"

#include <string.h>

#include "shared/array.h"
#include "shared/probe.h"

#define CODE_SLOTS_FIRST 1024u

/* ---- stacks ---------------------------------------------------------------------------------- */

#define SUCCESSORS_FIRST 4096u

static uint32_t
stack_hash(uint32_t parent, uint32_t code, uint32_t position)
{
    uint64_t mixed = ((uint64_t)code << 32 | position) ^ (uint64_t)parent * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(mixed * UINT64_C(0xff51afd7ed558ccd) >> 32);
}

static uint32_t
hash_of_node(const ms_node *node)
{
    return stack_hash(node->parent, node->code, node->position);
}

ms_status
ms_stackindex_open(ms_stackindex *index, ms_segment *segment, uint32_t slots, bool guess)
{
    memset(index, 0, sizeof *index);
    index->segment = segment;
    index->mask = slots - 1;
    index->slots = ms_memory_get((size_t)slots * sizeof *index->slots);
    if (guess) {
        index->successors_capacity = SUCCESSORS_FIRST;
        index->successors = ms_memory_get(SUCCESSORS_FIRST * sizeof *index->successors);
    }
    if (index->slots == NULL || (guess && index->successors == NULL)) {
        ms_stackindex_close(index);
        return MS_NO_MEMORY;
    }
    return MS_OK;
}

void
ms_stackindex_close(ms_stackindex *index)
{
    ms_memory_give(index->slots);
    ms_memory_give(index->successors);
    memset(index, 0, sizeof *index);
}

uint64_t
ms_stackindex_bytes(const ms_stackindex *index)
{
    return ((uint64_t)index->mask + 1 + index->successors_capacity) * sizeof(uint32_t);
}

/* What the program's side has for itself is told as it grows (framewalk.c has what it begins with). */
static void
tell_grown(ms_segment *segment, uint64_t bytes)
{
    atomic_fetch_add_explicit(&segment->header->private_bytes, bytes, memory_order_relaxed);
}

/* Doubles the slots. Without memory they stay as they are. */
static void
grow_slots(ms_stackindex *index)
{
    uint32_t mask = 2 * index->mask + 1;
    uint32_t *slots = ms_memory_get(((size_t)mask + 1) * sizeof *slots);
    if (slots == NULL)
        return;
    const ms_node *nodes = index->segment->nodes;
    const uint32_t *id;
    MS_PROBE_REHASH(id, index->slots, index->mask, slots, mask, *id == 0, hash_of_node(&nodes[*id]));
    ms_memory_give(index->slots);
    index->slots = slots;
    tell_grown(index->segment, (uint64_t)(mask - index->mask) * sizeof *slots);
    index->mask = mask;
}

/* Makes room to remember what follows this node. Without memory there are no more guesses. */
static void
reach_successor(ms_stackindex *index, uint32_t id)
{
    if (index->successors == NULL || id < index->successors_capacity)
        return;
    uint32_t before = index->successors_capacity;
    if (MS_ARRAY_HOLDS(index->successors, index->successors_capacity, id + UINT64_C(1), SUCCESSORS_FIRST)) {
        tell_grown(index->segment, (uint64_t)(index->successors_capacity - before) * sizeof *index->successors);
        return;
    }
    ms_memory_give(index->successors);
    index->successors = NULL;
    index->successors_capacity = 0;
}

/* Gives out the next entry of a table. Its room is there first: so what was given out is what may be read, whoever else
 * appends meanwhile. 0: no room. */
static uint32_t
claim(const ms_segment *segment, _Atomic uint32_t *count, uint64_t most,
      bool (*reach)(const ms_segment *segment, uint32_t id))
{
    uint32_t last = atomic_load_explicit(count, memory_order_relaxed);
    do {
        if (last + UINT64_C(1) >= most || !reach(segment, last + 1))
            return 0;
    } while (
        !atomic_compare_exchange_weak_explicit(count, &last, last + 1, memory_order_relaxed, memory_order_relaxed));
    return last + 1;
}

/* Gives out the next node and fills it. 0: the table is full. */
static uint32_t
append_node(ms_segment *segment, uint32_t parent, uint32_t code, uint32_t position, uint32_t state)
{
    uint32_t id = claim(segment, &segment->header->node_count, segment->nodes_max, ms_segment_reach_node);
    if (id == 0)
        return 0;
    ms_node *node = &segment->nodes[id];
    node->parent = parent;
    node->code = code;
    node->position = position;
    /* pairs with the acquire in the drain, which may look at nodes that no event has named yet */
    atomic_store_explicit(&node->state, state | MS_NODE_READY, memory_order_release);
    return id;
}

uint32_t
ms_stack_add_root(ms_segment *segment, uint32_t thread)
{
    return append_node(segment, 0, 0, thread, thread << 8);
}

/* Makes a node and enters it. 0: no room. */
static uint32_t
insert(ms_stackindex *index, uint32_t parent, uint32_t code, uint32_t position)
{
    ms_segment *segment = index->segment;
    /* At most three quarters full: 2.5 probes for a hit, and a hit is mostly guessed. */
    if (index->used >= index->mask - index->mask / 4)
        grow_slots(index);
    if (ms_probe_is_crowded(index->used, index->mask))
        return 0;
    uint32_t inherited = atomic_load_explicit(&segment->nodes[parent].state, memory_order_relaxed);
    uint32_t flags = atomic_load_explicit(&segment->codes[code].flags, memory_order_relaxed);
    uint32_t id = append_node(segment, parent, code, position, (inherited & ~MS_NODE_OF_CODE) | flags);
    if (id == 0)
        return 0;
    uint32_t slot;
    MS_PROBE(slot, stack_hash(parent, code, position), index->mask, index->slots[slot] == 0);
    index->slots[slot] = id;
    index->used++;
    reach_successor(index, id);
    return id;
}

MS_HOT uint32_t
ms_stack_find(ms_stackindex *index, uint32_t parent, uint32_t code, uint32_t position)
{
    const ms_node *nodes = index->segment->nodes;
    uint32_t slot;
    MS_PROBE(slot, stack_hash(parent, code, position), index->mask,
             index->slots[slot] == 0 || ms_node_is(&nodes[index->slots[slot]], parent, code, position));
    uint32_t id = index->slots[slot];
    if (id == 0)
        id = insert(index, parent, code, position);
    if (id == 0) {
        atomic_fetch_add_explicit(&index->segment->header->lost_stacks, 1, memory_order_relaxed);
        return parent;
    }
    if (index->successors != NULL) {
        index->successors[index->last] = id;
        index->last = id;
    }
    return id;
}

/* ---- codes ----------------------------------------------------------------------------------- */

ms_status
ms_codeindex_open(ms_codeindex *index, ms_segment *segment)
{
    index->segment = segment;
    index->mask = CODE_SLOTS_FIRST - 1;
    index->used = 0;
    index->ids = ms_memory_get(CODE_SLOTS_FIRST * sizeof *index->ids);
    return index->ids == NULL ? MS_NO_MEMORY : MS_OK;
}

void
ms_codeindex_close(ms_codeindex *index)
{
    ms_memory_give(index->ids);
    memset(index, 0, sizeof *index);
}

static uint32_t
hash_bytes(uint32_t hash, const char *bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 16777619u; /* FNV-1a */
    return hash;
}

static uint32_t
hash_text(const ms_code_text *text)
{
    uint32_t hash = 2166136261u ^ (uint32_t)text->first_line;
    hash = hash_bytes(hash, text->function, text->function_bytes);
    return hash_bytes(hash, text->lines, text->lines_bytes);
}

static ms_code_text
text_of(const ms_segment *segment, uint32_t code)
{
    const ms_code *stored = &segment->codes[code];
    return (ms_code_text){
        .filename = segment->text + stored->filename,
        .filename_bytes = stored->filename_bytes,
        .function = segment->text + stored->function,
        .function_bytes = stored->function_bytes,
        .lines = segment->text + stored->lines,
        .lines_bytes = stored->lines_bytes,
        .first_line = stored->first_line,
    };
}

static bool
same_bytes(const char *left, uint32_t left_bytes, const char *right, uint32_t right_bytes)
{
    return left_bytes == right_bytes && memcmp(left, right, left_bytes) == 0;
}

static uint32_t
hash_of_code(const ms_segment *segment, uint32_t code)
{
    ms_code_text text = text_of(segment, code);
    return hash_text(&text);
}

bool
ms_code_equal(const ms_segment *segment, uint32_t code, const ms_code_text *text)
{
    ms_code_text other = text_of(segment, code);
    return other.first_line == text->first_line &&
           same_bytes(other.function, other.function_bytes, text->function, text->function_bytes) &&
           same_bytes(other.filename, other.filename_bytes, text->filename, text->filename_bytes) &&
           same_bytes(other.lines, other.lines_bytes, text->lines, text->lines_bytes);
}

/* Copies bytes into the text area. False: no room. */
bool
ms_text_append(ms_segment *segment, const char *bytes, uint32_t count, uint32_t *offset)
{
    _Atomic uint64_t *used = &segment->header->text_used;
    uint64_t start = atomic_load_explicit(used, memory_order_relaxed);
    do {
        if (start + count > segment->text_max || !ms_segment_reach_text(segment, start + count))
            return false;
    } while (!atomic_compare_exchange_weak_explicit(used, &start, start + count, memory_order_relaxed,
                                                    memory_order_relaxed));
    memcpy(segment->text + start, bytes, count);
    *offset = (uint32_t)start;
    return true;
}

/* Modules of ours that run in the recorded program, by the end of their path. What a pool makes, it makes for the
 * program: pool.py is not among them. */
#define MODULE(name, flag) {"/memscope/" name, sizeof "/memscope/" name - 1, flag}
static const struct {
    const char *suffix;
    uint32_t length, flag;
} own_modules[] = {
    MODULE("__init__.py", MS_NODE_APART),
    MODULE("errors.py", MS_NODE_APART),
    MODULE("process_memory.py", MS_NODE_APART),
    MODULE("recording/_boot.py", MS_NODE_STARTUP),
    MODULE("recording/wrapping.py", MS_NODE_WRAPPER),
};
#undef MODULE

static bool
ends_with(const char *name, uint32_t bytes, const char *suffix, uint32_t length)
{
    return bytes >= length && memcmp(name + bytes - length, suffix, length) == 0;
}

/* The flag of our own code; 0 for all other. */
static uint32_t
flag_of_own(const char *filename, uint32_t bytes)
{
    for (size_t i = 0; i < sizeof own_modules / sizeof *own_modules; i++)
        if (ends_with(filename, bytes, own_modules[i].suffix, own_modules[i].length))
            return own_modules[i].flag;
    static const char recording[] = "/memscope/recording/";
    while (bytes > 0 && filename[bytes - 1] != '/')
        bytes--;
    return ends_with(filename, bytes, recording, sizeof recording - 1) ? MS_NODE_APART : 0;
}

/* importlib's own frames mark everything under them as done for an import. */
static uint32_t
flags_of(const ms_code_text *text)
{
    static const char frozen[] = "<frozen importlib._bootstrap";
    uint32_t length = sizeof frozen - 1;
    if (text->filename_bytes >= length && memcmp(text->filename, frozen, length) == 0)
        return MS_NODE_IMPORT;
    return flag_of_own(text->filename, text->filename_bytes);
}

uint32_t
ms_code_append(ms_segment *segment, const ms_code_text *text)
{
    ms_segment_header *header = segment->header;
    ms_code code = {.first_line = text->first_line};
    /* Functions of one file come in a row: its name need not be stored for each. */
    uint32_t last = atomic_load_explicit(&header->code_count, memory_order_relaxed);
    const ms_code *before = &segment->codes[last];
    if (last != 0 &&
        same_bytes(segment->text + before->filename, before->filename_bytes, text->filename, text->filename_bytes))
        code.filename = before->filename;
    else if (!ms_text_append(segment, text->filename, text->filename_bytes, &code.filename))
        return 0;
    code.filename_bytes = text->filename_bytes;
    if (!ms_text_append(segment, text->function, text->function_bytes, &code.function) ||
        !ms_text_append(segment, text->lines, text->lines_bytes, &code.lines))
        return 0;
    code.function_bytes = text->function_bytes;
    code.lines_bytes = text->lines_bytes;
    uint32_t id = claim(segment, &header->code_count, segment->codes_max, ms_segment_reach_code);
    if (id == 0)
        return 0;
    ms_code *stored = &segment->codes[id];
    memcpy(stored, &code, offsetof(ms_code, flags));
    /* pairs with the acquire in the drain */
    atomic_store_explicit(&stored->flags, flags_of(text) | text->flags | MS_NODE_READY, memory_order_release);
    return id;
}

static bool
grow_codes(ms_codeindex *index)
{
    uint32_t mask = 2 * index->mask + 1;
    uint32_t *ids = ms_memory_get(((size_t)mask + 1) * sizeof *ids);
    if (ids == NULL)
        return !ms_probe_is_crowded(index->used, index->mask);
    const uint32_t *id;
    MS_PROBE_REHASH(id, index->ids, index->mask, ids, mask, *id == 0, hash_of_code(index->segment, *id));
    ms_memory_give(index->ids);
    index->ids = ids;
    tell_grown(index->segment, (uint64_t)(mask - index->mask) * sizeof *ids);
    index->mask = mask;
    return true;
}

uint32_t
ms_code_register(ms_codeindex *index, const ms_code_text *text)
{
    uint32_t hash = hash_text(text), slot;
    MS_PROBE(slot, hash, index->mask, index->ids[slot] == 0 || ms_code_equal(index->segment, index->ids[slot], text));
    if (index->ids[slot] != 0)
        return index->ids[slot];
    if (index->used >= (index->mask + 1) / 2 && !grow_codes(index))
        return 0;
    uint32_t id = ms_code_append(index->segment, text);
    if (id == 0)
        return 0;
    MS_PROBE(slot, hash, index->mask, index->ids[slot] == 0);
    index->ids[slot] = id;
    index->used++;
    return id;
}
