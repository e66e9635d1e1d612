#include "drain/runsummary.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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
append_counters(char *text, size_t text_bytes, size_t *used, const ms_counters *counters)
{
    append(text, text_bytes, used,
           "\"allocations\": %" PRIu64 ", \"frees\": %" PRIu64 ", \"reallocations\": %" PRIu64
           ", \"allocated_bytes\": %" PRIu64 ", \"live_bytes\": %" PRIu64 ", \"live_blocks\": %" PRIu64
           ", \"peak_bytes\": %" PRIu64,
           counters->allocations, counters->frees, counters->reallocations, counters->allocated_bytes,
           counters->live_bytes, counters->live_blocks, counters->peak_bytes);
}

static void
append_generations(char *text, size_t text_bytes, size_t *used, const char *name, const uint64_t *values)
{
    append(text, text_bytes, used, ", \"%s\": [%" PRIu64 ", %" PRIu64 ", %" PRIu64 "]", name, values[0], values[1],
           values[2]);
}

static void
describe_libc(const char *moment, const ms_libc_counts *counts, char *text, size_t text_bytes, size_t *used)
{
    append(text, text_bytes, used,
           ", \"libc_%s\": {\"heap_bytes\": %" PRIu64 ", \"used_bytes\": %" PRIu64 ", \"free_bytes\": %" PRIu64
           ", \"mapped_bytes\": %" PRIu64 "}",
           moment, counts->heap_bytes, counts->used_bytes, counts->free_bytes, counts->mapped_bytes);
}

static void
describe_resident(const ms_runsummary *summary, char *text, size_t text_bytes, size_t *used)
{
    ms_resident before = ms_processsampler_before(summary->process);
    uint32_t older = 0;
    for (uint32_t i = 0; i < summary->heap->count; i++)
        older += summary->heap->arenas[i].older;
    append(text, text_bytes, used,
           ", \"before_resident_bytes\": %" PRIu64 ", \"before_shared_bytes\": %" PRIu64
           ", \"older_arenas\": %u, \"peak_resident_bytes\": %" PRIu64,
           before.bytes, before.shared_bytes, older, ms_processsampler_peak_bytes(summary->process));
    uint64_t within = atomic_load(&summary->segment->header->peak_within_bytes);
    if (within != 0)
        append(text, text_bytes, used,
               ", \"peaks_and_snapshots\": {\"outside_bytes\": %" PRIu64 ", \"within_bytes\": %" PRIu64 "}",
               atomic_load(&summary->segment->header->peak_outside_bytes), within);
    describe_libc("before", &summary->segment->header->libc_before, text, text_bytes, used);
    describe_libc("end", &summary->segment->header->libc_end, text, text_bytes, used);
}

static void
describe_domains(const ms_runsummary *summary, const ms_sums *sums, char *text, size_t text_bytes, size_t *used)
{
    for (int domain = 0; domain < summary->domains; domain++) {
        append(text, text_bytes, used, "%s\"%s\": {", domain == 0 ? "" : ", ", ms_domain_name((ms_domain)domain));
        append_counters(text, text_bytes, used, &sums->domains[domain]);
        append(text, text_bytes, used, "}");
    }
}

/* The program writes it: it may be anything, or before the start. */
static void
describe_main_end(const ms_runsummary *summary, char *text, size_t text_bytes, size_t *used)
{
    uint64_t ended_ns = atomic_load(&summary->segment->header->main_ended_ns) - summary->started_ns;
    if (ended_ns <= summary->duration_ns)
        append(text, text_bytes, used, ", \"main_ended_ns\": %" PRIu64, ended_ns);
}

static void
describe_collector(const ms_runsummary *summary, char *text, size_t text_bytes, size_t *used)
{
    const ms_segment_header *header = summary->segment->header;
    append(text, text_bytes, used,
           ", \"polled_ns\": %" PRIu64 ", \"collecting_ns\": %" PRIu64 ", \"longest_collecting_ns\": %" PRIu64,
           summary->process->polled_ns, summary->process->collecting_ns, summary->process->longest_collecting_ns);
    if (atomic_load(&header->gc_known) == 0)
        return;
    uint64_t counters[4][MS_GENERATIONS], thresholds[MS_GENERATIONS];
    for (int i = 0; i < MS_GENERATIONS; i++) {
        counters[0][i] = header->gc[i].collections;
        counters[1][i] = header->gc[i].collected;
        counters[2][i] = header->gc[i].uncollectable;
        counters[3][i] = header->gc[i].duration_ns;
        thresholds[i] = header->gc_thresholds[i];
    }
    append_generations(text, text_bytes, used, "collections", counters[0]);
    append_generations(text, text_bytes, used, "collected", counters[1]);
    append_generations(text, text_bytes, used, "uncollectable", counters[2]);
    if (header->gc_timed != 0)
        append_generations(text, text_bytes, used, "collections_ns", counters[3]);
    append_generations(text, text_bytes, used, "gc_thresholds", thresholds);
    append(text, text_bytes, used, ", \"gc_enabled\": %s", header->gc_enabled ? "true" : "false");
}

/* Names come from the program, and what goes wrong in it may write anything. */
static void
append_name(char *text, size_t text_bytes, size_t *used, const char *key, const char *name)
{
    char plain[MS_PROCESS_NAME];
    size_t bytes = strnlen(name, sizeof plain - 1);
    for (size_t i = 0; i < bytes; i++) {
        bool harmless = name[i] >= ' ' && name[i] <= '~' && name[i] != '"' && name[i] != '\\';
        plain[i] = harmless ? name[i] : '?';
    }
    plain[bytes] = '\0';
    append(text, text_bytes, used, ", \"%s\": \"%s\"", key, plain);
}

static void
describe_child(const ms_process_entry *entry, const ms_child *child, char *text, size_t text_bytes, size_t *used)
{
    uint32_t role = atomic_load(&entry->role);
    append(text, text_bytes, used, "{\"pid\": %u, \"parent\": %u, \"role\": \"%s\"", atomic_load(&entry->pid),
           entry->parent, role == MS_PROCESS_FORKED ? "forked" : "spawned");
    append_name(text, text_bytes, used, "name", entry->name);
    append(text, text_bytes, used,
           ", \"followed\": %s, \"running\": %s, \"peak_resident_bytes\": %" PRIu64 ", \"cpu_ns\": %" PRIu64 "}",
           atomic_load(&entry->followed) != 0 ? "true" : "false",
           child->start_ticks != 0 && !child->over ? "true" : "false", child->peak_resident_bytes, child->cpu_ns);
}

static void
describe_peaks(const ms_runsummary *summary, char *text, size_t text_bytes, size_t *used)
{
    const ms_snapshotpolicy *peaks = summary->peaks;
    if (peaks->made + peaks->skipped + peaks->unanswered == 0)
        return;
    append(text, text_bytes, used,
           ", \"snapshots_at_peaks\": {\"made\": %u, \"skipped\": %u, \"unanswered\": %u, \"pause_ns\": %" PRIu64 "}",
           peaks->made, peaks->skipped, peaks->unanswered, peaks->pause_ns);
}

/* How much is known of objects. */
static void
describe_objects(const ms_runsummary *summary, char *text, size_t text_bytes, size_t *used)
{
    const ms_segment_header *header = summary->segment->header;
    uint32_t objects = atomic_load(&header->objects);
    if (objects == MS_OBJECTS_NONE)
        return;
    const char *why, *outcome = ms_asking_outcome(summary->asking, &why);
    if (strcmp(summary->reason, MS_REASON_INTERIM) == 0)
        why = "the program goes on";
    append(text, text_bytes, used,
           ", \"objects\": {\"creations_told\": %s, \"types_of_live\": \"%s\", \"why\": \"%s\""
           ", \"tracer_replaced\": %" PRIu64 ", \"types_lost\": %" PRIu64 ", \"adopted_blocks\": %" PRIu64 "}",
           objects == MS_OBJECTS_MADE ? "true" : "false", outcome, why, atomic_load(&header->tracer_replaced),
           atomic_load(&header->types_lost), ms_ledger_unmatched(summary->ledger).adopted_blocks);
    describe_peaks(summary, text, text_bytes, used);
}

static void
describe_native(const ms_runsummary *summary, char *text, size_t text_bytes, size_t *used)
{
    uint32_t native = atomic_load(&summary->segment->header->native);
    if (native != MS_NATIVE_UNASKED)
        append(text, text_bytes, used, ", \"native\": \"%s\"",
               native == MS_NATIVE_HEARD      ? "seen"
               : native == MS_NATIVE_ATTACHED ? "attached"
                                              : "missing");
    uint64_t least_bytes = summary->segment->header->native_least_bytes;
    if (least_bytes == 0)
        return;
    ms_native_sums sums = ms_native_sums_of(summary->segment->header->native_small);
    append(text, text_bytes, used,
           ", \"native_small\": {\"least_bytes\": %" PRIu64 ", \"allocations\": %" PRIu64 ", \"frees\": %" PRIu64
           ", \"allocated_bytes\": %" PRIu64 ", \"live_bytes\": %" PRId64 "}",
           least_bytes, sums.allocations, sums.frees, sums.allocated_bytes, sums.live_bytes);
}

/* When small requests were sampled, and what of the counters is estimated. */
static void
describe_budget(const ms_runsummary *summary, char *text, size_t text_bytes, size_t *used)
{
    const ms_budget *budget = summary->budget;
    if (budget->share_ppm == 0)
        return;
    append(text, text_bytes, used,
           ", \"budget\": {\"share_ppm\": %u, \"cpu_ns\": %" PRIu64 ", \"cost_ns\": %" PRIu64
           ", \"sampled_ns\": %" PRIu64 ", \"changes\": %" PRIu64 ", \"switches_ns\": [",
           budget->share_ppm, budget->last.cpu_ns - budget->first.cpu_ns, budget->last.cost_ns,
           ms_budget_sampled_ns(budget, summary->duration_ns), budget->changes);
    for (uint32_t i = 0; i < budget->switch_count; i++)
        append(text, text_bytes, used, "%s%" PRIu64, i == 0 ? "" : ", ", budget->switches_ns[i]);
    ms_counters sampled = ms_ledger_sampled(summary->ledger);
    append(text, text_bytes, used,
           "], \"sampled\": {\"allocations\": %" PRIu64 ", \"allocated_bytes\": %" PRIu64 ", \"live_bytes\": %" PRIu64
           ", \"live_blocks\": %" PRIu64 "}}",
           sampled.allocations, sampled.allocated_bytes, sampled.live_bytes, sampled.live_blocks);
}

static void
describe_folded(const ms_runsummary *summary, char *text, size_t text_bytes, size_t *used)
{
    ms_folded_sums sums = ms_folding_sums(summary->ledger);
    if (sums.rows == 0)
        return;
    append(text, text_bytes, used,
           ", \"folded\": {\"rows\": %" PRIu64 ", \"allocated_bytes\": %" PRIu64 ", \"live_bytes\": %" PRIu64
           ", \"peak_bytes\": %" PRIu64 "}",
           sums.rows, sums.allocated_bytes, sums.live_bytes, sums.peak_bytes);
}

static void
describe_processes(const ms_runsummary *summary, char *text, size_t text_bytes, size_t *used)
{
    const ms_segment_header *header = summary->segment->header;
    append(text, text_bytes, used, ", \"processes\": {\"forked\": %u, \"spawned\": %u, \"followed\": %u",
           atomic_load(&header->forked), atomic_load(&header->spawned), atomic_load(&header->followed));
    if (atomic_load(&header->replaced) != 0)
        append_name(text, text_bytes, used, "replaced_by", header->replaced_by);
    append(text, text_bytes, used, ", \"list\": [");
    uint32_t count = ms_children_count(summary->children);
    bool first = true;
    for (uint32_t i = 0; i < count; i++) {
        if (atomic_load(&header->processes[i].role) == 0)
            continue;
        append(text, text_bytes, used, first ? "" : ", ");
        describe_child(&header->processes[i], &summary->children->child[i], text, text_bytes, used);
        first = false;
    }
    append(text, text_bytes, used, "]}");
}

void
ms_runsummary_describe(const ms_runsummary *summary, char *text, size_t text_bytes)
{
    const ms_ledger *ledger = summary->ledger;
    ms_unmatched unmatched = ms_ledger_unmatched(ledger);
    const char *reason = summary->reason;
    ms_segment_header *header = summary->segment->header;
    uint64_t dropped = atomic_load(&header->dropped_events) + summary->dispatch->lost_events;
    uint64_t lost_stacks = atomic_load(&header->lost_stacks);
    uint32_t state = atomic_load(&header->state);
    if (state == MS_STATE_GAVE_UP)
        reason = "gave up";
    else if (state == MS_STATE_UNHOOKED)
        reason = "unhooked";
    bool damaged = summary->dispatch->damaged || ms_ledger_is_damaged(ledger);
    if (damaged)
        reason = "damaged";
    bool cut_short = damaged || state == MS_STATE_GAVE_UP || state == MS_STATE_UNHOOKED;
    bool complete = !ms_ledger_out_of_memory(ledger) && !summary->heap->out_of_memory && !cut_short && dropped == 0 &&
                    lost_stacks == 0;
    size_t used = 0;
    append(text, text_bytes, &used, "{\"reason\": \"%s\", \"complete\": %s, ", reason, complete ? "true" : "false");
    ms_sums sums;
    ms_ledger_sum(ledger, &sums);
    append_counters(text, text_bytes, &used, &sums.total);
    append(text, text_bytes, &used,
           ", \"peak_blocks\": %" PRIu64 ", \"peak_time_ns\": %" PRIu64 ", \"events\": %" PRIu64
           ", \"duration_ns\": %" PRIu64 ", \"domains\": {",
           ms_ledger_peak_blocks(ledger), ms_ledger_peak_time_ns(ledger), summary->dispatch->events,
           summary->duration_ns);
    describe_domains(summary, &sums, text, text_bytes, &used);
    append(text, text_bytes, &used,
           "}, \"unknown_frees\": %" PRIu64 ", \"unknown_reallocations\": %" PRIu64 ", \"replaced_blocks\": %" PRIu64
           ", \"dropped_events\": %" PRIu64 ", \"lost_stacks\": %" PRIu64 ", \"waits\": %" PRIu64
           ", \"wait_ns\": %" PRIu64 ", \"poll_ns\": %" PRIu64 ", \"polls\": %" PRIu64
           ", \"collecting_polls\": %" PRIu64,
           unmatched.frees, unmatched.reallocations, unmatched.replaced_blocks, dropped, lost_stacks,
           atomic_load(&header->waits), atomic_load(&header->wait_ns), summary->poll_ns, summary->process->polls,
           summary->process->collecting_polls);
    describe_main_end(summary, text, text_bytes, &used);
    describe_collector(summary, text, text_bytes, &used);
    describe_resident(summary, text, text_bytes, &used);
    append(text, text_bytes, &used,
           ", \"arenas_made\": %" PRIu64 ", \"arenas_returned\": %" PRIu64 ", \"arenas_most\": %u", summary->heap->made,
           summary->heap->returned, summary->heap->most);
    append(text, text_bytes, &used,
           ", \"segment_bytes\": %" PRIu64 ", \"program_bytes\": %" PRIu64 ", \"ledger_bytes\": %" PRIu64
           ", \"threads\": %u",
           ms_segment_touched_bytes(summary->segment), ms_segment_private_bytes(summary->segment),
           ms_ledger_memory_bytes(ledger), atomic_load(&header->thread_count));
    describe_objects(summary, text, text_bytes, &used);
    describe_native(summary, text, text_bytes, &used);
    describe_budget(summary, text, text_bytes, &used);
    describe_folded(summary, text, text_bytes, &used);
    describe_processes(summary, text, text_bytes, &used);
    append(text, text_bytes, &used, "}");
}
