#include "drain/residency.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "ledger/renumber.h"
#include "shared/array.h"
#include "shared/descriptor.h"
#include "shared/sizeclass.h"

#define KINDS ((uint32_t)MS_MAP_MEMSCOPE + 1)
#define ENTRIES 4096u                       /* of the page map, read at a time: 16 MiB of small pages */
#define PRESENT (UINT64_C(1) << 63)         /* bits of an entry */
#define ALONE (UINT64_C(1) << 56)           /* mapped here and nowhere else */
#define LOOKED_UP_BYTES (16u << 10)         /* smaller blocks are taken to be resident */
#define RESERVED_BYTES (UINT64_C(16) << 30) /* of a library's mapping that is not looked up: it takes half a second */
#define UNTOUCHED_MOST 4096u                /* rows */
#define MALLOC_ALIGNMENT 15u
#define MALLOC_HEADER 8u
#define LEAST_CHUNK 32u
#define MAPPED_CHUNK (UINT64_C(128) << 10) /* malloc() maps such blocks, at least at first */

/* A block that begins in one range and ends in the next: huge pages, say, are wished for a part of it. */
typedef struct {
    uint32_t row; /* 0: none */
    uint64_t from, to;
} ms_spanning;

/* A measurement on its way. */
typedef struct {
    ms_residency *residency;
    ms_range *range; /* that is being measured */
    const ms_heap *heap;
    int pid;
    ms_descriptor file; /* the page map */
    uint64_t page_bytes, bit;
    ms_arena_pages older, newer; /* arenas, than the recording */
    uint64_t unread_bytes;       /* resident, of those that others stand for */
    uint32_t stride;             /* of so many newer arenas one is read */
    bool unreadable;
    bool whole;              /* all of the range is resident */
    uint64_t reserved_bytes; /* of the range, what arenas, blocks and regions lie on */
    uint64_t gone_bytes;     /* resident by the list of mappings, and no more by the page map; whose is not yet said */
    /* The block that goes on behind the range before, if anything does; and the one behind this range. */
    ms_spanning before, behind;
    const ms_row *rows; /* by id */
    /* What libraries have mapped: it may lie across ranges. */
    const ms_regions *regions;
    uint32_t region_count;
    uint64_t *region_bytes; /* resident, so far; NULL: no memory */
    uint64_t first, count;  /* entries that are held, by number of page */
    uint64_t entries[ENTRIES];
} measuring;

/* ---- pages ----------------------------------------------------------------------------------- */

/* Whether a page is resident. One that nobody can tell of is. */
static bool
is_resident(measuring *at, uint64_t page)
{
    if (page - at->first >= at->count) {
        ssize_t got = !ms_descriptor_is_ours(&at->file) ? 0
                                                        : pread(at->file.number, at->entries, sizeof at->entries,
                                                                (off_t)(page * sizeof at->entries[0]));
        at->first = page;
        at->count = got < (ssize_t)sizeof at->entries[0] ? 0 : (uint64_t)got / sizeof at->entries[0];
        if (at->count == 0)
            return true;
    }
    return (at->entries[page - at->first] & at->bit) == at->bit;
}

/* How many bytes from one address to another lie on resident pages. */
static uint64_t
resident_between(measuring *at, uint64_t from, uint64_t to)
{
    if (at->whole || at->file.number < 0)
        return to - from;
    if (at->range->resident_bytes == 0)
        return 0;
    uint64_t bytes = 0;
    for (uint64_t page = from / at->page_bytes; from < to; page++) {
        uint64_t end = (page + 1) * at->page_bytes < to ? (page + 1) * at->page_bytes : to;
        bytes += is_resident(at, page) ? end - from : 0;
        from = end;
    }
    return bytes;
}

/* ---- arenas ---------------------------------------------------------------------------------- */

#define POOLS_MOST 64u   /* of an arena */
#define READ_ARENAS 128u /* at a look, beside older ones */

/* Reads the heads of an arena's pools, those that are resident; what is not read is all 0. False: not permitted. */
static bool
read_heads(measuring *at, uint64_t first, uint32_t count, ms_pool_head *heads)
{
    struct iovec local[POOLS_MOST], remote[POOLS_MOST];
    uint32_t wanted = 0;
    memset(heads, 0, count * sizeof *heads);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t address = first + i * MS_POOL_BYTES;
        if (resident_between(at, address, address + sizeof *heads) == 0)
            continue;
        local[wanted] = (struct iovec){.iov_base = &heads[i], .iov_len = sizeof *heads};
        remote[wanted++] = (struct iovec){.iov_base = (void *)(uintptr_t)address, .iov_len = sizeof *heads};
    }
    return wanted == 0 || process_vm_readv(at->pid, local, wanted, remote, wanted, 0) > 0;
}

static void
count_pool(ms_arena_pages *pages, const ms_pool_head *head, uint64_t resident_bytes)
{
    if (head->blocks == 0 || head->size_class >= MS_SMALL_CLASSES || resident_bytes == 0) {
        pages->free_pools_bytes += resident_bytes;
        return;
    }
    uint64_t left = resident_bytes;
    uint64_t header_bytes = left < MS_POOL_HEADER_BYTES ? left : MS_POOL_HEADER_BYTES;
    left -= header_bytes;
    uint64_t blocks_bytes = (uint64_t)head->blocks * (head->size_class + 1) * 16;
    if (blocks_bytes > left)
        blocks_bytes = left;
    pages->used_pools++;
    pages->headers_bytes += header_bytes;
    pages->blocks_bytes += blocks_bytes;
    pages->free_blocks_bytes += left - blocks_bytes;
}

/* Takes what an arena has in; its heads are read, or it is one that the others stand for. */
static void
measure_pools(measuring *at, const ms_arena *arena, ms_arena_pages *pages)
{
    ms_pool_head heads[POOLS_MOST];
    uint64_t first = ms_arena_first_pool(arena), end = arena->address + arena->bytes;
    uint32_t count = ms_arena_pools(arena);
    if (count > POOLS_MOST)
        count = POOLS_MOST;
    at->unreadable = !read_heads(at, first, count, heads) || at->unreadable;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t address = first + i * MS_POOL_BYTES;
        count_pool(pages, &heads[i], resident_between(at, address, address + MS_POOL_BYTES));
    }
    pages->free_pools_bytes += resident_between(at, arena->address, first);
    pages->free_pools_bytes += resident_between(at, first + count * MS_POOL_BYTES, end);
    pages->read++;
}

static void
measure_arena(measuring *at, const ms_arena *arena)
{
    uint64_t resident_bytes = resident_between(at, arena->address, arena->address + arena->bytes);
    ms_arena_pages *pages = arena->older ? &at->older : &at->newer;
    bool read = arena->older || pages->count % at->stride == 0;
    at->reserved_bytes += arena->bytes;
    pages->count++;
    pages->bytes += arena->bytes;
    pages->resident_bytes += resident_bytes;
    at->range->arena_bytes += resident_bytes;
    if (read)
        measure_pools(at, arena, pages);
    else
        at->unread_bytes += resident_bytes;
}

/* The arenas that were not read hold what those that were read do, by their resident bytes. */
static void
estimate_unread(ms_arena_pages *newer, uint64_t unread_bytes)
{
    uint64_t read_bytes = newer->resident_bytes - unread_bytes;
    if (unread_bytes == 0)
        return;
    double share = read_bytes == 0 ? 0 : (double)unread_bytes / (double)read_bytes;
    uint64_t blocks = (uint64_t)((double)newer->blocks_bytes * share);
    uint64_t headers = (uint64_t)((double)newer->headers_bytes * share);
    uint64_t free_blocks = (uint64_t)((double)newer->free_blocks_bytes * share);
    uint64_t told = blocks + headers + free_blocks;
    newer->blocks_bytes += blocks;
    newer->headers_bytes += headers;
    newer->free_blocks_bytes += free_blocks;
    newer->used_pools += (uint64_t)((double)newer->used_pools * share);
    newer->free_pools_bytes += unread_bytes > told ? unread_bytes - told : 0;
}

static ms_arena_pages
all_arenas(measuring *at)
{
    estimate_unread(&at->newer, at->unread_bytes);
    const ms_arena_pages *a = &at->older, *b = &at->newer;
    return (ms_arena_pages){
        .count = a->count + b->count,
        .bytes = a->bytes + b->bytes,
        .resident_bytes = a->resident_bytes + b->resident_bytes,
        .used_pools = a->used_pools + b->used_pools,
        .blocks_bytes = a->blocks_bytes + b->blocks_bytes,
        .headers_bytes = a->headers_bytes + b->headers_bytes,
        .free_blocks_bytes = a->free_blocks_bytes + b->free_blocks_bytes,
        .free_pools_bytes = a->free_pools_bytes + b->free_pools_bytes,
        .read = a->read + b->read,
        .older_bytes = a->blocks_bytes,
        .counted = !at->unreadable,
    };
}

/* ---- blocks ---------------------------------------------------------------------------------- */

/* Sorted by row, a row once; few are told apart. */
static void
add_untouched(ms_residency *residency, uint32_t row, uint64_t bytes)
{
    uint32_t place, count = residency->untouched_count;
    MS_ARRAY_SEARCH(place, count, residency->untouched[place].row < row);
    if (place < count && residency->untouched[place].row == row) {
        residency->untouched[place].bytes += bytes;
        return;
    }
    if (count == UNTOUCHED_MOST || !MS_ARRAY_HOLDS(residency->untouched, residency->untouched_capacity, count + 1, 64u))
        return;
    ms_untouched *at = &residency->untouched[place];
    memmove(at + 1, at, (count - place) * sizeof *at);
    *at = (ms_untouched){.row = row, .bytes = bytes};
    residency->untouched_count++;
}

static void
measure_block(void *context, uint32_t row, uint64_t address, uint64_t size_bytes)
{
    measuring *at = context;
    ms_range *range = at->range;
    if (at->rows[row].domain == MS_MAPPED)
        return;
    uint64_t end = address + size_bytes < range->end ? address + size_bytes : range->end;
    uint64_t bytes = end - address;
    uint64_t resident_bytes = bytes < LOOKED_UP_BYTES ? bytes : resident_between(at, address, end);
    if (end < address + size_bytes)
        at->behind = (ms_spanning){.row = row, .from = end, .to = address + size_bytes};
    range->blocks++;
    range->block_bytes += resident_bytes;
    at->reserved_bytes += bytes;
    uint64_t chunk = (size_bytes + MALLOC_HEADER + MALLOC_ALIGNMENT) & ~(uint64_t)MALLOC_ALIGNMENT;
    if (chunk < LEAST_CHUNK)
        chunk = LEAST_CHUNK;
    if (size_bytes < MAPPED_CHUNK)
        range->around_bytes += chunk - size_bytes;
    range->untouched_bytes += bytes - resident_bytes;
}

/* Pages that were there when mappings were listed. The lowest of the blocks that they may have been of are the newest,
 * as the kernel maps downwards. */
static uint64_t
take_of_gone(measuring *at, uint64_t missing_bytes)
{
    uint64_t taken = missing_bytes < at->gone_bytes ? missing_bytes : at->gone_bytes;
    at->gone_bytes -= taken;
    return taken;
}

/* So much of a row's block, or of its part here, is not resident. */
static void
note_missing(measuring *at, uint32_t row, uint64_t missing_bytes)
{
    uint64_t gone_bytes = take_of_gone(at, missing_bytes);
    at->range->block_bytes += gone_bytes;
    at->range->untouched_bytes -= gone_bytes;
    if (gone_bytes < missing_bytes)
        add_untouched(at->residency, row, missing_bytes - gone_bytes);
}

static void
note_untouched(void *context, uint32_t row, uint64_t address, uint64_t size_bytes)
{
    measuring *at = context;
    if (at->rows[row].domain == MS_MAPPED)
        return;
    uint64_t end = address + size_bytes < at->range->end ? address + size_bytes : at->range->end;
    uint64_t bytes = end - address;
    uint64_t resident_bytes = bytes < LOOKED_UP_BYTES ? bytes : resident_between(at, address, end);
    note_missing(at, row, bytes - resident_bytes);
}

/* The part of a block from the range before, as it lies in this one. Where the next range is not the next address, it
 * is not what it was: it has ended. */
static ms_spanning
part_here(const measuring *at)
{
    const ms_range *range = at->range;
    ms_spanning part = at->before;
    if (part.from != range->start)
        return (ms_spanning){0};
    if (part.to > range->end)
        part.to = range->end;
    return part;
}

static void
measure_spanning(measuring *at)
{
    ms_spanning part = part_here(at);
    if (part.row == 0)
        return;
    uint64_t resident_bytes = resident_between(at, part.from, part.to);
    at->range->block_bytes += resident_bytes;
    at->range->untouched_bytes += part.to - part.from - resident_bytes;
    at->reserved_bytes += part.to - part.from;
    if (part.to < at->before.to)
        at->behind = (ms_spanning){.row = part.row, .from = part.to, .to = at->before.to};
}

static void
note_untouched_spanning(measuring *at)
{
    ms_spanning part = part_here(at);
    uint64_t bytes = part.to - part.from;
    if (part.row != 0)
        note_missing(at, part.row, bytes - resident_between(at, part.from, part.to));
}

/* ---- what libraries have mapped -------------------------------------------------------------- */

/* The parts of regions that lie in the range. known_bytes: what the first of them has in the ranges before. */
static void
measure_regions(measuring *at, uint64_t known_bytes)
{
    ms_range *range = at->range;
    if (at->region_count == 0)
        return;
    for (uint32_t i = ms_regions_behind(at->regions, range->start); i < at->region_count; i++, known_bytes = 0) {
        const ms_region *region = &at->regions->items[i];
        if (region->start >= range->end)
            return;
        uint64_t from = region->start > range->start ? region->start : range->start;
        uint64_t to = region->end < range->end ? region->end : range->end;
        uint64_t most = range->resident_bytes < to - from ? range->resident_bytes : to - from;
        uint64_t bytes = to - from < RESERVED_BYTES ? resident_between(at, from, to) : most;
        at->region_bytes[i] = known_bytes + bytes;
        range->block_bytes += bytes;
        range->blocks += from == region->start;
        at->reserved_bytes += to - from;
    }
}

/* What is gone, and was of no block. */
static void
note_gone_regions(measuring *at)
{
    ms_range *range = at->range;
    if (at->region_count == 0)
        return;
    for (uint32_t i = ms_regions_behind(at->regions, range->start); i < at->region_count; i++) {
        const ms_region *region = &at->regions->items[i];
        if (region->start >= range->end || at->gone_bytes == 0)
            return;
        uint64_t gone_bytes = take_of_gone(at, region->end - region->start - at->region_bytes[i]);
        at->region_bytes[i] += gone_bytes;
        range->block_bytes += gone_bytes;
    }
}

static void
note_untouched_regions(measuring *at, ms_ledger *ledger)
{
    for (uint32_t i = 0; i < at->region_count; i++) {
        const ms_region *region = &at->regions->items[i];
        uint64_t bytes = region->end - region->start;
        uint32_t row = ms_ledger_row_at(ledger, region->start);
        if (row != 0 && at->region_bytes[i] < bytes)
            add_untouched(at->residency, row, bytes - at->region_bytes[i]);
    }
}

/* ---- ranges ---------------------------------------------------------------------------------- */

/* Goes through the arenas of the range, if these are to be measured, and through the blocks between them. */
static void
go_through(measuring *at, ms_ledger *ledger, ms_ledger_see_block see, bool arenas)
{
    const ms_range *range = at->range;
    const ms_heap *heap = at->heap;
    uint32_t place;
    uint64_t from = range->start;
    MS_ARRAY_SEARCH(place, heap->count, heap->arenas[place].address < range->start);
    for (; place < heap->count && heap->arenas[place].address < range->end; place++) {
        const ms_arena *arena = &heap->arenas[place];
        if (arena->address + arena->bytes > range->end)
            break; /* it was given back meanwhile */
        if (ledger != NULL)
            ms_ledger_each_block(ledger, from, arena->address, see, at);
        if (arenas)
            measure_arena(at, arena);
        from = arena->address + arena->bytes;
    }
    if (ledger != NULL)
        ms_ledger_each_block(ledger, from, range->end, see, at);
}

static void
measure_by(measuring *at, ms_ledger *ledger, uint64_t bit, uint64_t known_bytes)
{
    ms_range *range = at->range;
    range->arena_bytes = range->blocks = range->block_bytes = range->around_bytes = range->untouched_bytes = 0;
    at->reserved_bytes = 0;
    at->bit = bit;
    at->behind = (ms_spanning){0};
    measure_spanning(at);
    go_through(at, ledger, measure_block, true);
    measure_regions(at, known_bytes);
}

/* The program goes on between the list of mappings and the page map. What was resident by the list fits in only where
 * blocks are, but for what lies between them: the rest of it was theirs, and is unmapped or given back meanwhile. */
static uint64_t
gone_of(const measuring *at)
{
    const ms_range *range = at->range;
    uint64_t between = ms_bytes_without(range->end - range->start, at->reserved_bytes);
    return ms_bytes_without(range->resident_bytes, between + range->arena_bytes + range->block_bytes);
}

static void
measure_range(measuring *at, ms_ledger *ledger)
{
    ms_range *range = at->range;
    ms_arena_pages older = at->older, newer = at->newer;
    uint64_t unread_bytes = at->unread_bytes;
    at->whole = range->resident_bytes >= range->end - range->start;
    at->count = 0;
    uint32_t region = at->region_count == 0 ? 0 : ms_regions_behind(at->regions, range->start);
    uint64_t known_bytes = region < at->region_count ? at->region_bytes[region] : 0;
    measure_by(at, ledger, PRESENT, known_bytes);
    if (range->arena_bytes + range->block_bytes > range->resident_bytes && !at->whole) {
        at->older = older; /* some are the page of zeros */
        at->newer = newer;
        at->unread_bytes = unread_bytes;
        measure_by(at, ledger, PRESENT | ALONE, known_bytes);
    }
    at->gone_bytes = gone_of(at);
    if (range->untouched_bytes != 0) {
        note_untouched_spanning(at);
        go_through(at, ledger, note_untouched, false);
    }
    note_gone_regions(at);
    at->before = at->behind;
}

static void
see_ledger(measuring *at, const ms_ledger *ledger)
{
    at->rows = ms_ledger_rows(ledger).row;
    at->regions = ms_ledger_regions(ledger);
    at->region_count = at->regions->count;
    if (at->region_count != 0)
        at->region_bytes = ms_memory_get(at->region_count * sizeof *at->region_bytes);
    if (at->region_bytes == NULL)
        at->region_count = 0;
}

void
ms_residency_measure(ms_residency *residency, int pid, ms_ledger *ledger, const ms_heap *heap)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/pagemap", pid);
    measuring *at = ms_memory_get(sizeof *at);
    residency->arenas = (ms_arena_pages){0};
    residency->untouched_count = 0;
    if (at == NULL)
        return;
    *at = (measuring){.residency = residency, .heap = heap, .pid = pid, .page_bytes = (uint64_t)sysconf(_SC_PAGESIZE)};
    at->stride = heap->count / READ_ARENAS + 1;
    if (ledger != NULL)
        see_ledger(at, ledger);
    at->file = ms_descriptor_of(open(path, O_RDONLY | O_CLOEXEC));
    for (uint32_t i = 0; i < residency->range_count; i++) {
        at->range = &residency->ranges[i];
        measure_range(at, ledger);
    }
    ms_descriptor_close(&at->file);
    if (ledger != NULL)
        note_untouched_regions(at, ledger);
    ms_memory_give(at->region_bytes);
    residency->arenas = all_arenas(at);
    ms_memory_give(at);
}

/* ---- what is kept ---------------------------------------------------------------------------- */

static void
add_range(ms_range *to, const ms_range *range)
{
    to->group = range->group;
    to->end += range->end - range->start; /* without bounds: only its length says something */
    to->resident_bytes += range->resident_bytes;
    to->arena_bytes += range->arena_bytes;
    to->blocks += range->blocks;
    to->block_bytes += range->block_bytes;
    to->around_bytes += range->around_bytes;
    to->untouched_bytes += range->untouched_bytes;
}

/* The rest that a range must have at least to be among so many of the largest; by halving, without sorting. */
static uint64_t
least_rest(const ms_residency *residency, uint32_t most)
{
    uint64_t low = 0, high = UINT64_MAX;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        uint32_t above = 0;
        for (uint32_t i = 0; i < residency->range_count; i++)
            above += ms_range_rest(&residency->ranges[i]) > middle;
        if (above > most)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* What lies behind a library is its own. */
static void
leave_out_data(ms_residency *residency)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < residency->range_count; i++) {
        if (residency->ranges[i].kind != MS_MAP_FILE)
            residency->ranges[kept++] = residency->ranges[i];
    }
    residency->range_count = kept;
}

void
ms_residency_shorten(ms_residency *residency, uint32_t most)
{
    leave_out_data(residency);
    if (residency->range_count <= most)
        return;
    uint64_t least = least_rest(residency, most);
    ms_range others[KINDS] = {0};
    uint32_t kept = 0;
    for (uint32_t i = 0; i < residency->range_count; i++) {
        ms_range *range = &residency->ranges[i];
        if (ms_range_rest(range) > least)
            residency->ranges[kept++] = *range;
        else
            add_range(&others[range->kind], range);
    }
    for (uint8_t kind = 0; kind < KINDS; kind++) {
        others[kind].kind = kind;
        if (others[kind].end != 0 && kept < residency->range_count)
            residency->ranges[kept++] = others[kind];
    }
    residency->range_count = kept;
}

bool
ms_residency_copy(ms_residency *to, const ms_residency *from)
{
    to->range_count = to->untouched_count = 0;
    to->arenas = from->arenas;
    if (!MS_ARRAY_HOLDS(to->ranges, to->range_capacity, from->range_count, 64u) ||
        !MS_ARRAY_HOLDS(to->untouched, to->untouched_capacity, from->untouched_count, 64u))
        return false;
    if (from->range_count != 0)
        memcpy(to->ranges, from->ranges, from->range_count * sizeof *to->ranges);
    if (from->untouched_count != 0)
        memcpy(to->untouched, from->untouched, from->untouched_count * sizeof *to->untouched);
    to->range_count = from->range_count;
    to->untouched_count = from->untouched_count;
    return true;
}

void
ms_residency_renumber(ms_residency *residency, const uint32_t *row_to)
{
    uint32_t count = residency->untouched_count;
    ms_untouched *entries = residency->untouched;
    residency->untouched = NULL;
    residency->untouched_count = residency->untouched_capacity = 0;
    for (uint32_t i = 0; i < count; i++)
        add_untouched(residency, ms_renumber_id(row_to, entries[i].row), entries[i].bytes);
    ms_memory_give(entries);
}

void
ms_residency_keep(const ms_residency *residency, uint32_t *row_to)
{
    for (uint32_t i = 0; i < residency->untouched_count; i++)
        row_to[residency->untouched[i].row] = residency->untouched[i].row;
}

void
ms_residency_close(ms_residency *residency)
{
    ms_memory_give(residency->ranges);
    ms_memory_give(residency->untouched);
    memset(residency, 0, sizeof *residency);
}
