#include "stacktable.h"

#include <string.h>

#include "memory.h"

#define CODE_SLOTS_FIRST 1024u

/* ---- stacks ------------------------------------------------------------------------------------ */

#define SUCCESSORS_FIRST 4096u

static uint32_t
stack_hash(uint32_t parent, uint32_t code, uint32_t position)
{
    uint64_t mixed = ((uint64_t)code << 32 | position) ^ (uint64_t)parent * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(mixed * UINT64_C(0xff51afd7ed558ccd) >> 32);
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

static void
fill_slot(uint32_t *slots, uint32_t mask, const ms_node *node, uint32_t id)
{
    uint32_t slot = stack_hash(node->parent, node->code, node->position) & mask;
    while (slots[slot] != 0)
        slot = (slot + 1) & mask;
    slots[slot] = id;
}

/* Doubles the slots. Without memory they stay, and still work while some are free. */
static void
grow_slots(ms_stackindex *index)
{
    uint32_t mask = 2 * index->mask + 1;
    uint32_t *slots = ms_memory_get(((size_t)mask + 1) * sizeof *slots);
    if (slots == NULL)
        return;
    for (uint32_t i = 0; i <= index->mask; i++) {
        if (index->slots[i] != 0)
            fill_slot(slots, mask, &index->segment->nodes[index->slots[i]], index->slots[i]);
    }
    ms_memory_give(index->slots);
    index->slots = slots;
    index->mask = mask;
}

/* Makes room to remember what follows this node. Without memory there are no more guesses. */
static void
reach_successor(ms_stackindex *index, uint32_t id)
{
    while (index->successors != NULL && id >= index->successors_capacity) {
        size_t bytes = index->successors_capacity * sizeof *index->successors;
        uint32_t *grown = ms_memory_grow(index->successors, bytes, 2 * bytes);
        if (grown == NULL) {
            ms_memory_give(index->successors);
            index->successors_capacity = 0;
        } else {
            index->successors_capacity *= 2;
        }
        index->successors = grown;
    }
}

/* Gives out the next node and fills it. 0: the table is full. */
static uint32_t
append_node(ms_segment *segment, uint32_t parent, uint32_t code, uint32_t position, uint32_t state)
{
    ms_segment_header *header = segment->header;
    uint32_t id = atomic_fetch_add_explicit(&header->node_count, 1, memory_order_relaxed) + 1;
    if (id >= header->nodes_max) {
        atomic_fetch_sub_explicit(&header->node_count, 1, memory_order_relaxed);
        return 0;
    }
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
    if (index->used >= index->mask)
        return 0;
    uint32_t inherited = atomic_load_explicit(&segment->nodes[parent].state, memory_order_relaxed);
    uint32_t flags = atomic_load_explicit(&segment->codes[code].flags, memory_order_relaxed);
    uint32_t id =
        append_node(segment, parent, code, position, (inherited & ~MS_NODE_OWN) | flags);
    if (id == 0)
        return 0;
    fill_slot(index->slots, index->mask, &segment->nodes[id], id);
    index->used++;
    reach_successor(index, id);
    return id;
}

MS_HOT uint32_t
ms_stack_find(ms_stackindex *index, uint32_t parent, uint32_t code, uint32_t position)
{
    const ms_node *nodes = index->segment->nodes;
    uint32_t id = 0;
    for (uint32_t slot = stack_hash(parent, code, position) & index->mask; index->slots[slot] != 0;
         slot = (slot + 1) & index->mask) {
        if (ms_node_is(&nodes[index->slots[slot]], parent, code, position)) {
            id = index->slots[slot];
            break;
        }
    }
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

/* ---- codes ------------------------------------------------------------------------------------- */

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
static bool
copy_text(ms_segment *segment, const char *bytes, uint32_t count, uint32_t *offset)
{
    ms_segment_header *header = segment->header;
    uint64_t start = atomic_fetch_add_explicit(&header->text_used, count, memory_order_relaxed);
    if (start + count > header->text_max) {
        atomic_fetch_sub_explicit(&header->text_used, count, memory_order_relaxed);
        return false;
    }
    memcpy(segment->text + start, bytes, count);
    *offset = (uint32_t)start;
    return true;
}

static bool
ends_with(const ms_code_text *text, const char *suffix, uint32_t length)
{
    return text->filename_bytes >= length &&
           memcmp(text->filename + text->filename_bytes - length, suffix, length) == 0;
}

/* importlib's own frames mark everything under them as done for an import. */
static uint32_t
flags_of(const ms_code_text *text)
{
    static const char frozen[] = "<frozen importlib._bootstrap";
    static const char start_up[] = "/memscope/_boot.py";
    uint32_t length = sizeof frozen - 1;
    if (text->filename_bytes >= length && memcmp(text->filename, frozen, length) == 0)
        return MS_NODE_IMPORT;
    return ends_with(text, start_up, sizeof start_up - 1) ? MS_NODE_OWN : 0;
}

uint32_t
ms_code_append(ms_segment *segment, const ms_code_text *text)
{
    ms_segment_header *header = segment->header;
    ms_code code = {.first_line = text->first_line};
    /* Functions of one file come in a row: its name need not be stored for each. */
    uint32_t last = atomic_load_explicit(&header->code_count, memory_order_relaxed);
    const ms_code *before = &segment->codes[last];
    if (last != 0 && same_bytes(segment->text + before->filename, before->filename_bytes,
                                text->filename, text->filename_bytes))
        code.filename = before->filename;
    else if (!copy_text(segment, text->filename, text->filename_bytes, &code.filename))
        return 0;
    code.filename_bytes = text->filename_bytes;
    if (!copy_text(segment, text->function, text->function_bytes, &code.function) ||
        !copy_text(segment, text->lines, text->lines_bytes, &code.lines))
        return 0;
    code.function_bytes = text->function_bytes;
    code.lines_bytes = text->lines_bytes;
    uint32_t id = atomic_fetch_add_explicit(&header->code_count, 1, memory_order_relaxed) + 1;
    if (id >= header->codes_max) {
        atomic_fetch_sub_explicit(&header->code_count, 1, memory_order_relaxed);
        return 0;
    }
    ms_code *stored = &segment->codes[id];
    memcpy(stored, &code, offsetof(ms_code, flags));
    /* pairs with the acquire in the drain */
    atomic_store_explicit(&stored->flags, flags_of(text) | MS_NODE_READY, memory_order_release);
    return id;
}

static bool
grow_codes(ms_codeindex *index)
{
    uint32_t slots = (index->mask + 1) * 2;
    uint32_t *ids = ms_memory_get((size_t)slots * sizeof *ids);
    if (ids == NULL)
        return index->used < index->mask;
    for (uint32_t i = 0; i <= index->mask; i++) {
        if (index->ids[i] == 0)
            continue;
        ms_code_text text = text_of(index->segment, index->ids[i]);
        uint32_t slot = hash_text(&text) & (slots - 1);
        while (ids[slot] != 0)
            slot = (slot + 1) & (slots - 1);
        ids[slot] = index->ids[i];
    }
    ms_memory_give(index->ids);
    index->ids = ids;
    index->mask = slots - 1;
    return true;
}

uint32_t
ms_code_register(ms_codeindex *index, const ms_code_text *text)
{
    uint32_t hash = hash_text(text);
    uint32_t slot = hash & index->mask;
    for (; index->ids[slot] != 0; slot = (slot + 1) & index->mask) {
        if (ms_code_equal(index->segment, index->ids[slot], text))
            return index->ids[slot];
    }
    if (index->used >= (index->mask + 1) / 2 && !grow_codes(index))
        return 0;
    uint32_t id = ms_code_append(index->segment, text);
    if (id == 0)
        return 0;
    slot = hash & index->mask;
    while (index->ids[slot] != 0)
        slot = (slot + 1) & index->mask;
    index->ids[slot] = id;
    index->used++;
    return id;
}
