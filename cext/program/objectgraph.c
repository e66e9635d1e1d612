#include "program/objectgraph.h"

#include <string.h>

#include "program/codemap.h"
#include "shared/memory.h"
#include "shared/snapshotmemory.h"

#define COUNTED_FIRST (1u << 16)
#define SEARCHED 64u /* references looked at from the cursor on, for the one to be called something */
#define VALUE_CHARACTERS 64
/* Whoever samples resident memory meanwhile is told each half a MiB. */
#define OBJECTS_TOLD (1u << 14)
#define REFERENCES_TOLD (1u << 16)

static uint32_t
hash_address(uint64_t address)
{
    return (uint32_t)((address >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static void
tell_memory(const ms_graph *graph)
{
    uint64_t file_bytes = (graph->objects + UINT64_C(1)) * sizeof(ms_seen) + graph->references * sizeof(ms_reference) +
                          graph->text_bytes + sizeof(ms_snapshot_header);
    uint64_t counted_bytes = (graph->objects + UINT64_C(1)) * sizeof *graph->counted;
    ms_snapshotmemory_tell(graph->header, file_bytes, graph->places.bytes + counted_bytes);
}

bool
ms_graph_open(ms_graph *graph, ms_snapshot *snapshot, ms_types *types, ms_segment_header *header)
{
    *graph = (ms_graph){.snapshot = snapshot, .types = types, .header = header};
    graph->counted_capacity = COUNTED_FIRST;
    bool places = ms_places_open(&graph->places);
    graph->counted = ms_memory_get(COUNTED_FIRST * sizeof *graph->counted);
    graph->buffer = ms_memory_get(MS_NAMES_BYTES);
    if (places && graph->counted != NULL && graph->buffer != NULL)
        return true;
    ms_graph_close(graph);
    return false;
}

void
ms_graph_close(ms_graph *graph)
{
    tell_memory(graph);
    ms_places_close(&graph->places);
    ms_memory_give(graph->counted);
    ms_memory_give(graph->buffer);
    graph->counted = NULL;
    graph->buffer = NULL;
}

/* ---- objects --------------------------------------------------------------------------------- */

/* Room for one more; its number. */
static uint32_t
add(ms_graph *graph)
{
    uint32_t number = graph->objects + 1;
    if (number >= graph->counted_capacity) {
        size_t bytes = (size_t)graph->counted_capacity * sizeof *graph->counted;
        uint32_t *counted = ms_memory_grow(graph->counted, bytes, 2 * bytes);
        graph->failed = graph->failed || counted == NULL;
        if (counted == NULL)
            return 0;
        graph->counted = counted;
        graph->counted_capacity *= 2;
    }
    bool room = ms_snapshot_reach_object(graph->snapshot, number);
    graph->failed = graph->failed || !room;
    if (graph->failed)
        return 0;
    graph->objects = number;
    if (number % OBJECTS_TOLD == 0)
        tell_memory(graph);
    return number;
}

uint32_t
ms_graph_add_root(ms_graph *graph, ms_root_kind kind, uint32_t name)
{
    uint32_t number = add(graph);
    if (number != 0)
        graph->snapshot->objects[number] = (ms_seen){.type = kind, .name = name, .flags = MS_SEEN_ROOT};
    return number;
}

uint32_t
ms_graph_number(ms_graph *graph, PyObject *op)
{
    uint64_t address = (uintptr_t)op;
    uint32_t *place = ms_places_at(&graph->places, address);
    if (MS_LIKELY(place != NULL && *place != 0))
        return *place;
    graph->failed = graph->failed || place == NULL;
    uint32_t number = place == NULL ? 0 : add(graph);
    if (number == 0)
        return 0;
    *place = number;
    graph->snapshot->objects[number] = (ms_seen){.address = address};
    return number;
}

void
ms_graph_mark(ms_graph *graph, PyObject *op, uint32_t flags)
{
    uint32_t number = op == NULL ? 0 : ms_graph_number(graph, op);
    if (number != 0)
        graph->snapshot->objects[number].flags |= flags;
}

/* ---- names ----------------------------------------------------------------------------------- */

uint32_t
ms_graph_name(ms_graph *graph, const char *bytes, uint32_t count)
{
    uint64_t end = graph->text_bytes + sizeof count + count;
    if (graph->failed || !ms_snapshot_reach_text(graph->snapshot, end))
        return 0;
    char *to = graph->snapshot->text + graph->text_bytes;
    memcpy(to, &count, sizeof count);
    memcpy(to + sizeof count, bytes, count);
    graph->text_bytes = end;
    return ++graph->names;
}

uint32_t
ms_graph_field(ms_graph *graph, const char *text)
{
    ms_known_field *field = &graph->fields[hash_address((uintptr_t)text * 4) & (MS_FIELDS - 1)];
    if (field->text != text)
        *field = (ms_known_field){.text = text, .name = ms_graph_name(graph, text, (uint32_t)strlen(text))};
    return field->name;
}

static bool
is_identifier(const char *bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        unsigned char c = (unsigned char)bytes[i];
        bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
        bool number = c >= '0' && c <= '9' && i > 0;
        if (!letter && !number && c != '_' && c < 128)
            return false;
    }
    return count != 0;
}

void
ms_graph_name_text(ms_graph *graph, PyObject *text, bool all)
{
    if (text == NULL || !PyUnicode_Check(text))
        return;
    uint32_t number = ms_graph_number(graph, text);
    if (number == 0 || graph->snapshot->objects[number].name != 0)
        return;
    uint32_t count = ms_text_utf8(text, graph->buffer);
    if (all || is_identifier(graph->buffer, count))
        graph->snapshot->objects[number].name = ms_graph_name(graph, graph->buffer, count);
}

/* ---- references ------------------------------------------------------------------------------ */

void
ms_graph_begin(ms_graph *graph)
{
    graph->first = graph->cursor = graph->references;
}

void
ms_graph_end(ms_graph *graph, uint32_t number)
{
    if (!graph->failed)
        graph->snapshot->objects[number].references = (uint32_t)(graph->references - graph->first);
}

static uint32_t
label_of(ms_reference_kind kind, uint32_t what)
{
    return what << MS_REFERENCE_KIND_BITS | kind;
}

void
ms_graph_refer(ms_graph *graph, PyObject *op, ms_reference_kind kind, uint32_t what)
{
    uint32_t number = op == NULL ? 0 : ms_graph_number(graph, op);
    if (number == 0)
        return;
    if (!ms_snapshot_reach_references(graph->snapshot, graph->references + 1)) {
        graph->failed = true;
        return;
    }
    if (kind != MS_REFERENCE_CELL)
        graph->counted[number]++;
    graph->snapshot->references[graph->references++] = (ms_reference){number, label_of(kind, what)};
    if (graph->references % REFERENCES_TOLD == 0)
        tell_memory(graph);
}

void
ms_graph_refer_field(ms_graph *graph, PyObject *op, const char *field)
{
    if (op != NULL)
        ms_graph_refer(graph, op, MS_REFERENCE_FIELD, ms_graph_field(graph, field));
}

void
ms_graph_forget_last(ms_graph *graph, uint64_t count)
{
    for (; count > 0 && !graph->failed; count--)
        graph->counted[graph->snapshot->references[--graph->references].target]--;
    graph->cursor = graph->first;
}

void
ms_graph_call(ms_graph *graph, PyObject *op, ms_reference_kind kind, uint32_t what)
{
    uint32_t number = op == NULL ? 0 : ms_graph_number(graph, op);
    if (number == 0 || graph->failed)
        return;
    ms_reference *references = graph->snapshot->references;
    uint64_t count = graph->references - graph->first, at = graph->cursor - graph->first;
    for (uint64_t i = 0; i < count && i < SEARCHED; i++, at++) {
        at = at < count ? at : 0;
        ms_reference *reference = &references[graph->first + at];
        if (reference->target == number && reference->label == MS_REFERENCE_OTHER) {
            reference->label = label_of(kind, what);
            graph->cursor = graph->first + at;
            return;
        }
    }
}

void
ms_graph_call_field(ms_graph *graph, PyObject *op, const char *field)
{
    if (op != NULL)
        ms_graph_call(graph, op, MS_REFERENCE_FIELD, ms_graph_field(graph, field));
}
