/* references.c: dominators by the simple version of Lengauer and Tarjan, with nearest common ancestors (Georgiadis). */
#include "reading/references.h"

#include <stdlib.h>
#include <string.h>

bool
ms_object_graph_of(ms_object_graph *graph, const ms_numbers *starts, const ms_numbers *targets,
                   const ms_numbers *entries)
{
    if (starts->type != MS_U32 || targets->type != MS_U32 || entries->type != MS_U8 || entries->count == 0 ||
        entries->count >= UINT32_MAX || starts->count != entries->count + 1)
        return false;
    *graph = (ms_object_graph){
        .starts = starts->data,
        .targets = targets->data,
        .entries = entries->data,
        .count = (uint32_t)entries->count,
    };
    for (uint32_t i = 0; i < graph->count; i++)
        if (graph->starts[i] > graph->starts[i + 1])
            return false;
    if (graph->starts[0] != 0 || graph->starts[1] != 0 || graph->starts[graph->count] != targets->count)
        return false;
    for (size_t i = 0; i < targets->count; i++)
        if (graph->targets[i] >= graph->count)
            return false;
    return true;
}

/* ---- the order of a walk in depth ------------------------------------------------------------ */

typedef struct walk {
    const ms_object_graph *graph;
    uint32_t *place;  /* of each object in the order; UINT32_MAX: not reached yet */
    uint32_t *order;  /* objects */
    uint32_t *parent; /* by place */
    uint32_t *next;   /* by place: the reference that is to be followed next */
    uint32_t reached;
} walk;

static void
enter(walk *at, uint32_t object, uint32_t parent)
{
    uint32_t place = at->reached++;
    at->place[object] = place;
    at->order[place] = object;
    at->parent[place] = parent;
    at->next[place] = at->graph->starts[object];
}

static void
follow(walk *at, uint32_t object)
{
    const ms_object_graph *graph = at->graph;
    if (at->place[object] != UINT32_MAX)
        return;
    enter(at, object, 0);
    for (uint32_t place = at->place[object]; place != 0;) {
        uint32_t end = graph->starts[at->order[place] + 1], found = UINT32_MAX;
        while (at->next[place] < end && found == UINT32_MAX) {
            uint32_t target = graph->targets[at->next[place]++];
            if (target != 0 && at->place[target] == UINT32_MAX)
                found = target;
        }
        if (found == UINT32_MAX) {
            place = at->parent[place];
        } else {
            enter(at, found, place);
            place = at->place[found];
        }
    }
}

static void
walk_all(walk *at)
{
    const ms_object_graph *graph = at->graph;
    memset(at->place, 0xff, graph->count * sizeof *at->place);
    enter(at, 0, 0);
    for (uint8_t kind = 1; kind <= 2; kind++)
        for (uint32_t i = 1; i < graph->count; i++)
            if (graph->entries[i] == kind)
                follow(at, i);
    for (uint32_t i = 1; i < graph->count; i++) {
        if (at->place[i] != UINT32_MAX)
            continue;
        graph->entries[i] = 3;
        follow(at, i);
    }
}

/* ---- dominators ------------------------------------------------------------------------------ */

typedef struct forest {
    uint32_t *ancestor, *label, *semi; /* by place */
    uint32_t *stack;
} forest;

/* The place with the least semidominator on the way up from a place to those that are not linked yet. */
static uint32_t
evaluate(const forest *of, uint32_t place, uint32_t linked)
{
    uint32_t depth = 0, at = place;
    for (; of->ancestor[at] >= linked; at = of->ancestor[at])
        of->stack[depth++] = at;
    while (depth > 0) {
        uint32_t below = of->stack[--depth], above = of->ancestor[below];
        if (of->semi[of->label[above]] < of->semi[of->label[below]])
            of->label[below] = of->label[above];
        of->ancestor[below] = of->ancestor[above];
    }
    return of->label[place];
}

/* Who refers to each object, by places. */
static void
turn_around(const walk *at, uint32_t *heads, uint32_t *sources)
{
    const ms_object_graph *graph = at->graph;
    for (uint32_t i = 0; i < graph->starts[graph->count]; i++)
        heads[at->place[graph->targets[i]] + 1]++;
    for (uint32_t i = 0; i <= graph->count; i++)
        heads[i + 1] += heads[i];
    for (uint32_t place = graph->count; place-- > 0;) {
        uint32_t object = at->order[place];
        for (uint32_t i = graph->starts[object]; i < graph->starts[object + 1]; i++)
            sources[--heads[at->place[graph->targets[i]] + 1]] = place;
    }
}

static void
find_dominators(const walk *at, const forest *of, const uint32_t *heads, const uint32_t *sources, uint32_t *dominator)
{
    uint32_t count = at->graph->count;
    for (uint32_t i = 0; i < count; i++) {
        of->label[i] = of->semi[i] = i;
        of->ancestor[i] = dominator[i] = at->parent[i];
    }
    for (uint32_t place = count; place-- > 1;) {
        uint32_t least = at->parent[place];
        if (at->graph->entries[at->order[place]] != 0)
            least = 0;
        for (uint32_t i = heads[place + 1]; least != 0 && i < heads[place + 2]; i++) {
            uint32_t source = of->semi[evaluate(of, sources[i], place + 1)];
            least = source < least ? source : least;
        }
        of->semi[place] = least;
    }
    for (uint32_t place = 1; place < count; place++) {
        uint32_t above = dominator[place];
        while (above > of->semi[place])
            above = dominator[above];
        dominator[place] = above;
    }
}

bool
ms_dominators(const ms_numbers *order, const ms_numbers *dominator, const ms_numbers *starts, const ms_numbers *targets,
              const ms_numbers *entries, bool *no_memory)
{
    ms_object_graph graph;
    *no_memory = false;
    if (!ms_object_graph_of(&graph, starts, targets, entries) || order->type != MS_U32 || dominator->type != MS_U32 ||
        order->count != graph.count || dominator->count != graph.count)
        return false;
    size_t count = graph.count, bytes = count * sizeof(uint32_t);
    uint32_t *place = malloc(bytes), *parent = malloc(bytes), *next = malloc(bytes), *label = malloc(bytes);
    uint32_t *ancestor = malloc(bytes), *stack = malloc(bytes), *heads = calloc(count + 2, sizeof *heads);
    uint32_t *sources = malloc((targets->count + 1) * sizeof *sources);
    *no_memory = place == NULL || parent == NULL || next == NULL || label == NULL || ancestor == NULL ||
                 stack == NULL || heads == NULL || sources == NULL;
    if (!*no_memory) {
        walk at = {.graph = &graph, .place = place, .order = order->data, .parent = parent, .next = next};
        walk_all(&at);
        turn_around(&at, heads, sources);
        /* What was to be followed next is of no use any more. */
        forest of = {.ancestor = ancestor, .label = label, .semi = next, .stack = stack};
        find_dominators(&at, &of, heads, sources, dominator->data);
    }
    free(place);
    free(parent);
    free(next);
    free(label);
    free(ancestor);
    free(stack);
    free(heads);
    free(sources);
    return !*no_memory;
}

/* ---- routes ---------------------------------------------------------------------------------- */

#define COSTS 64u

/* Objects by what the way to them costs, as far as that can be: each in a list, the lists in a circle. */
typedef struct queue {
    uint32_t first[COSTS];     /* UINT32_MAX: none */
    uint32_t *next, *previous; /* by object */
    uint64_t *cost;            /* UINT64_MAX: no way is known */
    uint64_t now;
    uint32_t waiting;
} queue;

static void
put(queue *of, uint32_t object, uint64_t cost)
{
    uint32_t *first = &of->first[cost % COSTS];
    of->cost[object] = cost;
    of->next[object] = *first;
    of->previous[object] = UINT32_MAX;
    if (*first != UINT32_MAX)
        of->previous[*first] = object;
    *first = object;
    of->waiting++;
}

static void
take(queue *of, uint32_t object)
{
    if (of->previous[object] == UINT32_MAX)
        of->first[of->cost[object] % COSTS] = of->next[object];
    else
        of->next[of->previous[object]] = of->next[object];
    if (of->next[object] != UINT32_MAX)
        of->previous[of->next[object]] = of->previous[object];
    of->waiting--;
}

static void
route(queue *of, const ms_object_graph *graph, const uint8_t *costs, uint32_t *by, uint32_t *from)
{
    while (of->waiting != 0) {
        uint32_t object = of->first[of->now % COSTS];
        if (object == UINT32_MAX) {
            of->now++;
            continue;
        }
        take(of, object);
        for (uint32_t i = graph->starts[object]; i < graph->starts[object + 1]; i++) {
            uint32_t target = graph->targets[i];
            uint64_t cost = of->now + costs[i];
            if (costs[i] == 0 || target == 0 || cost >= of->cost[target])
                continue;
            if (of->cost[target] != UINT64_MAX)
                take(of, target);
            put(of, target, cost);
            by[target] = i + 1;
            from[target] = object;
        }
    }
}

static bool
are_costs(const ms_numbers *costs, size_t count)
{
    if (costs->type != MS_U8 || costs->count != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (((const uint8_t *)costs->data)[i] >= COSTS)
            return false;
    return true;
}

bool
ms_routes(const ms_numbers *by, const ms_numbers *from, const ms_numbers *starts, const ms_numbers *targets,
          const ms_numbers *entries, const ms_numbers *costs, bool *no_memory)
{
    ms_object_graph graph;
    *no_memory = false;
    if (!ms_object_graph_of(&graph, starts, targets, entries) || !are_costs(costs, targets->count) ||
        by->type != MS_U32 || from->type != MS_U32 || by->count != graph.count || from->count != graph.count)
        return false;
    size_t bytes = graph.count * sizeof(uint32_t);
    queue of = {.next = malloc(bytes), .previous = malloc(bytes), .cost = malloc(graph.count * sizeof *of.cost)};
    *no_memory = of.next == NULL || of.previous == NULL || of.cost == NULL;
    if (!*no_memory) {
        memset(of.first, 0xff, sizeof of.first);
        memset(of.cost, 0xff, graph.count * sizeof *of.cost);
        memset(by->data, 0, bytes);
        memset(from->data, 0, bytes);
        for (uint8_t kind = 1; kind <= 3; kind++) {
            for (uint32_t i = 1; i < graph.count; i++)
                if (graph.entries[i] == kind && of.cost[i] == UINT64_MAX)
                    put(&of, i, of.now);
            route(&of, &graph, costs->data, by->data, from->data);
        }
    }
    free(of.next);
    free(of.previous);
    free(of.cost);
    return !*no_memory;
}
