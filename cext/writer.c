#include "writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "memory.h"

#define SYNC_WORD UINT32_C(0x0146534d) /* "MSF\x01" */
#define NODES_A_FRAME (1u << 20)
#define ROWS_A_FRAME (1u << 20)

static const char magic[8] = {(char)0x89, 'M', 'S', 'C', 'O', 'P', 'E', '\n'};

/* ---- frames -------------------------------------------------------------------------------------- */

static void
write_all(ms_writer *writer, struct iovec *parts, int count)
{
    while (count > 0 && writer->error == 0) {
        ssize_t written = writev(writer->fd, parts, count);
        if (written < 0) {
            if (errno != EINTR)
                writer->error = errno;
            continue;
        }
        writer->written_bytes += (uint64_t)written;
        size_t left = (size_t)written;
        while (count > 0 && left >= parts->iov_len) {
            left -= parts->iov_len;
            parts++;
            count--;
        }
        if (count > 0) {
            parts->iov_base = (char *)parts->iov_base + left;
            parts->iov_len -= left;
        }
    }
}

static void
write_frame(ms_writer *writer, ms_frame_kind kind, const char *payload, size_t bytes)
{
    struct {
        uint32_t sync;
        uint16_t kind, version;
        uint32_t length, sequence, payload_crc, header_crc;
    } header = {
        .sync = SYNC_WORD,
        .kind = (uint16_t)kind,
        .version = 1,
        .length = (uint32_t)bytes,
        .sequence = writer->sequence++,
        .payload_crc = ms_crc32(payload, bytes),
    };
    _Static_assert(sizeof header == 24, "as documented");
    header.header_crc = ms_crc32(&header, 20);
    struct iovec parts[2] = {
        {.iov_base = &header, .iov_len = sizeof header},
        {.iov_base = (void *)(uintptr_t)payload, .iov_len = bytes},
    };
    write_all(writer, parts, 2);
}

void
ms_writer_payload(ms_writer *writer, ms_frame_kind kind)
{
    if (writer->payload.failed && writer->error == 0)
        writer->error = ENOMEM;
    if (writer->error == 0)
        write_frame(writer, kind, writer->payload.bytes, writer->payload.used);
    writer->payload.used = 0;
}

ms_status
ms_writer_open(ms_writer *writer, int fd, const ms_segment *segment)
{
    memset(writer, 0, sizeof *writer);
    writer->fd = fd;
    writer->segment = segment;
    writer->known_mask = 1023;
    writer->known = ms_memory_get(1024 * sizeof *writer->known);
    if (writer->known == NULL)
        return MS_NO_MEMORY;
    struct iovec part = {.iov_base = (void *)(uintptr_t)magic, .iov_len = sizeof magic};
    write_all(writer, &part, 1);
    return MS_OK;
}

void
ms_writer_close(ms_writer *writer)
{
    ms_buffer_close(&writer->payload);
    ms_memory_give(writer->known);
    ms_memory_give(writer->code_names);
    memset(writer, 0, sizeof *writer);
}

void
ms_writer_json(ms_writer *writer, ms_frame_kind kind, const char *json, size_t json_bytes)
{
    write_frame(writer, kind, json, json_bytes);
}

/* ---- strings ------------------------------------------------------------------------------------- */

static uint32_t
string_home(const ms_writer *writer, const char *bytes, uint32_t count)
{
    uint32_t hash = 2166136261u;
    for (uint32_t i = 0; i < count; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 16777619u;
    return hash & writer->known_mask;
}

static bool
grow_known(ms_writer *writer)
{
    uint32_t slots = (writer->known_mask + 1) * 2;
    ms_known_string *known = ms_memory_get(slots * sizeof *known);
    if (known == NULL)
        return false;
    ms_known_string *old = writer->known;
    uint32_t old_mask = writer->known_mask;
    writer->known = known;
    writer->known_mask = slots - 1;
    for (uint32_t i = 0; i <= old_mask; i++) {
        if (old[i].id == 0)
            continue;
        uint32_t slot = string_home(writer, writer->segment->text + old[i].offset, old[i].bytes);
        while (known[slot].id != 0)
            slot = (slot + 1) & writer->known_mask;
        known[slot] = old[i];
    }
    ms_memory_give(old);
    return true;
}

/* The id of a piece of the segment's text; a new one is appended to the payload. */
static uint32_t
string_id(ms_writer *writer, uint32_t offset, uint32_t count, uint32_t *added)
{
    if (MS_UNLIKELY(!ms_segment_has_text(writer->segment, offset, count)))
        offset = count = 0; /* the program wrote over it */
    const char *bytes = writer->segment->text + offset;
    if (writer->known_used >= writer->known_mask / 2 && !grow_known(writer)) {
        writer->payload.failed = true;
        return 0;
    }
    uint32_t slot = string_home(writer, bytes, count);
    for (; writer->known[slot].id != 0; slot = (slot + 1) & writer->known_mask) {
        const ms_known_string *known = &writer->known[slot];
        if (known->bytes == count &&
            memcmp(writer->segment->text + known->offset, bytes, count) == 0)
            return known->id;
    }
    uint32_t id = ++writer->strings;
    writer->known[slot] = (ms_known_string){.offset = offset, .bytes = count, .id = id};
    writer->known_used++;
    ms_buffer_put_u32(&writer->payload, count);
    ms_buffer_put(&writer->payload, bytes, count);
    ++*added;
    return id;
}

/* ---- codes, threads, nodes ----------------------------------------------------------------------- */

typedef struct {
    const ms_writer *writer;
    uint32_t first;
    const uint32_t *extra; /* one value an entry, worked out beforehand */
} span;

typedef struct {
    const ms_linetree *lines;
    uint32_t first;
} node_span;

static uint64_t
code_value(const void *context, uint32_t column, uint32_t index)
{
    const span *part = context;
    uint32_t code = part->first + index;
    if (column < 2)
        return part->writer->code_names[2 * code + column];
    int32_t line = part->writer->segment->codes[code].first_line;
    return line < 0 ? 0 : (uint64_t)line;
}

static void
write_codes(ms_writer *writer, uint32_t last)
{
    const ms_segment *segment = writer->segment;
    if (last <= writer->codes)
        return;
    if (last >= writer->code_names_capacity) {
        size_t old_bytes = 2 * sizeof(uint32_t) * (size_t)writer->code_names_capacity;
        uint32_t capacity = last + last / 2 + 256;
        uint32_t *names = ms_memory_grow(writer->code_names, old_bytes,
                                         2 * sizeof(uint32_t) * (size_t)capacity);
        if (names == NULL) {
            writer->error = writer->error == 0 ? ENOMEM : writer->error;
            return;
        }
        writer->code_names = names;
        writer->code_names_capacity = capacity;
    }
    uint32_t added = 0;
    ms_buffer_put_u32(&writer->payload, 0); /* the count, put in below */
    for (uint32_t id = writer->codes + 1; id <= last; id++) {
        const ms_code *code = &segment->codes[id];
        writer->code_names[2 * id] =
            string_id(writer, code->filename, code->filename_bytes, &added);
        writer->code_names[2 * id + 1] =
            string_id(writer, code->function, code->function_bytes, &added);
    }
    if (added != 0 && !writer->payload.failed) {
        memcpy(writer->payload.bytes, &added, sizeof added);
        ms_writer_payload(writer, MS_FRAME_STRINGS);
    }
    writer->payload.used = 0;
    span part = {.writer = writer, .first = writer->codes + 1};
    ms_table_put(&writer->payload, last - writer->codes, 3, code_value, &part);
    ms_writer_payload(writer, MS_FRAME_CODES);
    writer->codes = last;
}

static uint64_t
thread_value(const void *context, uint32_t column, uint32_t index)
{
    const span *part = context;
    const ms_thread_entry *entry = &part->writer->segment->header->threads[part->first + index];
    if (column == 0)
        return entry->native_id;
    return column == 1 ? part->extra[index] : entry->flags;
}

static void
write_threads(ms_writer *writer)
{
    ms_segment_header *header = writer->segment->header;
    uint32_t last = atomic_load_explicit(&header->thread_count, memory_order_acquire);
    if (last > MS_THREADS_MAX)
        last = MS_THREADS_MAX;
    if (last <= writer->threads)
        return;
    uint32_t count = last - writer->threads;
    uint32_t names[MS_THREADS_MAX + 1];
    ms_buffer_put_u32(&writer->payload, count);
    for (uint32_t i = 0; i < count; i++) {
        const ms_thread_entry *entry = &header->threads[writer->threads + 1 + i];
        uint32_t length = (uint32_t)strnlen(entry->name, sizeof entry->name);
        ms_buffer_put_u32(&writer->payload, length);
        ms_buffer_put(&writer->payload, entry->name, length);
        names[i] = ++writer->strings;
    }
    ms_writer_payload(writer, MS_FRAME_STRINGS);
    span part = {.writer = writer, .first = writer->threads + 1, .extra = names};
    ms_table_put(&writer->payload, count, 3, thread_value, &part);
    ms_writer_payload(writer, MS_FRAME_THREADS);
    writer->threads = last;
}

static uint64_t
node_value(const void *context, uint32_t column, uint32_t index)
{
    const node_span *part = context;
    uint32_t id = part->first + index;
    const ms_linenode *node = &part->lines->nodes[id];
    if (column == 0)
        return id - node->parent;
    return column == 1 ? node->code : node->line;
}

static void
write_nodes(ms_writer *writer, const ms_linetree *lines)
{
    while (writer->nodes < lines->count && writer->error == 0) {
        uint32_t count = lines->count - writer->nodes;
        if (count > NODES_A_FRAME)
            count = NODES_A_FRAME;
        node_span part = {.lines = lines, .first = writer->nodes + 1};
        ms_table_put(&writer->payload, count, 3, node_value, &part);
        ms_writer_payload(writer, MS_FRAME_NODES);
        writer->nodes += count;
    }
}

void
ms_writer_stacks(ms_writer *writer, const ms_linetree *lines)
{
    uint32_t codes = writer->codes;
    for (uint32_t id = writer->nodes + 1; id <= lines->count; id++) {
        if (lines->nodes[id].code > codes)
            codes = lines->nodes[id].code;
    }
    write_threads(writer);
    write_codes(writer, codes);
    write_nodes(writer, lines);
}

/* ---- rows and windows ---------------------------------------------------------------------------- */

typedef struct {
    const ms_ledger *ledger;
    uint32_t first;
    const uint32_t *gaps;
} row_span;

static uint64_t
row_value(const void *context, uint32_t column, uint32_t index)
{
    const row_span *part = context;
    const ms_row *row = &part->ledger->table.rows[part->first + index];
    if (column == 0)
        return row->stack;
    return column == 1 ? row->domain : row->size_class;
}

void
ms_writer_rows(ms_writer *writer, const ms_ledger *ledger)
{
    while (writer->rows < ledger->table.count && writer->error == 0) {
        uint32_t count = ledger->table.count - writer->rows;
        if (count > ROWS_A_FRAME)
            count = ROWS_A_FRAME;
        row_span part = {.ledger = ledger, .first = writer->rows + 1};
        ms_table_put(&writer->payload, count, 3, row_value, &part);
        ms_writer_payload(writer, MS_FRAME_ROWS);
        writer->rows += count;
    }
}

static int
by_number(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static uint64_t
change_value(const void *context, uint32_t column, uint32_t index)
{
    const row_span *part = context;
    uint32_t id = part->ledger->touched[index];
    const ms_row *row = &part->ledger->table.rows[id];
    const ms_row_rest *rest = &part->ledger->table.rest[id];
    switch (column) {
    case 0:
        return index == 0 ? id : id - part->ledger->touched[index - 1];
    case 1:
        return row->allocations - rest->old_allocations;
    case 2:
        return row->allocated_bytes - rest->old_allocated_bytes;
    case 3:
        return row->released - rest->old_released;
    default:
        return row->released_bytes - rest->old_released_bytes;
    }
}

void
ms_writer_window(ms_writer *writer, ms_ledger *ledger, uint64_t start_ns, uint64_t end_ns,
                 uint64_t first_event, uint64_t last_event)
{
    qsort(ledger->touched, ledger->touched_count, sizeof *ledger->touched, by_number);
    ms_buffer_put_u64(&writer->payload, start_ns);
    ms_buffer_put_u64(&writer->payload, end_ns);
    ms_buffer_put_u64(&writer->payload, first_event);
    ms_buffer_put_u64(&writer->payload, last_event);
    for (int domain = 0; domain < MS_DOMAINS; domain++)
        ms_buffer_put_u64(&writer->payload, ms_level_bytes(&ledger->domains[domain].live));
    row_span part = {.ledger = ledger};
    ms_table_put(&writer->payload, ledger->touched_count, 5, change_value, &part);
    ms_writer_payload(writer, MS_FRAME_WINDOW);
}

/* ---- points and events ---------------------------------------------------------------------------- */

static uint64_t
point_value(const void *context, uint32_t column, uint32_t index)
{
    const ms_point *points = context;
    const ms_point *point = &points[index];
    switch (column) {
    case 0:
        return index == 0 ? point->time_ns : point->time_ns - points[index - 1].time_ns;
    case 1:
    case 2:
    case 3:
        return point->live_bytes[column - 1];
    case 4:
        return point->max_live_bytes;
    case 5:
        return point->resident_bytes;
    case 6:
        return point->own_bytes;
    default:
        return point->collecting;
    }
}

void
ms_writer_timeline(ms_writer *writer, const ms_point *points, uint32_t count)
{
    ms_table_put(&writer->payload, count, 8, point_value, points);
    ms_writer_payload(writer, MS_FRAME_TIMELINE);
}

static uint64_t
event_value(const void *context, uint32_t column, uint32_t index)
{
    const ms_kept_event *event = &((const ms_kept_event *)context)[index];
    switch (column) {
    case 0:
        return event->kind;
    case 1:
        return event->domain;
    case 2:
        return event->address;
    case 3:
        return event->old_address;
    case 4:
        return event->size_bytes;
    default:
        return event->stack;
    }
}

void
ms_writer_events(ms_writer *writer, const ms_kept_event *events, uint32_t count)
{
    ms_table_put(&writer->payload, count, 6, event_value, events);
    ms_writer_payload(writer, MS_FRAME_EVENTS);
}
