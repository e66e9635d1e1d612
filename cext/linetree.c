#include "linetree.h"

#include <string.h>

#include "memory.h"

#define NODES_FIRST 4096u

ms_status
ms_linetree_open(ms_linetree *tree, const ms_segment *segment)
{
    memset(tree, 0, sizeof *tree);
    tree->segment = segment;
    tree->merged_capacity = NODES_FIRST;
    tree->capacity = NODES_FIRST;
    tree->mask = 2 * NODES_FIRST - 1;
    tree->merged = ms_memory_get(NODES_FIRST * sizeof *tree->merged);
    tree->nodes = ms_memory_get(NODES_FIRST * sizeof *tree->nodes);
    tree->slots = ms_memory_get(2 * NODES_FIRST * sizeof *tree->slots);
    tree->places = ms_memory_get(MS_LINEPLACES * sizeof *tree->places);
    if (tree->merged == NULL || tree->nodes == NULL || tree->slots == NULL ||
        tree->places == NULL) {
        ms_linetree_close(tree);
        return MS_NO_MEMORY;
    }
    return MS_OK;
}

void
ms_linetree_close(ms_linetree *tree)
{
    ms_memory_give(tree->merged);
    ms_memory_give(tree->nodes);
    ms_memory_give(tree->slots);
    ms_memory_give(tree->places);
    memset(tree, 0, sizeof *tree);
}

static uint32_t
hash_node(uint32_t parent, uint32_t code, uint32_t line)
{
    uint64_t mixed = ((uint64_t)code << 32 | line) ^ (uint64_t)parent * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(mixed * UINT64_C(0xff51afd7ed558ccd) >> 32);
}

static bool
grow(ms_linetree *tree)
{
    uint32_t capacity = tree->capacity * 2, mask = 2 * capacity - 1;
    uint32_t *slots = ms_memory_get(2 * (size_t)capacity * sizeof *slots);
    if (slots == NULL)
        return false;
    ms_linenode *nodes = ms_memory_grow(tree->nodes, tree->capacity * sizeof *nodes,
                                        capacity * sizeof *nodes);
    if (nodes == NULL) {
        ms_memory_give(slots);
        return false;
    }
    for (uint32_t id = 1; id <= tree->count; id++) {
        const ms_linenode *node = &nodes[id];
        uint32_t slot = hash_node(node->parent, node->code, node->line) & mask;
        while (slots[slot] != 0)
            slot = (slot + 1) & mask;
        slots[slot] = id;
    }
    ms_memory_give(tree->slots);
    tree->slots = slots;
    tree->nodes = nodes;
    tree->capacity = capacity;
    tree->mask = mask;
    return true;
}

/* Finds or adds a line node. 0: no memory. */
static uint32_t
find(ms_linetree *tree, uint32_t parent, uint32_t code, uint32_t line, uint32_t state)
{
    uint32_t slot = hash_node(parent, code, line) & tree->mask;
    for (; tree->slots[slot] != 0; slot = (slot + 1) & tree->mask) {
        const ms_linenode *node = &tree->nodes[tree->slots[slot]];
        if (node->parent == parent && node->code == code && node->line == line)
            return tree->slots[slot];
    }
    if (tree->count + 1 >= tree->capacity) {
        if (!grow(tree))
            return 0;
        slot = hash_node(parent, code, line) & tree->mask;
        while (tree->slots[slot] != 0)
            slot = (slot + 1) & tree->mask;
    }
    uint32_t id = ++tree->count;
    tree->nodes[id] = (ms_linenode){.parent = parent, .code = code, .line = line, .state = state};
    tree->slots[slot] = id;
    return id;
}

/* Waits until another thread has filled an entry whose id it has already taken: some ten instructions,
 * unless it was interrupted there. If its process is dead the entry stays as it is. */
static uint32_t
wait_until_ready(ms_linetree *tree, const _Atomic uint32_t *state)
{
    uint32_t now = 0;
    for (int tries = 0; tries < 1000; tries++) {
        /* pairs with the release in append_node and ms_code_append */
        now = atomic_load_explicit(state, memory_order_acquire);
        if (MS_LIKELY((now & MS_NODE_READY) != 0) || tree->impatient)
            return now;
        ms_sleep_ns(1000);
    }
    tree->impatient = true;
    return now;
}

static uint32_t
line_of(ms_linetree *tree, uint32_t code_id, uint32_t position)
{
    const ms_segment *segment = tree->segment;
    const ms_code *code = &segment->codes[code_id];
    ms_lineplace *place = &tree->places[code_id % MS_LINEPLACES];
    if (place->code != code_id || place->cursor.start > position) {
        wait_until_ready(tree, &code->flags);
        *place = (ms_lineplace){code_id, ms_linetable_begin(code->first_line)};
    }
    uint32_t lines = code->lines, bytes = code->lines_bytes;
    if (MS_UNLIKELY(!ms_segment_has_text(segment, lines, bytes) || place->cursor.offset > bytes)) {
        tree->damaged = true;
        return 0;
    }
    return ms_linetable_line(segment->text + lines, bytes, &place->cursor, position);
}

static uint32_t
merge(ms_linetree *tree, uint32_t id)
{
    const ms_segment *segment = tree->segment;
    const ms_node *node = &segment->nodes[id];
    uint32_t state = wait_until_ready(tree, &node->state);
    uint32_t above = node->parent, code = node->code;
    if (MS_UNLIKELY(above >= id || !ms_segment_has_code(segment, id, code))) {
        tree->damaged = true;
        above = code = 0;
    }
    uint32_t parent = tree->merged[above];
    uint32_t line = node->position; /* at a root the thread id */
    if ((state & MS_NODE_OWN) != 0 && parent != 0)
        return parent;
    if (code != 0)
        line = line_of(tree, code, node->position);
    return find(tree, parent, code, line, state);
}

uint32_t
ms_linetree_reach(ms_linetree *tree, uint32_t node)
{
    const ms_segment *segment = tree->segment;
    if (node >= segment->nodes_max ||
        node > atomic_load_explicit(&segment->header->node_count, memory_order_relaxed)) {
        tree->damaged = true;
        return 0;
    }
    while (tree->known < node) {
        uint32_t next = tree->known + 1;
        if (next >= tree->merged_capacity) {
            size_t bytes = tree->merged_capacity * sizeof *tree->merged;
            uint32_t *merged = ms_memory_grow(tree->merged, bytes, 2 * bytes);
            if (merged == NULL)
                return 0;
            tree->merged = merged;
            tree->merged_capacity *= 2;
        }
        uint32_t id = merge(tree, next);
        if (id == 0)
            return 0;
        tree->merged[next] = id;
        tree->known = next;
    }
    return tree->merged[node];
}
