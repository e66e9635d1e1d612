#include "capture/snapshotframes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared/memory.h"

#define ENTRIES_A_FRAME (1u << 18)

/* What the program says of its snapshot, read once: it may write over it at any time. */
typedef struct {
    uint32_t moment, roots, objects, names, values;
    uint64_t references, text_bytes, started_ns, pause_ns;
    bool taken;
    char why[MS_SNAPSHOT_WHY];
} said;

typedef struct {
    ms_snapshot *snapshot;
    ms_writer *writer;
    said said;
    uint32_t *rows; /* the capture's, by number */
} joined;

typedef struct {
    const joined *all;
    uint64_t first;
} span;

static said
read_header(const ms_snapshot_header *header) /* after its state */
{
    said is = {
        .moment = header->moment,
        .taken = header->taken != 0,
        .roots = header->roots,
        .objects = header->objects,
        .names = header->names,
        .values = header->values,
        .references = header->references,
        .text_bytes = header->text_bytes,
        .started_ns = header->started_ns,
        .pause_ns = header->pause_ns,
    };
    memcpy(is.why, header->why, sizeof is.why - 1);
    for (char *c = is.why; *c != '\0'; c++) /* it goes into JSON */
        *c = *c < ' ' || *c > '~' || *c == '"' || *c == '\\' ? '?' : *c;
    return is;
}

/* Whether all that it says is there can be read. */
static bool
is_whole(ms_snapshot *snapshot, const said *is)
{
    return is->roots <= is->objects && ms_snapshot_reach_object(snapshot, is->objects) &&
           ms_snapshot_reach_references(snapshot, is->references) && ms_snapshot_reach_text(snapshot, is->text_bytes);
}

static const char *
moment_name(uint32_t moment)
{
    return moment == MS_MOMENT_ASKED ? "asked" : moment == MS_MOMENT_PEAK ? "peak" : "end";
}

/* why: it was not taken; else empty. */
static void
write_description(const joined *all, const char *why, uint64_t time_ns, uint64_t pause_ns)
{
    const said *is = &all->said;
    bool taken = *why == '\0';
    char json[512];
    int count = snprintf(
        json, sizeof json,
        "{\"time_ns\": %" PRIu64 ", \"moment\": \"%s\", \"taken\": %s, \"why\": \"%s\", \"roots\": %u, "
        "\"objects\": %u, \"names\": %u, \"values\": %s, \"references\": %" PRIu64 ", \"pause_ns\": %" PRIu64 "}",
        time_ns, moment_name(is->moment), taken ? "true" : "false", why, taken ? is->roots : 0,
        taken ? is->objects - is->roots : 0, taken ? is->names : 0, is->values == 1 ? "true" : "false",
        taken ? is->references : 0, pause_ns);
    ms_writer_json(all->writer, MS_FRAME_SNAPSHOT, json, (size_t)count);
}

/* ---- names ----------------------------------------------------------------------------------- */

static void
write_names(const joined *all)
{
    ms_buffer *payload = &all->writer->payload;
    uint64_t at = 0, end = all->said.text_bytes;
    for (uint32_t left = all->said.names; left != 0;) {
        uint32_t count = left < ENTRIES_A_FRAME ? left : ENTRIES_A_FRAME;
        ms_buffer_put_u32(payload, count);
        for (uint32_t i = 0; i < count; i++) {
            uint32_t bytes = 0;
            if (at + sizeof bytes <= end)
                memcpy(&bytes, all->snapshot->text + at, sizeof bytes);
            at += sizeof bytes;
            bytes = at + bytes <= end ? bytes : 0;
            ms_buffer_put_u32(payload, bytes);
            ms_buffer_put(payload, all->snapshot->text + at, bytes);
            at += bytes;
        }
        ms_writer_payload(all->writer, MS_FRAME_NAMES);
        left -= count;
    }
}

/* ---- objects --------------------------------------------------------------------------------- */

static uint64_t
object_value(const void *context, uint32_t column, uint32_t index)
{
    const span *part = context;
    uint32_t number = (uint32_t)part->first + index;
    const ms_seen *seen = &part->all->snapshot->objects[number];
    switch (column) {
    case 0:
        return seen->references;
    case 1:
        return (seen->flags & MS_SEEN_ROOT) != 0 ? seen->type : ms_writer_type(part->all->writer, seen->type);
    case 2:
        return seen->size_bytes;
    case 3:
        return seen->flags;
    case 4:
        return seen->name;
    default:
        return part->all->rows[number];
    }
}

static bool
find_rows(joined *all, ms_ledger *ledger)
{
    all->rows = ms_memory_get(((size_t)all->said.objects + 1) * sizeof *all->rows);
    if (all->rows == NULL)
        return false;
    for (uint32_t number = all->said.roots + 1; number <= all->said.objects; number++) {
        uint32_t row = ms_ledger_row_at(ledger, all->snapshot->objects[number].address & MS_ADDRESS_MASK);
        all->rows[number] = row == 0 ? 0 : ms_numbers_of(&all->writer->row_numbers, row);
    }
    return true;
}

static void
write_objects(const joined *all)
{
    for (uint64_t first = 1; first <= all->said.objects; first += ENTRIES_A_FRAME) {
        uint64_t left = all->said.objects + 1 - first;
        span part = {.all = all, .first = first};
        ms_table_put(&all->writer->payload, (uint32_t)(left < ENTRIES_A_FRAME ? left : ENTRIES_A_FRAME), 6,
                     object_value, &part);
        ms_writer_payload(all->writer, MS_FRAME_OBJECTS);
    }
}

/* ---- references ------------------------------------------------------------------------------ */

static uint64_t
zigzag(uint32_t now, uint32_t before)
{
    int64_t by = (int64_t)now - (int64_t)before;
    return (uint64_t)by << 1 ^ (uint64_t)(by >> 63);
}

/* As differences to the one before: what refers to many objects mostly made them one after the other. */
static uint64_t
reference_value(const void *context, uint32_t column, uint32_t index)
{
    const span *part = context;
    const ms_reference *references = &part->all->snapshot->references[part->first];
    ms_reference now = references[index], before = index == 0 ? (ms_reference){0} : references[index - 1];
    return column == 0 ? zigzag(now.target, before.target) : zigzag(now.label, before.label);
}

static void
write_references(const joined *all)
{
    for (uint64_t first = 0; first < all->said.references; first += ENTRIES_A_FRAME) {
        uint64_t left = all->said.references - first;
        span part = {.all = all, .first = first};
        ms_table_put(&all->writer->payload, (uint32_t)(left < ENTRIES_A_FRAME ? left : ENTRIES_A_FRAME), 2,
                     reference_value, &part);
        ms_writer_payload(all->writer, MS_FRAME_REFERENCES);
    }
}

static uint64_t
pause_of(const said *is)
{
    uint64_t now_ns = ms_now_ns();
    bool waits = is->moment != MS_MOMENT_END && is->started_ns <= now_ns;
    return waits ? now_ns - is->started_ns : is->pause_ns;
}

ms_snapshot_result
ms_snapshot_write(ms_snapshot *snapshot, ms_ledger *ledger, ms_writer *writer, uint64_t time_ns)
{
    joined all = {.snapshot = snapshot, .writer = writer, .said = read_header(snapshot->header)};
    const char *why = all.said.taken ? "" : all.said.why;
    if (all.said.taken && !is_whole(snapshot, &all.said))
        why = "what the program wrote is damaged";
    else if (all.said.taken && !find_rows(&all, ledger))
        why = "the recorder had no memory for it";
    ms_snapshot_result result = {.taken = *why == '\0', .at_peak = all.said.moment == MS_MOMENT_PEAK};
    result.pause_ns = pause_of(&all.said);
    write_description(&all, why, time_ns, result.pause_ns);
    (void)ms_snapshot_change(snapshot->header, MS_SNAPSHOT_READING, MS_SNAPSHOT_JOINED);
    if (result.taken) {
        ms_writer_all_types(writer);
        write_names(&all);
        write_objects(&all);
        write_references(&all);
    }
    ms_memory_give(all.rows);
    return result;
}
