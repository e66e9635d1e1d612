/* writer.h: puts a recording into a capture file, frame by frame (docs/capture-format.md).
 *
 * Used by the drain alone. Strings, codes, nodes and rows are written once, as they appear; each
 * call writes what is new since the last. After a failed write the writer takes everything and writes nothing:
 * a full disk ends the capture, not the program.
 */
#ifndef MS_WRITER_H
#define MS_WRITER_H

#include "column.h"
#include "ledger.h"

typedef enum ms_frame_kind {
    MS_FRAME_META = 1,
    MS_FRAME_STRINGS = 2,
    MS_FRAME_CODES = 3,
    MS_FRAME_NODES = 4,
    MS_FRAME_THREADS = 5,
    MS_FRAME_ROWS = 6,
    MS_FRAME_WINDOW = 7,
    MS_FRAME_TIMELINE = 8,
    MS_FRAME_TOTALS = 9,
    MS_FRAME_LIFETIMES = 10,
    MS_FRAME_EVENTS = 11,
    MS_FRAME_END = 12,
    MS_FRAME_EXIT = 13,
    MS_FRAME_GROWTH = 14,
    MS_FRAME_ARENAS = 15,
    MS_FRAME_HOLDINGS = 16,
    MS_FRAME_COHORTS = 17,
} ms_frame_kind;

typedef struct ms_point {
    uint64_t time_ns;
    uint64_t live_bytes[MS_DOMAINS];
    uint64_t max_live_bytes; /* since the point before */
    uint64_t resident_bytes, own_bytes;
    uint64_t collecting;
} ms_point;

typedef struct ms_kept_event {
    uint64_t address, old_address, size_bytes;
    uint32_t stack; /* of a free: the thread */
    uint8_t kind;   /* 1 allocation, 2 free, 3 reallocation */
    uint8_t domain;
} ms_kept_event;

#define MS_EVENTS_A_FRAME 65536u

typedef struct ms_known_string {
    uint32_t offset, bytes; /* in the segment's text */
    uint32_t id;            /* 0: free */
} ms_known_string;

typedef struct ms_writer {
    int fd;
    int error; /* errno of the first failure; 0: none */
    uint32_t sequence;
    uint64_t written_bytes;
    const ms_segment *segment;
    ms_buffer payload;

    uint32_t strings, codes, nodes, rows, threads; /* written so far */
    uint32_t *code_names;                          /* filename and function string ids, two a code */
    uint32_t code_names_capacity;
    ms_known_string *known;
    uint32_t known_mask, known_used;
} ms_writer;

/* fd stays the caller's. Writes the magic. */
ms_status ms_writer_open(ms_writer *writer, int fd, const ms_segment *segment);
void ms_writer_close(ms_writer *writer);

void ms_writer_json(ms_writer *writer, ms_frame_kind kind, const char *json, size_t json_bytes);
/* Strings, codes, threads and line nodes that have appeared since. */
void ms_writer_stacks(ms_writer *writer, const ms_linetree *lines);
/* Rows that have appeared since; the stacks they name must have been written. */
void ms_writer_rows(ms_writer *writer, const ms_ledger *ledger);
void ms_writer_window(ms_writer *writer, ms_ledger *ledger, uint64_t start_ns, uint64_t end_ns,
                      uint64_t first_event, uint64_t last_event);
void ms_writer_events(ms_writer *writer, const ms_kept_event *events, uint32_t count);
void ms_writer_timeline(ms_writer *writer, const ms_point *points, uint32_t count);
/* Writes the payload that was built, or marks the writer as failed if memory ran out on the way. */
void ms_writer_payload(ms_writer *writer, ms_frame_kind kind);

#endif
