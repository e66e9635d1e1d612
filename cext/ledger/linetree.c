#include "ledger/linetree.h"

#include <string.h>

#include "ledger/renumber.h"
#include "shared/array.h"
#include "shared/probe.h"

#define NODES_FIRST 4096u
#define CALLERS_FIRST 256u

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
    if (tree->merged == NULL || tree->nodes == NULL || tree->slots == NULL || tree->places == NULL) {
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
    ms_memory_give(tree->callers);
    ms_symbols_close(tree->symbols);
    memset(tree, 0, sizeof *tree);
}

static uint32_t
hash_node(uint32_t parent, uint32_t code, uint32_t line)
{
    uint64_t mixed = ((uint64_t)code << 32 | line) ^ (uint64_t)parent * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(mixed * UINT64_C(0xff51afd7ed558ccd) >> 32);
}

static void
enter_all(uint32_t *slots, uint32_t mask, const ms_linenode *nodes, uint32_t count)
{
    for (uint32_t id = 1; id <= count; id++) {
        const ms_linenode *node = &nodes[id];
        uint32_t slot;
        MS_PROBE(slot, hash_node(node->parent, node->code, node->line), mask, slots[slot] == 0);
        slots[slot] = id;
    }
}

static bool
grow(ms_linetree *tree)
{
    uint32_t capacity = tree->capacity * 2, mask = 2 * capacity - 1;
    uint32_t *slots = ms_memory_get(2 * (size_t)capacity * sizeof *slots);
    if (slots == NULL)
        return false;
    ms_linenode *nodes = ms_memory_grow(tree->nodes, tree->capacity * sizeof *nodes, capacity * sizeof *nodes);
    if (nodes == NULL) {
        ms_memory_give(slots);
        return false;
    }
    enter_all(slots, mask, nodes, tree->count);
    ms_memory_give(tree->slots);
    tree->slots = slots;
    tree->nodes = nodes;
    tree->capacity = capacity;
    tree->mask = mask;
    return true;
}

static bool
is_node(const ms_linenode *node, uint32_t parent, uint32_t code, uint32_t line)
{
    return node->parent == parent && node->code == code && node->line == line;
}

uint32_t
ms_linetree_child(ms_linetree *tree, uint32_t parent, uint32_t code, uint32_t line, uint32_t state)
{
    uint32_t hash = hash_node(parent, code, line), slot;
    MS_PROBE(slot, hash, tree->mask,
             tree->slots[slot] == 0 || is_node(&tree->nodes[tree->slots[slot]], parent, code, line));
    if (tree->slots[slot] != 0)
        return tree->slots[slot];
    if (tree->count + 1 >= tree->capacity) {
        if (!grow(tree))
            return 0;
        MS_PROBE(slot, hash, tree->mask, tree->slots[slot] == 0);
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

/* The line of an instruction. False: no memory. */
static bool
find_line(ms_linetree *tree, uint32_t code_id, uint32_t position, uint32_t *line)
{
    const ms_segment *segment = tree->segment;
    if (!ms_segment_reach_code(segment, code_id))
        return false;
    const ms_code *code = &segment->codes[code_id];
    ms_lineplace *place = &tree->places[code_id % MS_LINEPLACES];
    if (place->code != code_id || place->cursor.start > position) {
        wait_until_ready(tree, &code->flags);
        *place = (ms_lineplace){code_id, ms_linetable_begin(code->first_line)};
    }
    uint32_t lines = code->lines, bytes = code->lines_bytes;
    if (MS_UNLIKELY(!ms_segment_has_text(segment, lines, bytes) || place->cursor.offset > bytes)) {
        tree->damaged = true;
        *line = 0;
        return true;
    }
    if (!ms_segment_reach_text(segment, (uint64_t)lines + bytes))
        return false;
    *line = ms_linetable_line(segment->text + lines, bytes, &place->cursor, position);
    return true;
}

/* The thread's node that a line node lies under. */
static uint32_t
root_of(const ms_linetree *tree, uint32_t id)
{
    while (tree->nodes[id].parent != 0)
        id = tree->nodes[id].parent;
    return id;
}

/* The caller of a node, without memscope's wrappers. */
static uint32_t
caller_of(ms_linetree *tree, const ms_node *node, uint32_t id)
{
    const ms_node *nodes = tree->segment->nodes;
    uint32_t above = node->parent;
    while (above < id && (atomic_load_explicit(&nodes[above].state, memory_order_relaxed) & MS_NODE_WRAPPER) != 0) {
        id = above; /* never upwards again, whatever the program has written there */
        above = nodes[above].parent;
    }
    if (MS_LIKELY(above < id))
        return above;
    tree->damaged = true;
    return 0;
}

/* Whether a node is gone, or frames of its stack are left out. */
static bool
is_partial(const ms_linetree *tree, uint32_t id)
{
    return (id != 0 && tree->merged[id] == 0) || (tree->nodes[tree->merged[id]].state & MS_LINE_FOLDED) != 0;
}

/* The line node of a node whose caller has its own. 0: no memory. */
static uint32_t
merge(ms_linetree *tree, uint32_t id)
{
    const ms_segment *segment = tree->segment;
    const ms_node *node = &segment->nodes[id];
    uint32_t state = wait_until_ready(tree, &node->state);
    uint32_t above = caller_of(tree, node, id), code = node->code;
    if (MS_UNLIKELY(!ms_segment_has_code(segment, id, code))) {
        tree->damaged = true;
        above = code = 0;
    }
    uint32_t parent = tree->merged[above];
    if (parent == 0 && above != 0)
        return 0;                   /* it is gone, and there was no memory to have it again */
    uint32_t line = node->position; /* at a root the thread id */
    if ((state & MS_NODE_STARTUP) != 0 && parent != 0)
        return parent;
    if ((state & (MS_NODE_APART | MS_NODE_WRAPPER)) != 0)
        parent = root_of(tree, parent);
    if (code != 0 && (state & MS_NODE_NATIVE) != 0 && ms_segment_reach_code(segment, code))
        line = ms_symbols_number(&tree->symbols, segment, code, node->position);
    else if (code != 0 && !find_line(tree, code, node->position, &line))
        return 0;
    return ms_linetree_child(tree, parent, code, line, state);
}

/* A stack that has folded and calls something new is a stack like others again, from now on: it may have been cold only
 * because it was young, as what a program starts with is. One that is gone is there again. Its callers come first.
 * Without memory it stays as it is. */
static void
unfold(ms_linetree *tree, uint32_t id)
{
    const ms_node *nodes = tree->segment->nodes;
    uint32_t count = 0;
    (void)wait_until_ready(tree, &nodes[id].state);
    for (id = caller_of(tree, &nodes[id], id); is_partial(tree, id); id = caller_of(tree, &nodes[id], id)) {
        if (!MS_ARRAY_HOLDS(tree->callers, tree->callers_capacity, count + 1, CALLERS_FIRST))
            return;
        tree->callers[count++] = id;
    }
    while (count != 0) {
        uint32_t caller = tree->callers[--count], whole = merge(tree, caller);
        if (whole == 0)
            return;
        tree->returned += tree->merged[caller] == 0;
        tree->merged[caller] = whole;
    }
}

uint32_t
ms_linetree_reach(ms_linetree *tree, uint32_t node)
{
    const ms_segment *segment = tree->segment;
    if (node >= segment->nodes_max || node > atomic_load_explicit(&segment->header->node_count, memory_order_relaxed)) {
        tree->damaged = true;
        return 0;
    }
    if (!ms_segment_reach_node(segment, node))
        return 0;
    if (node != 0 && node <= tree->known) {
        unfold(tree, node);
        tree->returned++;
        return tree->merged[node] = merge(tree, node);
    }
    while (tree->known < node) {
        uint32_t next = tree->known + 1;
        if (!MS_ARRAY_HOLDS(tree->merged, tree->merged_capacity, next + UINT64_C(1), NODES_FIRST))
            return 0;
        unfold(tree, next);
        uint32_t id = merge(tree, next);
        if (id == 0)
            return 0;
        tree->merged[next] = id;
        tree->known = next;
    }
    return tree->merged[node];
}

void
ms_linetree_renumber(ms_linetree *tree, const uint32_t *to)
{
    uint32_t count = 0;
    for (uint32_t id = 1; id <= tree->count; id++) {
        if (!ms_renumber_stays(to, id))
            continue;
        ms_linenode node = tree->nodes[id];
        node.parent = ms_renumber_id(to, node.parent);
        tree->nodes[++count] = node;
    }
    for (uint32_t node = 1; node <= tree->known; node++)
        tree->merged[node] = ms_renumber_id(to, tree->merged[node]);
    tree->count = count;
    memset(tree->slots, 0, ((size_t)tree->mask + 1) * sizeof *tree->slots);
    enter_all(tree->slots, tree->mask, tree->nodes, count);
}
