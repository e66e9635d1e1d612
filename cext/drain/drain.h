/* drain.h: the native thread that empties the rings. It never takes the GIL and knows nothing of Python.
 *
 *   rings ──► dispatch ──► ledger ──► windows, timeline ──► writer ──► capture file
 *   program's process ──► process sampler ─┘
 *   processes that it starts ──► children ──► run summary
 *
 * Under `memscope run` it lives in the supervising process: the ledger then costs the recorded program no
 * memory, and when that program is killed, what is left in the rings is still taken and written.
 * Within memscope.record() it lives in the recorded process itself.
 */
#ifndef MS_DRAIN_H
#define MS_DRAIN_H

#include "capture/snapshotframes.h"
#include "drain/asking.h"
#include "drain/budget.h"
#include "drain/children.h"
#include "drain/dispatch.h"
#include "drain/ownmemory.h"
#include "drain/processsampler.h"
#include "drain/snapshotpolicy.h"
#include "drain/surveypolicy.h"
#include "drain/timeline.h"
#include "drain/valuelook.h"
#include "drain/windows.h"

#include <pthread.h>

/* Each wake-up of the drain costs the program 5-10 % at 200 us, and nothing that can be measured at 2 ms. */
#define MS_POLL_NS UINT64_C(2000000)
#define MS_IDLE_POLL_NS UINT64_C(10000000)
/* Sections are shorter than a poll, and what is left of one when it ends is waited for; so is a snapshot. */
#define MS_SECTION_POLL_NS UINT64_C(500000)

typedef struct ms_drain_options {
    uint64_t sample_bytes; /* 0: exact */
    uint32_t budget_ppm;   /* of the program's CPU time: samples only while recording costs more; 0: always */
    uint64_t table_bytes;  /* what the ledger's tables may take before rows fold; 0: the usual */
    uint64_t spill_bytes;  /* and before rows spill; 0: the usual, in another process than the program's */
    bool keep_events, keep_imports;
    bool native;                  /* the recording tells of native memory */
    bool sections;                /* nothing is written but the sections that are asked for */
    int pid;                      /* of the recorded process */
    int snapshot;                 /* descriptor of the file that it puts snapshots into; 0: none */
    uint32_t snapshot_budget_ppm; /* of the run's time, for those at peaks */
    void (*thread_begins)(void);  /* called by the drain's own thread; NULL: nothing is to be done */
} ms_drain_options;

typedef struct ms_drain {
    ms_segment segment;
    ms_snapshot snapshot; /* closed: there is to be none */
    ms_joined kept;       /* the section's, until that is written or the next one begins */
    ms_ledger *ledger;
    ms_writer writer;
    ms_heap heap;
    ms_drain_options options;

    ms_dispatch dispatch;
    ms_processsampler process;
    ms_children children;
    ms_asking asking;

    ms_timeline timeline;
    ms_windows windows;
    ms_surveypolicy surveys;
    ms_snapshotpolicy peaks;
    ms_valuelook values;
    ms_budget budget;
    ms_ownmemory own;
    uint64_t started_ns, next_tick_ns;

    pthread_t thread;
    pthread_mutex_t mutex;  /* guards stopping; the drain sleeps on the condition */
    pthread_mutex_t taking; /* held while events are taken: the ledger is for its holder */
    pthread_cond_t wake;
    bool running, stopping;
    bool seen_stopped; /* the program, as of the last poll */
    int home;          /* process that the thread runs in; a forked child has none */
    uint32_t nodes_let_go;
} ms_drain;

/* Maps the segment and writes the capture's first frame. The descriptors stay the caller's. */
ms_status ms_drain_open(ms_drain *drain, int segment_fd, int output_fd, const char *meta, size_t meta_bytes,
                        const ms_drain_options *options);
ms_status ms_drain_start(ms_drain *drain);
/* Snapshots that the program takes will be in this file, too. MS_BUSY: they are in another one. */
ms_status ms_drain_snapshot_from(ms_drain *drain, int fd);
/* Asks the program for a snapshot at its next safe moment. False: this recording takes none. */
bool ms_drain_ask_snapshot(ms_drain *drain);
/* What a snapshot at a peak may take of the program's memory, on any thread. */
void ms_drain_room_for_snapshots(ms_drain *drain, uint64_t bytes);
/* What came of that. */
ms_asked_state ms_drain_asked(const ms_drain *drain);
/* All counters as of the last poll; waits for one that is under way. */
ms_counters ms_drain_total(ms_drain *drain);
/* Takes what is left, writes the last frames, and leaves the run summary (JSON) in summary, NUL-terminated.
 * exit_json: the EXIT object, or NULL. MS_IO: the capture could not be written in full. */
ms_status ms_drain_finish(ms_drain *drain, const char *reason, const char *exit_json, char *summary,
                          size_t summary_bytes);
void ms_drain_close(ms_drain *drain);
/* Ends the thread and closes, with the capture left as it is. */
void ms_drain_abort(ms_drain *drain);

/* For sections.c and interim.c, which hold the lock. */
/* Takes what the program has written by now. */
void ms_drain_take(ms_drain *drain);
/* Takes what a program that is paused or over has left. */
void ms_drain_take_rest(ms_drain *drain);
/* Forgets the snapshot that was kept for the section; the program may take another. */
void ms_drain_drop_snapshot(ms_drain *drain);
/* Adds a sample to the timeline. Returns the resident memory that it tells of; 0: unknown. */
uint64_t ms_drain_add_sample(ms_drain *drain, uint64_t time_ns);
/* Writes all that a capture has between its last window and its end; the ledger is good for nothing else then. */
void ms_drain_write_rest(ms_drain *drain, uint64_t time_ns);
/* Leaves the run summary in text. */
void ms_drain_summarize(const ms_drain *drain, const char *reason, char *text, size_t text_bytes);

#endif
