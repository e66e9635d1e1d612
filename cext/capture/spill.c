#include "capture/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "shared/array.h"

#define DOMAIN_SHIFT 4 /* flags: the gap, three bits of domain, then which values are there */
#define PENDING_BYTES ((size_t)64 << 10)
#define READ_BYTES 4096u
#define ROW_BYTES_MOST 256u /* 22 numbers of at most 10 bytes */
#define STRETCHES_FIRST 16u
#define DESCRIPTOR_FROM 512 /* programs count from below */

/* ---- the file -------------------------------------------------------------------------------- */

static int
out_of_the_way(int number)
{
    int higher = fcntl(number, F_DUPFD_CLOEXEC, DESCRIPTOR_FROM);
    if (higher < 0)
        return number;
    close(number);
    return higher;
}

/* In the directory of another file, which holds a capture as large. -1: none can be had. */
static int
open_beside(int beside)
{
    char link[64], path[4096];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", beside);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0 || path[0] != '/')
        return -1;
    path[length] = '\0';
    char *last = strrchr(path, '/');
    last[last == path] = '\0';
    int number = open(path, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return number < 0 ? -1 : out_of_the_way(number);
}

static bool
is_within_limit(uint64_t bytes)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_FSIZE, &limit) != 0 || bytes <= limit.rlim_cur;
}

static void
flush(ms_spill *spill)
{
    const ms_buffer *pending = &spill->pending;
    spill->failed |= pending->failed || !is_within_limit(spill->bytes + pending->used);
    for (size_t done = 0; done < pending->used && !spill->failed;) {
        if (!ms_descriptor_is_ours(&spill->file)) {
            spill->failed = true;
            break;
        }
        ssize_t written = pwrite(spill->file.number, pending->bytes + done, pending->used - done, (off_t)spill->bytes);
        if (written > 0) {
            done += (size_t)written;
            spill->bytes += (uint64_t)written;
        } else if (written == 0 || errno != EINTR) {
            spill->failed = true;
        }
    }
    spill->pending.used = 0;
}

void
ms_spill_close(ms_spill *spill)
{
    if (spill->open)
        ms_descriptor_close(&spill->file);
    for (uint32_t i = 0; i < spill->count; i++)
        ms_memory_give(spill->stretches[i].bytes);
    ms_buffer_close(&spill->pending);
    ms_memory_give(spill->stretches);
    ms_memory_give(spill->heap);
    memset(spill, 0, sizeof *spill);
}

/* ---- writing --------------------------------------------------------------------------------- */

static void
put_number(unsigned char **at, uint64_t number)
{
    for (; number >= 128; number >>= 7)
        *(*at)++ = (unsigned char)(number | 128);
    *(*at)++ = (unsigned char)number;
}

static bool
begin_stretch(ms_spill *spill, int beside)
{
    if (!spill->open) {
        int number = open_beside(beside);
        spill->file = ms_descriptor_of(number);
        spill->open = number >= 0;
    }
    if (!spill->open || !MS_ARRAY_HOLDS(spill->stretches, spill->capacity, spill->count + 1, STRETCHES_FIRST))
        return false;
    spill->stretches[spill->count] = (ms_spill_stretch){.from = spill->bytes};
    return true;
}

void
ms_spill_put(ms_spill *spill, int beside, const ms_spilled_row *row)
{
    if (spill->last == 0)
        spill->failed |= !begin_stretch(spill, beside);
    if (spill->failed)
        return;
    uint32_t present = 0;
    for (uint32_t i = 0; i < MS_SPILL_VALUES; i++)
        present |= (uint32_t)(row->values[i] != 0) << i;
    unsigned char bytes[ROW_BYTES_MOST], *at = bytes;
    put_number(&at, row->number - spill->last);
    put_number(&at, (uint64_t)present << DOMAIN_SHIFT | (uint64_t)row->domain << 1 | row->gap);
    put_number(&at, row->type);
    put_number(&at, row->peak);
    for (uint32_t i = 0; i < MS_SPILL_VALUES; i++)
        if (row->values[i] != 0)
            put_number(&at, row->values[i]);
    spill->last = row->number;
    ms_buffer_put(&spill->pending, bytes, (size_t)(at - bytes));
    if (spill->pending.used >= PENDING_BYTES)
        flush(spill);
}

bool
ms_spill_end_stretch(ms_spill *spill)
{
    if (spill->last == 0)
        return !spill->failed;
    flush(spill);
    spill->last = 0;
    if (spill->failed)
        return false;
    spill->stretches[spill->count++].to = spill->bytes;
    return true;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Has the bytes of a whole row at hand, if there is one left. */
static bool
fill(const ms_spill *spill, ms_spill_stretch *stretch)
{
    uint32_t left = stretch->filled - stretch->used;
    memmove(stretch->bytes, stretch->bytes + stretch->used, left);
    stretch->used = 0;
    stretch->filled = left;
    while (stretch->filled < READ_BYTES && stretch->from < stretch->to) {
        uint64_t wanted = READ_BYTES - stretch->filled;
        if (wanted > stretch->to - stretch->from)
            wanted = stretch->to - stretch->from;
        ssize_t got = pread(spill->file.number, stretch->bytes + stretch->filled, wanted, (off_t)stretch->from);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        stretch->filled += (uint32_t)got;
        stretch->from += (uint64_t)got;
    }
    return true;
}

static uint64_t
take_number(ms_spill_stretch *stretch)
{
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 64 && stretch->used < stretch->filled; shift += 7) {
        unsigned byte = stretch->bytes[stretch->used++];
        number |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            break;
    }
    return number;
}

/* False: there is no other row. */
static bool
read_row(ms_spill *spill, ms_spill_stretch *stretch)
{
    if (stretch->filled - stretch->used < ROW_BYTES_MOST && stretch->from < stretch->to && !fill(spill, stretch)) {
        spill->failed = true;
        return false;
    }
    if (stretch->used == stretch->filled)
        return false;
    ms_spilled_row *row = &stretch->row;
    row->number += (uint32_t)take_number(stretch);
    uint64_t flags = take_number(stretch);
    row->gap = (flags & 1) != 0;
    row->domain = flags >> 1 & 7;
    row->type = (uint32_t)take_number(stretch);
    row->peak = take_number(stretch);
    for (uint32_t i = 0; i < MS_SPILL_VALUES; i++)
        row->values[i] = (flags >> (DOMAIN_SHIFT + i) & 1) != 0 ? take_number(stretch) : 0;
    return true;
}

static uint32_t
number_at(const ms_spill *spill, uint32_t place)
{
    return spill->stretches[spill->heap[place]].row.number;
}

static void
sift_down(ms_spill *spill, uint32_t place)
{
    uint32_t stretch = spill->heap[place], number = spill->stretches[stretch].row.number, below;
    while ((below = 2 * place + 1) < spill->heap_count) {
        if (below + 1 < spill->heap_count && number_at(spill, below + 1) < number_at(spill, below))
            below++;
        if (number_at(spill, below) >= number)
            break;
        spill->heap[place] = spill->heap[below];
        place = below;
    }
    spill->heap[place] = stretch;
}

bool
ms_spill_rewind(ms_spill *spill)
{
    spill->heap_count = 0;
    if (spill->count == 0)
        return true;
    spill->heap = ms_memory_get(spill->count * sizeof *spill->heap);
    if (spill->heap == NULL || !ms_descriptor_is_ours(&spill->file))
        return false;
    spill->failed = false;
    for (uint32_t i = 0; i < spill->count; i++) {
        ms_spill_stretch *stretch = &spill->stretches[i];
        stretch->bytes = ms_memory_get(READ_BYTES);
        if (stretch->bytes == NULL)
            return false;
        if (read_row(spill, stretch))
            spill->heap[spill->heap_count++] = i;
    }
    for (uint32_t place = spill->heap_count / 2; place-- > 0;)
        sift_down(spill, place);
    return !spill->failed;
}

const ms_spilled_row *
ms_spill_first(const ms_spill *spill)
{
    return spill->heap_count == 0 ? NULL : &spill->stretches[spill->heap[0]].row;
}

void
ms_spill_next(ms_spill *spill)
{
    if (!read_row(spill, &spill->stretches[spill->heap[0]]))
        spill->heap[0] = spill->heap[--spill->heap_count];
    if (spill->heap_count != 0)
        sift_down(spill, 0);
}
