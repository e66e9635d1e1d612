#include "capture/writer.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/uio.h>

#include "shared/array.h"
#include "shared/probe.h"

#define SYNC_WORD UINT32_C(0x0146534d) /* "MSF\x01" */
/* So many that what is built of one takes some hundred KiB. */
#define NODES_A_FRAME (1u << 16)
#define ROWS_A_FRAME (1u << 16)
#define CODES_FIRST 256u

static const char magic[8] = {(char)0x89, 'M', 'S', 'C', 'O', 'P', 'E', '\n'};

/* ---- frames ---------------------------------------------------------------------------------- */

/* Whether the limit of file sizes has room for so many bytes more. Beyond it the kernel sends SIGXFSZ, which would end
 * a program whose own writing is within it. */
static bool
is_within_limit(const ms_writer *writer, size_t bytes)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_FSIZE, &limit) != 0 || writer->written_bytes + bytes <= limit.rlim_cur;
}

static void
write_all(ms_writer *writer, struct iovec *parts, int count)
{
    size_t bytes = 0;
    for (int i = 0; i < count; i++)
        bytes += parts[i].iov_len;
    if (writer->error == 0 && !is_within_limit(writer, bytes))
        writer->error = EFBIG;
    while (count > 0 && writer->error == 0) {
        if (!ms_descriptor_is_ours(&writer->output)) {
            writer->error = EBADF;
            break;
        }
        ssize_t written = writev(writer->output.number, parts, count);
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
        .version = kind == MS_FRAME_WINDOW || kind == MS_FRAME_TOTALS ? 2 : 1,
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
    writer->output = ms_descriptor_of(fd);
    writer->segment = segment;
    writer->domains = MS_PYTHON_DOMAINS;
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
    ms_memory_give(writer->written_codes);
    ms_memory_give(writer->symbol_codes);
    ms_memory_give(writer->type_ids);
    ms_memory_give(writer->row_types);
    ms_memory_give(writer->folded);
    ms_spill_close(&writer->spill);
    ms_numbers_close(&writer->row_numbers);
    ms_numbers_close(&writer->stack_numbers);
    memset(writer, 0, sizeof *writer);
}

void
ms_writer_json(ms_writer *writer, ms_frame_kind kind, const char *json, size_t json_bytes)
{
    write_frame(writer, kind, json, json_bytes);
}

/* ---- strings --------------------------------------------------------------------------------- */

static uint32_t
string_hash(const char *bytes, uint32_t count)
{
    uint32_t hash = 2166136261u;
    for (uint32_t i = 0; i < count; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 16777619u;
    return hash;
}

static bool
grow_known(ms_writer *writer)
{
    uint32_t mask = 2 * writer->known_mask + 1;
    ms_known_string *known = ms_memory_get(((size_t)mask + 1) * sizeof *known);
    if (known == NULL)
        return false;
    const char *text = writer->segment->text;
    const ms_known_string *string;
    MS_PROBE_REHASH(string, writer->known, writer->known_mask, known, mask, string->id == 0,
                    string_hash(text + string->offset, string->bytes));
    ms_memory_give(writer->known);
    writer->known = known;
    writer->known_mask = mask;
    return true;
}

static bool
is_string(const ms_segment *segment, const ms_known_string *known, const char *bytes, uint32_t count)
{
    return known->bytes == count && memcmp(segment->text + known->offset, bytes, count) == 0;
}

/* The id of a piece of the segment's text; a new one is appended to the payload. */
static uint32_t
string_id(ms_writer *writer, uint32_t offset, uint32_t count, uint32_t *added)
{
    if (MS_UNLIKELY(!ms_segment_has_text(writer->segment, offset, count)))
        offset = count = 0; /* the program wrote over it */
    if (MS_UNLIKELY(!ms_segment_reach_text(writer->segment, (uint64_t)offset + count))) {
        writer->payload.failed = true;
        return 0;
    }
    const char *bytes = writer->segment->text + offset;
    if (writer->known_used >= writer->known_mask / 2 && !grow_known(writer)) {
        writer->payload.failed = true;
        return 0;
    }
    ms_known_string *known = writer->known;
    uint32_t slot;
    MS_PROBE(slot, string_hash(bytes, count), writer->known_mask,
             known[slot].id == 0 || is_string(writer->segment, &known[slot], bytes, count));
    if (known[slot].id != 0)
        return known[slot].id;
    uint32_t id = ++writer->strings;
    known[slot] = (ms_known_string){.offset = offset, .bytes = count, .id = id};
    writer->known_used++;
    ms_buffer_put_u32(&writer->payload, count);
    ms_buffer_put(&writer->payload, bytes, count);
    ++*added;
    return id;
}

/* ---- codes, threads, nodes ------------------------------------------------------------------- */

typedef struct {
    const ms_writer *writer;
    uint32_t first;
    const uint32_t *extra; /* one value an entry, worked out beforehand */
} span;

typedef struct {
    const ms_writer *writer;
    const ms_linetree *lines;
    uint32_t first;
} node_span;

static uint64_t
code_value(const void *context, uint32_t column, uint32_t index)
{
    const span *part = context;
    uint32_t code = part->first + index;
    if (column < 2)
        return column == 0 ? part->writer->written_codes[code].filename : part->writer->written_codes[code].function;
    int32_t line = part->writer->segment->codes[code].first_line;
    return line < 0 ? 0 : (uint64_t)line;
}

/* Of codes that have no place in the segment. */
static uint64_t
own_code_value(const void *context, uint32_t column, uint32_t index)
{
    const ms_written_code *code = (const ms_written_code *)context + index;
    return column == 0 ? code->filename : column == 1 ? code->function : 0;
}

static void
write_codes(ms_writer *writer, uint32_t last)
{
    const ms_segment *segment = writer->segment;
    if (last <= writer->codes)
        return;
    if (!MS_ARRAY_HOLDS(writer->written_codes, writer->written_codes_capacity, last + UINT64_C(1), CODES_FIRST)) {
        writer->error = writer->error == 0 ? ENOMEM : writer->error;
        return;
    }
    uint32_t added = 0;
    ms_buffer_put_u32(&writer->payload, 0); /* the count, put in below */
    for (uint32_t id = writer->codes + 1; id <= last; id++) {
        const ms_code *code = &segment->codes[id];
        ms_written_code *written = &writer->written_codes[id];
        written->id = ++writer->last_code;
        written->filename = string_id(writer, code->filename, code->filename_bytes, &added);
        written->function = string_id(writer, code->function, code->function_bytes, &added);
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

/* Codes that have no place in the segment, in the making. */
typedef struct {
    ms_written_code *codes;
    uint32_t count, capacity;
} own_codes;

/* Adds one, its name to the payload. Its id in the capture; 0: no memory. */
static uint32_t
add_own_code(ms_writer *writer, own_codes *added, uint32_t filename, const char *function)
{
    uint32_t bytes = (uint32_t)strlen(function);
    if (!MS_ARRAY_HOLDS(added->codes, added->capacity, added->count + UINT64_C(1), CODES_FIRST)) {
        writer->payload.failed = true;
        return 0;
    }
    if (added->count == 0)
        ms_buffer_put_u32(&writer->payload, 0); /* the count, put in below */
    ms_buffer_put_u32(&writer->payload, bytes);
    ms_buffer_put(&writer->payload, function, bytes);
    ms_written_code *code = &added->codes[added->count++];
    *code = (ms_written_code){.id = ++writer->last_code, .filename = filename, .function = ++writer->strings};
    return code->id;
}

static void
write_own_codes(ms_writer *writer, own_codes *added)
{
    if (added->count != 0) {
        if (!writer->payload.failed)
            memcpy(writer->payload.bytes, &added->count, sizeof added->count);
        ms_writer_payload(writer, MS_FRAME_STRINGS);
        ms_table_put(&writer->payload, added->count, 3, own_code_value, added->codes);
        ms_writer_payload(writer, MS_FRAME_CODES);
    }
    ms_memory_give(added->codes);
}

/* Whether a node is of a function of a library. */
static bool
is_symbol(const ms_linetree *lines, const ms_linenode *node)
{
    return (node->state & MS_NODE_NATIVE) != 0 && node->code != 0 && node->code != MS_CODE_LEFT_OUT &&
           node->line != 0 && node->line <= ms_symbols_count(lines->symbols);
}

/* Functions of libraries that have appeared since. */
static void
write_symbols(ms_writer *writer, const ms_linetree *lines)
{
    own_codes added = {0};
    for (uint32_t id = writer->stack_numbers.written + 1; id <= lines->count && writer->error == 0; id++) {
        const ms_linenode *node = &lines->nodes[id];
        if (!is_symbol(lines, node))
            continue;
        if (!MS_ARRAY_HOLDS(writer->symbol_codes, writer->symbol_codes_capacity, node->line + UINT64_C(1),
                            CODES_FIRST)) {
            writer->error = ENOMEM;
            break;
        }
        uint32_t *written = &writer->symbol_codes[node->line];
        if (*written == 0)
            *written = add_own_code(writer, &added, writer->written_codes[node->code].filename,
                                    ms_symbols_name(lines->symbols, node->line));
    }
    write_own_codes(writer, &added);
}

static void
write_left_out(ms_writer *writer)
{
    own_codes added = {0};
    writer->left_out_code = add_own_code(writer, &added, 0, "<frames left out>");
    write_own_codes(writer, &added);
}

/* The capture's id of a node's code. */
static uint32_t
code_id(const ms_writer *writer, const ms_linetree *lines, const ms_linenode *node)
{
    if (node->code == MS_CODE_LEFT_OUT)
        return writer->left_out_code;
    if (is_symbol(lines, node))
        return writer->symbol_codes[node->line];
    return node->code == 0 ? 0 : writer->written_codes[node->code].id;
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
    const ms_numbers *numbers = &part->writer->stack_numbers;
    if (column == 0)
        return ms_numbers_of(numbers, id) - ms_numbers_of(numbers, node->parent);
    if (column == 1)
        return code_id(part->writer, part->lines, node);
    return (node->state & MS_NODE_NATIVE) != 0 && node->code != 0 ? 0 : node->line;
}

static void
write_nodes(ms_writer *writer, const ms_linetree *lines)
{
    while (writer->stack_numbers.written < lines->count && writer->error == 0) {
        uint32_t first = writer->stack_numbers.written + 1, count = lines->count + 1 - first;
        if (count > NODES_A_FRAME)
            count = NODES_A_FRAME;
        if (!ms_numbers_extend(&writer->stack_numbers, first + count - 1)) {
            writer->error = ENOMEM;
            return;
        }
        node_span part = {.writer = writer, .lines = lines, .first = first};
        ms_table_put(&writer->payload, count, 3, node_value, &part);
        ms_writer_payload(writer, MS_FRAME_NODES);
    }
}

void
ms_writer_stacks(ms_writer *writer, const ms_linetree *lines)
{
    uint32_t codes = writer->codes;
    bool left_out = false;
    for (uint32_t id = writer->stack_numbers.written + 1; id <= lines->count; id++) {
        uint32_t code = lines->nodes[id].code;
        if (code == MS_CODE_LEFT_OUT)
            left_out = true;
        else if (code > codes)
            codes = code;
    }
    write_threads(writer);
    write_codes(writer, codes);
    if (left_out && writer->left_out_code == 0)
        write_left_out(writer);
    write_symbols(writer, lines);
    write_nodes(writer, lines);
}

/* ---- rows ------------------------------------------------------------------------------------ */

typedef struct {
    const ms_writer *writer;
    ms_rows rows;
    uint32_t first;
} row_span;

static uint64_t
row_value(const void *context, uint32_t column, uint32_t index)
{
    const row_span *part = context;
    const ms_row *row = &part->rows.row[part->first + index];
    switch (column) {
    case 0:
        return ms_numbers_of(&part->writer->stack_numbers, row->stack);
    case 1:
        return row->domain;
    case 2:
        return row->size_class;
    default:
        return part->writer->row_types[part->first + index];
    }
}

/* ---- types ---- */

typedef struct {
    uint32_t module, name, kind; /* strings of the capture */
} type_entry;

/* Types that came up with the rows that are about to be written. */
typedef struct {
    type_entry *entries;
    uint32_t count, capacity, strings;
} new_types;

#define PARKED_KIND 5u /* of the pseudo type of blocks on free lists */

static uint64_t
type_value(const void *context, uint32_t column, uint32_t index)
{
    const type_entry *entry = (const type_entry *)context + index;
    return column == 0 ? entry->module : column == 1 ? entry->name : entry->kind;
}

/* Room for an entry `last` of 32 bits. */
static bool
make_room(uint32_t **array, uint32_t *capacity, uint32_t last)
{
    if (last < *capacity)
        return true;
    uint32_t wanted = last + last / 2 + 256;
    uint32_t *grown = ms_memory_grow(*array, *capacity * sizeof **array, wanted * sizeof **array);
    if (grown == NULL)
        return false;
    *array = grown;
    *capacity = wanted;
    return true;
}

/* The capture's id of a new type, whose names go into the payload. */
static uint32_t
add_type(ms_writer *writer, new_types *added, uint32_t type)
{
    if (added->count == added->capacity) {
        uint32_t capacity = 2 * added->capacity + 64;
        type_entry *grown = ms_memory_grow(added->entries, added->count * sizeof *grown, capacity * sizeof *grown);
        if (grown == NULL) {
            writer->payload.failed = true;
            return 0;
        }
        added->entries = grown;
        added->capacity = capacity;
    }
    if (added->count == 0)
        ms_buffer_put_u32(&writer->payload, 0); /* the count of strings, put in below */
    type_entry entry = {.kind = PARKED_KIND};
    if (type != MS_TYPE_PARKED) {
        const ms_type *from = &writer->segment->types[type];
        entry.module = string_id(writer, from->module, from->module_bytes, &added->strings);
        entry.name = string_id(writer, from->name, from->name_bytes, &added->strings);
        entry.kind = from->kind >= MS_TYPE_OBJECT && from->kind <= MS_TYPE_OTHER ? from->kind : MS_TYPE_OTHER;
    }
    added->entries[added->count++] = entry;
    return ++writer->types;
}

static uint32_t
type_id(ms_writer *writer, new_types *added, uint32_t type)
{
    if (type == 0 || type == MS_TYPE_UNSET)
        return 0;
    uint32_t *id = &writer->parked_type;
    if (type != MS_TYPE_PARKED) {
        if (!ms_segment_has_type(writer->segment, type))
            return 0;
        if (!make_room(&writer->type_ids, &writer->type_ids_capacity, type)) {
            writer->payload.failed = true;
            return 0;
        }
        id = &writer->type_ids[type];
    }
    if (*id == 0)
        *id = add_type(writer, added, type);
    return *id;
}

static void
write_types(ms_writer *writer, new_types *added)
{
    if (added->count != 0 && !writer->payload.failed) {
        if (added->strings != 0) {
            memcpy(writer->payload.bytes, &added->strings, sizeof added->strings);
            ms_writer_payload(writer, MS_FRAME_STRINGS);
        }
        writer->payload.used = 0;
        ms_table_put(&writer->payload, added->count, 3, type_value, added->entries);
        ms_writer_payload(writer, MS_FRAME_TYPES);
    }
    ms_memory_give(added->entries);
}

void
ms_writer_all_types(ms_writer *writer)
{
    new_types added = {0};
    uint32_t last = atomic_load_explicit(&writer->segment->header->type_count, memory_order_acquire);
    for (uint32_t type = 1; type <= last && type < writer->segment->types_max; type++)
        (void)type_id(writer, &added, type);
    write_types(writer, &added);
    writer->payload.used = 0;
}

uint32_t
ms_writer_type(const ms_writer *writer, uint32_t type)
{
    return type < writer->type_ids_capacity ? writer->type_ids[type] : 0;
}

typedef struct {
    const ms_writer *writer;
    const uint32_t *ids; /* the ledger's, of rows */
} retyped;

static uint64_t
retyped_value(const void *context, uint32_t column, uint32_t index)
{
    const retyped *rows = context;
    const ms_numbers *numbers = &rows->writer->row_numbers;
    if (column == 1)
        return rows->writer->row_types[rows->ids[index]];
    uint32_t id = ms_numbers_of(numbers, rows->ids[index]);
    return index == 0 ? id : id - ms_numbers_of(numbers, rows->ids[index - 1]);
}

/* Types of the rows that are written already: those that have become known, of which a window tells. */
static void
write_row_types(ms_writer *writer, const uint32_t *ids, uint32_t count)
{
    if (count == 0)
        return;
    retyped rows = {.writer = writer, .ids = ids};
    ms_table_put(&writer->payload, count, 2, retyped_value, &rows);
    ms_writer_payload(writer, MS_FRAME_ROWTYPES);
}

/* Brings row_types up to date; ids: gets the rows whose types have become known, as many as it returns. */
static uint32_t
update_row_types(ms_writer *writer, ms_rows rows, const uint32_t *touched, uint32_t count, uint32_t *ids)
{
    new_types added = {0};
    uint32_t changed = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = touched[i];
        if (row > writer->row_numbers.written)
            break; /* ids rise */
        uint32_t type = type_id(writer, &added, rows.row[row].type);
        if (type == writer->row_types[row])
            continue;
        writer->row_types[row] = type;
        ids[changed++] = row;
    }
    for (uint32_t row = writer->row_numbers.written + 1; row <= rows.count; row++)
        writer->row_types[row] = type_id(writer, &added, rows.row[row].type);
    write_types(writer, &added);
    return changed;
}

void
ms_writer_rows(ms_writer *writer, ms_ledger *ledger)
{
    uint32_t touched_count;
    const uint32_t *touched = ms_ledger_touched(ledger, &touched_count);
    ms_rows rows = ms_ledger_rows(ledger);
    uint32_t *ids = ms_memory_get((touched_count + 1) * sizeof *ids);
    if (ids == NULL || !make_room(&writer->row_types, &writer->row_types_capacity, rows.count)) {
        ms_memory_give(ids);
        writer->error = writer->error == 0 ? ENOMEM : writer->error;
        return;
    }
    uint32_t changed = update_row_types(writer, rows, touched, touched_count, ids);
    write_row_types(writer, ids, changed);
    ms_memory_give(ids);
    while (writer->row_numbers.written < rows.count && writer->error == 0) {
        uint32_t first = writer->row_numbers.written + 1, count = rows.count + 1 - first;
        if (count > ROWS_A_FRAME)
            count = ROWS_A_FRAME;
        if (!ms_numbers_extend(&writer->row_numbers, first + count - 1)) {
            writer->error = ENOMEM;
            return;
        }
        row_span part = {.writer = writer, .rows = rows, .first = first};
        ms_table_put(&writer->payload, count, 4, row_value, &part);
        ms_writer_payload(writer, MS_FRAME_ROWS);
    }
}

/* ---- folding --------------------------------------------------------------------------------- */

void
ms_writer_renumber(ms_writer *writer, const ms_folding *folding)
{
    ms_memory_give(writer->folded);
    writer->folded_count = 0;
    writer->folded = ms_memory_get((folding->folded_count + (size_t)1) * sizeof *writer->folded);
    for (uint32_t i = 0; i < folding->folded_count && writer->folded != NULL; i++) {
        writer->folded[i] = folding->folded[i];
        writer->folded[i].row = ms_numbers_of(&writer->row_numbers, folding->folded[i].row);
    }
    for (uint32_t id = 1; id <= writer->row_numbers.written; id++) {
        if (ms_renumber_stays(folding->row_to, id))
            writer->row_types[ms_renumber_id(folding->row_to, id)] = writer->row_types[id];
    }
    bool renumbered = ms_numbers_renumber(&writer->row_numbers, folding->row_to) &&
                      ms_numbers_renumber(&writer->stack_numbers, folding->stack_to);
    if (writer->folded == NULL || !renumbered) {
        writer->error = writer->error == 0 ? ENOMEM : writer->error;
        return;
    }
    writer->folded_count = folding->folded_count;
}

/* ---- samples and events ----------------------------------------------------------------------- */

typedef struct {
    uint32_t domains;
    const ms_timeline_sample *samples;
} sample_span;

static uint64_t
sample_value(const void *context, uint32_t column, uint32_t index)
{
    const sample_span *part = context;
    const ms_timeline_sample *sample = &part->samples[index];
    if (column == 0)
        return index == 0 ? sample->time_ns : sample->time_ns - part->samples[index - 1].time_ns;
    if (column <= part->domains)
        return sample->live_bytes[column - 1];
    switch (column - part->domains) {
    case 1:
        return sample->max_live_bytes;
    case 2:
        return sample->resident_bytes;
    case 3:
        return sample->own_bytes;
    default:
        return sample->collecting;
    }
}

void
ms_writer_timeline(ms_writer *writer, const ms_timeline_sample *samples, uint32_t count)
{
    sample_span part = {.domains = (uint32_t)writer->domains, .samples = samples};
    ms_table_put(&writer->payload, count, part.domains + 5, sample_value, &part);
    ms_writer_payload(writer, MS_FRAME_TIMELINE);
}

typedef struct {
    const ms_writer *writer;
    const ms_kept_event *events;
} event_span;

static uint64_t
event_value(const void *context, uint32_t column, uint32_t index)
{
    const event_span *part = context;
    const ms_kept_event *event = &part->events[index];
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
        return event->kind == MS_KEPT_FREE ? event->stack : ms_numbers_of(&part->writer->stack_numbers, event->stack);
    }
}

void
ms_writer_events(ms_writer *writer, const ms_kept_event *events, uint32_t count)
{
    event_span part = {.writer = writer, .events = events};
    ms_table_put(&writer->payload, count, 6, event_value, &part);
    ms_writer_payload(writer, MS_FRAME_EVENTS);
}
