#include "ending.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static const char *const domain_names[MS_DOMAINS] = {"raw", "mem", "obj"};

static void
append(char *text, size_t text_bytes, size_t *used, const char *format, ...)
{
    if (*used >= text_bytes)
        return;
    va_list arguments;
    va_start(arguments, format);
    int count = vsnprintf(text + *used, text_bytes - *used, format, arguments);
    va_end(arguments);
    if (count > 0)
        *used += (size_t)count;
}

static void
append_tally(char *text, size_t text_bytes, size_t *used, const ms_tally *tally)
{
    append(text, text_bytes, used,
           "\"allocations\": %" PRIu64 ", \"frees\": %" PRIu64 ", \"reallocations\": %" PRIu64
           ", \"allocated_bytes\": %" PRIu64 ", \"live_bytes\": %" PRIu64
           ", \"live_blocks\": %" PRIu64 ", \"peak_bytes\": %" PRIu64,
           tally->allocations, tally->frees, tally->reallocations, tally->allocated_bytes,
           tally->live_bytes, ms_tally_live_blocks(tally), tally->peak_bytes);
}

static void
append_generations(char *text, size_t text_bytes, size_t *used, const char *name,
                   const uint64_t *values)
{
    append(text, text_bytes, used, ", \"%s\": [%" PRIu64 ", %" PRIu64 ", %" PRIu64 "]", name,
           values[0], values[1], values[2]);
}

static void
describe_collector(const ms_ending *ending, char *text, size_t text_bytes, size_t *used)
{
    const ms_segment_header *header = ending->segment->header;
    append(text, text_bytes, used,
           ", \"polled_ns\": %" PRIu64 ", \"collecting_ns\": %" PRIu64
           ", \"longest_collecting_ns\": %" PRIu64,
           ending->watch->polled_ns, ending->watch->collecting_ns, ending->watch->longest_collecting_ns);
    if (atomic_load(&header->gc_known) == 0)
        return;
    uint64_t sums[4][MS_GENERATIONS], thresholds[MS_GENERATIONS];
    for (int i = 0; i < MS_GENERATIONS; i++) {
        sums[0][i] = header->gc[i].collections;
        sums[1][i] = header->gc[i].collected;
        sums[2][i] = header->gc[i].uncollectable;
        sums[3][i] = header->gc[i].duration_ns;
        thresholds[i] = header->gc_thresholds[i];
    }
    append_generations(text, text_bytes, used, "collections", sums[0]);
    append_generations(text, text_bytes, used, "collected", sums[1]);
    append_generations(text, text_bytes, used, "uncollectable", sums[2]);
    if (header->gc_timed != 0)
        append_generations(text, text_bytes, used, "collections_ns", sums[3]);
    append_generations(text, text_bytes, used, "gc_thresholds", thresholds);
    append(text, text_bytes, used, ", \"gc_enabled\": %s", header->gc_enabled ? "true" : "false");
}

void
ms_ending_describe(const ms_ending *ending, char *text, size_t text_bytes)
{
    const ms_ledger *ledger = ending->ledger;
    const char *reason = ending->reason;
    ms_segment_header *header = ending->segment->header;
    uint64_t dropped = atomic_load(&header->dropped_events) + ending->intake->lost_events;
    uint64_t lost_stacks = atomic_load(&header->lost_stacks);
    uint32_t state = atomic_load(&header->state);
    if (state == MS_STATE_GAVE_UP)
        reason = "gave up";
    else if (state == MS_STATE_UNHOOKED)
        reason = "unhooked";
    bool damaged = ending->intake->damaged || ledger->lines.damaged;
    if (damaged)
        reason = "damaged";
    bool cut_short = damaged || state == MS_STATE_GAVE_UP || state == MS_STATE_UNHOOKED;
    bool complete = !ledger->out_of_memory && !ending->heap->out_of_memory && !cut_short && dropped == 0 && lost_stacks == 0;
    size_t used = 0;
    append(text, text_bytes, &used, "{\"reason\": \"%s\", \"complete\": %s, ", reason,
           complete ? "true" : "false");
    ms_tally total = ms_ledger_total(ledger);
    append_tally(text, text_bytes, &used, &total);
    append(text, text_bytes, &used,
           ", \"peak_blocks\": %" PRIu64 ", \"peak_time_ns\": %" PRIu64 ", \"events\": %" PRIu64
           ", \"duration_ns\": %" PRIu64 ", \"domains\": {",
           ms_ledger_peak_blocks(ledger), ledger->peak_time_ns, ending->intake->events,
           ending->duration_ns);
    for (int domain = 0; domain < MS_DOMAINS; domain++) {
        append(text, text_bytes, &used, "%s\"%s\": {", domain == 0 ? "" : ", ",
               domain_names[domain]);
        total = ms_ledger_domain(ledger, (ms_domain)domain);
        append_tally(text, text_bytes, &used, &total);
        append(text, text_bytes, &used, "}");
    }
    append(text, text_bytes, &used,
           "}, \"unknown_frees\": %" PRIu64 ", \"unknown_reallocations\": %" PRIu64
           ", \"replaced_blocks\": %" PRIu64 ", \"dropped_events\": %" PRIu64
           ", \"lost_stacks\": %" PRIu64 ", \"waits\": %" PRIu64 ", \"wait_ns\": %" PRIu64
           ", \"poll_ns\": %" PRIu64 ", \"polls\": %" PRIu64 ", \"collecting_polls\": %" PRIu64,
           ledger->unknown_frees, ledger->unknown_reallocations, ledger->replaced_blocks, dropped,
           lost_stacks, atomic_load(&header->waits), atomic_load(&header->wait_ns), ending->poll_ns,
           ending->watch->polls, ending->watch->collecting_polls);
    describe_collector(ending, text, text_bytes, &used);
    append(text, text_bytes, &used,
           ", \"arenas_made\": %" PRIu64 ", \"arenas_returned\": %" PRIu64 ", \"arenas_most\": %u",
           ending->heap->made, ending->heap->returned, ending->heap->most);
    append(text, text_bytes, &used,
           ", \"segment_bytes\": %" PRIu64 ", \"program_bytes\": %" PRIu64
           ", \"ledger_bytes\": %" PRIu64 ", \"threads\": %u}",
           ms_segment_touched_bytes(ending->segment), atomic_load(&header->private_bytes),
           ms_ledger_memory_bytes(ledger), atomic_load(&header->thread_count));
}
