#include "capture/snapshotframes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared/memory.h"

#define ENTRIES_A_FRAME (1u << 18)

typedef struct {
    const ms_joined *joined;
    ms_writer *writer;
    const uint32_t *row_to;
} told;

typedef struct {
    const told *all;
    uint64_t first;
} span;

static ms_snapshot_said
read_header(const ms_snapshot_header *header) /* after its state */
{
    ms_snapshot_said is = {
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
is_whole(ms_snapshot *snapshot, const ms_snapshot_said *is)
{
    return is->roots <= is->objects && ms_snapshot_reach_object(snapshot, is->objects) &&
           ms_snapshot_reach_references(snapshot, is->references) && ms_snapshot_reach_text(snapshot, is->text_bytes);
}

static const char *
moment_name(uint32_t moment)
{
    return moment == MS_MOMENT_ASKED ? "asked" : moment == MS_MOMENT_PEAK ? "peak" : "end";
}

static void
write_description(const told *all, uint64_t time_ns)
{
    const ms_snapshot_said *is = &all->joined->said;
    bool taken = ms_joined_is_taken(all->joined);
    char json[512];
    int count = snprintf(
        json, sizeof json,
        "{\"time_ns\": %" PRIu64 ", \"moment\": \"%s\", \"taken\": %s, \"why\": \"%s\", \"roots\": %u, "
        "\"objects\": %u, \"names\": %u, \"values\": %s, \"references\": %" PRIu64 ", \"pause_ns\": %" PRIu64 "}",
        time_ns, moment_name(is->moment), taken ? "true" : "false", all->joined->why, taken ? is->roots : 0,
        taken ? is->objects - is->roots : 0, taken ? is->names : 0, is->values == 1 ? "true" : "false",
        taken ? is->references : 0, all->joined->pause_ns);
    ms_writer_json(all->writer, MS_FRAME_SNAPSHOT, json, (size_t)count);
}

/* ---- names ----------------------------------------------------------------------------------- */

static void
write_names(const told *all)
{
    ms_buffer *payload = &all->writer->payload;
    uint64_t at = 0, end = all->joined->said.text_bytes;
    for (uint32_t left = all->joined->said.names; left != 0;) {
        uint32_t count = left < ENTRIES_A_FRAME ? left : ENTRIES_A_FRAME;
        ms_buffer_put_u32(payload, count);
        for (uint32_t i = 0; i < count; i++) {
            uint32_t bytes = 0;
            if (at + sizeof bytes <= end)
                memcpy(&bytes, all->joined->snapshot->text + at, sizeof bytes);
            at += sizeof bytes;
            bytes = at + bytes <= end ? bytes : 0;
            ms_buffer_put_u32(payload, bytes);
            ms_buffer_put(payload, all->joined->snapshot->text + at, bytes);
            at += bytes;
        }
        ms_writer_payload(all->writer, MS_FRAME_NAMES);
        left -= count;
    }
}

/* ---- objects --------------------------------------------------------------------------------- */

static uint32_t
row_of(const told *all, uint32_t number)
{
    uint32_t row = all->joined->rows[number];
    row = all->row_to == NULL ? row : all->row_to[row];
    return row == 0 ? 0 : ms_numbers_of(&all->writer->row_numbers, row);
}

static uint64_t
object_value(const void *context, uint32_t column, uint32_t index)
{
    const span *part = context;
    uint32_t number = (uint32_t)part->first + index;
    const ms_seen *seen = &part->all->joined->snapshot->objects[number];
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
        return row_of(part->all, number);
    }
}

static void
write_objects(const told *all)
{
    for (uint64_t first = 1; first <= all->joined->said.objects; first += ENTRIES_A_FRAME) {
        uint64_t left = all->joined->said.objects + 1 - first;
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
    const ms_reference *references = &part->all->joined->snapshot->references[part->first];
    ms_reference now = references[index], before = index == 0 ? (ms_reference){0} : references[index - 1];
    return column == 0 ? zigzag(now.target, before.target) : zigzag(now.label, before.label);
}

static void
write_references(const told *all)
{
    for (uint64_t first = 0; first < all->joined->said.references; first += ENTRIES_A_FRAME) {
        uint64_t left = all->joined->said.references - first;
        span part = {.all = all, .first = first};
        ms_table_put(&all->writer->payload, (uint32_t)(left < ENTRIES_A_FRAME ? left : ENTRIES_A_FRAME), 2,
                     reference_value, &part);
        ms_writer_payload(all->writer, MS_FRAME_REFERENCES);
    }
}

void
ms_snapshot_write(const ms_joined *joined, ms_writer *writer, const uint32_t *row_to, uint64_t time_ns)
{
    told all = {.joined = joined, .writer = writer, .row_to = row_to};
    write_description(&all, time_ns);
    if (!ms_joined_is_taken(joined))
        return;
    ms_writer_all_types(writer);
    write_names(&all);
    write_objects(&all);
    write_references(&all);
}

/* ---- joining --------------------------------------------------------------------------------- */

static bool
find_rows(ms_joined *joined, ms_ledger *ledger)
{
    joined->rows = ms_memory_get(((size_t)joined->said.objects + 1) * sizeof *joined->rows);
    if (joined->rows == NULL)
        return false;
    for (uint32_t number = joined->said.roots + 1; number <= joined->said.objects; number++)
        joined->rows[number] = ms_ledger_row_at(ledger, joined->snapshot->objects[number].address & MS_ADDRESS_MASK);
    return true;
}

static uint64_t
pause_of(const ms_snapshot_said *is)
{
    uint64_t now_ns = ms_now_ns();
    bool waits = is->moment != MS_MOMENT_END && is->started_ns <= now_ns;
    return waits ? now_ns - is->started_ns : is->pause_ns;
}

void
ms_snapshot_join(ms_joined *joined, ms_snapshot *snapshot, ms_ledger *ledger)
{
    *joined = (ms_joined){.snapshot = snapshot, .said = read_header(snapshot->header)};
    joined->why = joined->said.taken ? "" : joined->said.why;
    if (joined->said.taken && !is_whole(snapshot, &joined->said))
        joined->why = "what the program wrote is damaged";
    else if (joined->said.taken && !find_rows(joined, ledger))
        joined->why = "the recorder had no memory for it";
    joined->pause_ns = pause_of(&joined->said);
    (void)ms_snapshot_change(snapshot->header, MS_SNAPSHOT_READING, MS_SNAPSHOT_JOINED);
}

void
ms_joined_close(ms_joined *joined)
{
    ms_memory_give(joined->rows);
    memset(joined, 0, sizeof *joined);
}
