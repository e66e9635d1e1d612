#include "drain/sections.h"

#include <errno.h>
#include <string.h>

#include "capture/changes.h"
#include "capture/totals.h"
#include "drain/runsummary.h"
#include "ledger/extract.h"

void
ms_section_begin(ms_drain *drain, bool may_be_written)
{
    pthread_mutex_lock(&drain->taking);
    ms_drain_drop_snapshot(drain);
    ms_drain_take_rest(drain);
    ms_dispatch_begin_section(&drain->dispatch);
    ms_ledger_restart(drain->ledger);
    drain->timeline.count = 0;
    ms_processsampler_restart(&drain->process);
    drain->started_ns = drain->process.looked_ns;
    if (may_be_written) {
        uint64_t own = ms_ownmemory_bytes(&drain->own), anonymous = ms_ownmemory_anonymous_bytes(&drain->own);
        ms_processsampler_note_before(&drain->process, (ms_resident){.bytes = own, .shared_bytes = own - anonymous});
    }
    pthread_mutex_unlock(&drain->taking);
}

bool
ms_section_end(ms_drain *drain)
{
    const ms_segment_header *header = drain->segment.header;
    pthread_mutex_lock(&drain->taking);
    ms_drain_take_rest(drain);
    ms_ledger_settle_touched(drain->ledger);
    bool damaged = drain->dispatch.damaged || ms_ledger_is_damaged(drain->ledger);
    bool complete = !damaged && !ms_ledger_out_of_memory(drain->ledger) && drain->dispatch.lost_events == 0 &&
                    atomic_load(&header->dropped_events) == 0 && atomic_load(&header->lost_stacks) == 0 &&
                    atomic_load(&header->state) == MS_STATE_RECORDING;
    pthread_mutex_unlock(&drain->taking);
    return complete;
}

ms_status
ms_section_write(ms_drain *drain, int output_fd, const char *meta, size_t meta_bytes)
{
    ms_writer writer;
    ms_extract section;
    pthread_mutex_lock(&drain->taking);
    ms_status status = ms_extract_open(&section, drain->ledger);
    if (status == MS_OK) {
        status = ms_writer_open(&writer, output_fd, &section.segment);
        if (status != MS_OK)
            ms_extract_close(&section);
    }
    if (status != MS_OK) {
        pthread_mutex_unlock(&drain->taking);
        return status;
    }
    ms_ledger *ledger = section.ledger;
    uint64_t time_ns = ms_now_ns() - drain->started_ns;
    drain->timeline.count = 0;
    (void)ms_drain_add_sample(drain, time_ns);
    ms_writer_json(&writer, MS_FRAME_META, meta, meta_bytes);
    ms_writer_stacks(&writer, ms_ledger_lines(ledger));
    ms_writer_rows(&writer, ledger);
    ms_stretch stretch = {.end_ns = time_ns, .last_event = drain->dispatch.events};
    ms_changes_write(&writer, ledger, &stretch);
    ms_writer_timeline(&writer, drain->timeline.samples, drain->timeline.count);
    ms_totals_write(ledger, &writer, ms_asking_doubts(&drain->asking, false));
    ms_totals_write_growth(ledger, &writer);
    if (drain->kept.snapshot != NULL)
        ms_snapshot_write(&drain->kept, &writer, section.row_ids, time_ns);
    ms_drain_drop_snapshot(drain);
    char summary[MS_RUNSUMMARY_BYTES];
    ms_drain_summarize(drain, "stopped", summary, sizeof summary);
    ms_writer_json(&writer, MS_FRAME_END, summary, strlen(summary));
    int error = writer.error;
    ms_writer_close(&writer);
    ms_extract_close(&section);
    pthread_mutex_unlock(&drain->taking);
    errno = error;
    return error == 0 ? MS_OK : MS_IO;
}
