/* writer.h: puts a recording into a capture file, frame by frame (docs/capture-format.md).
 *
 * Used by the drain alone. Strings, codes, nodes and rows are written once, as they appear; each
 * call writes what is new since the last. After a failed write the writer takes everything and writes nothing:
 * a full disk ends the capture, not the program.
 */
#ifndef MS_WRITER_H
#define MS_WRITER_H

#include "capture/column.h"
#include "capture/numbers.h"
#include "capture/spill.h"
#include "ledger/folding.h"
#include "ledger/view.h"
#include "shared/descriptor.h"

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
    MS_FRAME_RESIDENT = 18,
    MS_FRAME_TYPES = 19,
    MS_FRAME_ROWTYPES = 20,
    MS_FRAME_SNAPSHOT = 21,
    MS_FRAME_NAMES = 22,
    MS_FRAME_OBJECTS = 23,
    MS_FRAME_REFERENCES = 24,
    MS_FRAME_VALUES = 25,
} ms_frame_kind;

typedef struct ms_timeline_sample {
    uint64_t time_ns;
    uint64_t live_bytes[MS_DOMAINS];
    uint64_t max_live_bytes; /* since the sample before */
    uint64_t resident_bytes, own_bytes;
    uint64_t collecting;
} ms_timeline_sample;

#define MS_KEPT_ALLOCATION 1
#define MS_KEPT_FREE 2
#define MS_KEPT_REALLOCATION 3

typedef struct ms_kept_event {
    uint64_t address, old_address, size_bytes;
    uint32_t stack; /* of a free: the thread */
    uint8_t kind;   /* MS_KEPT_* */
    uint8_t domain;
} ms_kept_event;

#define MS_EVENTS_A_FRAME 65536u

typedef struct ms_known_string {
    uint32_t offset, bytes; /* in the segment's text */
    uint32_t id;            /* 0: free */
} ms_known_string;

/* What a code is in the capture. */
typedef struct ms_written_code {
    uint32_t id;
    uint32_t filename, function; /* strings */
} ms_written_code;

typedef struct ms_writer {
    ms_descriptor output;
    int error; /* errno of the first failure; 0: none */
    uint32_t sequence;
    uint64_t written_bytes;
    const ms_segment *segment;
    int domains; /* that the capture tells of */
    ms_buffer payload;

    uint32_t strings, codes, threads; /* written so far; codes of the segment */
    ms_numbers row_numbers, stack_numbers;
    uint32_t last_code;             /* the capture's highest id of a code */
    uint32_t left_out_code;         /* the capture's id of MS_CODE_LEFT_OUT; 0: not written yet */
    ms_written_code *written_codes; /* by the segment's id */
    uint32_t written_codes_capacity;
    uint32_t *symbol_codes; /* the capture's id of a library's function, by its number; 0: not written yet */
    uint32_t symbol_codes_capacity;
    uint32_t types;       /* written so far */
    uint32_t parked_type; /* the capture's id; 0: not written yet */
    uint32_t *type_ids;   /* the capture's, by the segment's; 0: not written yet */
    uint32_t *row_types;  /* the capture's, as written for each row */
    uint32_t type_ids_capacity, row_types_capacity;
    ms_folded_row *folded; /* that the next window takes back, by rising ids of the capture */
    uint32_t folded_count;
    ms_spill spill;
    ms_known_string *known;
    uint32_t known_mask, known_used;
} ms_writer;

/* fd stays the caller's. Writes the magic. The capture tells of Python's domains alone, unless `domains` is set. */
ms_status ms_writer_open(ms_writer *writer, int fd, const ms_segment *segment);
void ms_writer_close(ms_writer *writer);

void ms_writer_json(ms_writer *writer, ms_frame_kind kind, const char *json, size_t json_bytes);
/* Strings, codes, threads and line nodes that have appeared since. */
void ms_writer_stacks(ms_writer *writer, const ms_linetree *lines);
/* Rows that have appeared since, and types of others that have become known; the stacks they name must have been
 * written. To be called before the window is written. */
void ms_writer_rows(ms_writer *writer, ms_ledger *ledger);
/* The ledger has folded rows, or spilled some; to be called before anything else is written. A window must be written
 * before the next time. */
void ms_writer_renumber(ms_writer *writer, const ms_folding *folding);
/* Types of the segment that no row has yet. */
void ms_writer_all_types(ms_writer *writer);
/* The capture's id of a type of the segment that is written; else 0. */
uint32_t ms_writer_type(const ms_writer *writer, uint32_t type);
void ms_writer_events(ms_writer *writer, const ms_kept_event *events, uint32_t count);
void ms_writer_timeline(ms_writer *writer, const ms_timeline_sample *samples, uint32_t count);
/* Writes the payload that was built, or marks the writer as failed if memory ran out on the way. */
void ms_writer_payload(ms_writer *writer, ms_frame_kind kind);

#endif
