/* processsampler.h: samples the recorded process from outside at each poll: does the collector run, how much is
 * resident.
 *
 *   samples    |       |       |c      |c      |       |
 *   counted                 ├──────────────┤                a sample stands for the time since the one before
 *
 * The program is not asked: its memory is read at an address that the segment's header names. If that is not permitted,
 * or the process is gone, there are no samples, and `polls` says so. Used by the drain alone.
 */
#ifndef MS_PROCESSSAMPLER_H
#define MS_PROCESSSAMPLER_H

#include "drain/mappings.h"
#include "shared/descriptor.h"
#include "shared/procfs.h"
#include "shared/segment.h"

typedef struct ms_processsampler {
    const ms_segment_header *header;
    int pid;
    ms_descriptor statm;
    ms_resident before; /* as a section began, without memscope's own; of a whole recording the segment knows */
    ms_mappings mappings;

    uint64_t polls, collecting_polls;
    bool collecting; /* at a look since somebody reset it */
    /* The collector was at work at the polls from here on; 0: it was not at the last one. */
    uint64_t collecting_since_ns;
    uint64_t collecting_ns, longest_collecting_ns;
    uint64_t looked_ns; /* at the collector, last */
    /* Of another process, as of the last look: the most that was resident, its own CPU time; 0: not known. */
    _Atomic uint64_t peak_resident_bytes, cpu_ns; /* written by the drain, read by whoever asks meanwhile */
    uint64_t measured_ns;
    uint64_t polled_ns; /* that all looks stand for */
} ms_processsampler;

void ms_processsampler_init(ms_processsampler *process, const ms_segment_header *header, int pid);
/* From here on looks stand for time. */
void ms_processsampler_start(ms_processsampler *process);
/* Forgets what was seen. */
void ms_processsampler_restart(ms_processsampler *process);
/* Notes what the process holds now, when a section begins. own: memscope's part of each. */
void ms_processsampler_note_before(ms_processsampler *process, ms_resident own);
void ms_processsampler_close(ms_processsampler *process);

/* Whether the collector was at work. */
bool ms_processsampler_collector(ms_processsampler *process);
/* What the process held before what is recorded. */
ms_resident ms_processsampler_before(const ms_processsampler *process);
/* The most that was resident while recording, by the kernel's count; 0: not known, or more was so before. */
uint64_t ms_processsampler_peak_bytes(const ms_processsampler *process);
/* Notes the peak of resident memory and the CPU time, if it is time to or at any rate. */
void ms_processsampler_measure(ms_processsampler *process, uint64_t now_ns, bool at_any_rate);
/* Resident memory of the process; 0: unknown, or another program runs in it meanwhile. */
uint64_t ms_processsampler_resident_bytes(const ms_processsampler *process);

#endif
