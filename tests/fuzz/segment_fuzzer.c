/* What a program gone wild may leave in the segment: the drain must finish its capture all the same.
 *
 * A sound small segment is laid out, with events made of the input's first bytes; what is left of the input changes
 * bytes anywhere in it. Built with clang's -fsanitize=fuzzer,address,undefined it is coverage-guided; test_fuzzers.py
 * does so.
 */
#include "drain/drain.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ENTRIES 16u /* of each table */
#define KINDS (MS_REMAP_FAILED + 1u)

typedef struct input {
    const uint8_t *at, *end;
} input;

static unsigned
byte(input *from)
{
    return from->at < from->end ? *from->at++ : 0;
}

/* A chain of frames, each in a function of its own, with names and a location table. */
static void
lay_out(ms_segment *segment)
{
    static const char text[] = "/home/me/app.py"
                               "function"
                               "\xd8\x00\xe9\x01\xf0\x0a\x02\x00\x00";
    memcpy(segment->text, text, sizeof text);
    for (uint32_t i = 1; i < ENTRIES; i++) {
        segment->codes[i] = (ms_code){.filename = 0,
                                      .filename_bytes = 15,
                                      .function = 15,
                                      .function_bytes = 8,
                                      .lines = 23,
                                      .lines_bytes = 9,
                                      .first_line = (int32_t)i,
                                      .flags = MS_NODE_READY};
        segment->nodes[i] = (ms_node){.parent = i - 1, .code = i == 1 ? 0 : i, .position = i, .state = MS_NODE_READY};
    }
    for (uint32_t i = 1; i < ENTRIES; i++)
        segment->types[i] = (ms_type){
            .module = 0, .module_bytes = 5, .name = 15, .name_bytes = 8, .kind = i % 6, .state = MS_TYPE_READY};
    atomic_store(&segment->header->type_count, ENTRIES - 1);
    atomic_store(&segment->header->objects, MS_OBJECTS_MADE);
    atomic_store(&segment->header->node_count, ENTRIES - 1);
    atomic_store(&segment->header->code_count, ENTRIES - 1);
    atomic_store(&segment->header->thread_count, 2);
    atomic_store(&segment->header->text_used, sizeof text);
}

static ms_event
event_of(input *from)
{
    unsigned kind = byte(from), place = byte(from), size = byte(from);
    uint64_t address = UINT64_C(0x7f0000000000) + place * UINT64_C(48) + (kind >> 6) * UINT64_C(0x100001);
    return ms_event_make((ms_kind)(kind % KINDS), (ms_domain)((kind >> 4) % MS_DOMAINS), address,
                         size < 128 ? size * 8 : size << (size & 15), size % ENTRIES);
}

static void
fill(ms_segment *segment, input *from)
{
    unsigned events = byte(from), side = byte(from) % ENTRIES;
    for (unsigned i = 0; i < events; i++)
        segment->spsc->slots[i] = event_of(from);
    for (unsigned i = 0; i < side; i++) {
        segment->mpsc->slots[i] = (ms_mpsc_event){.turn = i + 1, .after = byte(from), .thread = 1 + i % 3};
        segment->mpsc->slots[i].event = event_of(from);
        segment->mpsc->slots[i].size_bytes = segment->mpsc->slots[i].event.size;
    }
    atomic_store(&segment->spsc->head, events);
    atomic_store(&segment->mpsc->head, side);
}

/* Four bytes a change: which part, where in it, what. */
static void
change(ms_segment *segment, input *from)
{
    while (from->end - from->at >= 4) {
        unsigned part = byte(from), at = byte(from) | byte(from) << 8;
        uint8_t *const parts[] = {
            (uint8_t *)segment->header + offsetof(ms_segment_header, state),
            (uint8_t *)segment->nodes,
            (uint8_t *)segment->codes,
            (uint8_t *)segment->text,
            (uint8_t *)segment->spsc->slots,
            (uint8_t *)segment->mpsc->slots,
            (uint8_t *)&segment->spsc->head,
            (uint8_t *)&segment->mpsc->head,
        };
        static const unsigned bytes[] = {sizeof(ms_segment_header) - offsetof(ms_segment_header, state),
                                         ENTRIES * sizeof(ms_node),
                                         ENTRIES * sizeof(ms_code),
                                         64,
                                         256 * sizeof(ms_event),
                                         ENTRIES * sizeof(ms_mpsc_event),
                                         8,
                                         8};
        parts[part % 8][at % bytes[part % 8]] ^= (uint8_t)byte(from);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char end[4096];
    input from = {data, data + size};
    int segment_file, capture = memfd_create("capture", MFD_CLOEXEC);
    if (capture < 0 || ms_segment_create(&segment_file) != MS_OK)
        abort();
    ms_drain_options options = {.sample_bytes = size % 7 == 0 ? 4096 : 0,
                                .keep_events = size % 5 == 0,
                                .keep_imports = size % 3 != 0,
                                .native = size % 2 == 0,
                                .pid = (int)getpid()};
    static ms_drain drain;
    if (ms_drain_open(&drain, segment_file, capture, "{}", 2, &options) != MS_OK)
        abort();
    lay_out(&drain.segment);
    fill(&drain.segment, &from);
    change(&drain.segment, &from);
    ms_status status = ms_drain_finish(&drain, "exited", "{}", end, sizeof end);
    if (status != MS_OK || strchr(end, '}') == NULL)
        abort();
    ms_drain_close(&drain);
    close(segment_file);
    close(capture);
    return 0;
}
