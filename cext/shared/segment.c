#include "shared/segment.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/memory.h"
#include "shared/memoryfile.h"

#define SHIFT_STEP 4u
#define LEAST 8u /* the smallest layout: tables of a 256th, 15 MiB in all */

/* What is mapped at first: the stacks and names of most programs' first second. */
#define NODES_FIRST_BYTES ((uint64_t)1 << 20)
#define CODES_FIRST_BYTES ((uint64_t)256 << 10)
#define TYPES_FIRST_BYTES ((uint64_t)64 << 10)
#define TEXT_FIRST_BYTES ((uint64_t)1 << 20)
#define ROOMY 8u /* so many times as much where no place is known that leaves room to grow */
#define PLACES_TRIED 16u

static uint64_t
page_up(uint64_t bytes)
{
    return (bytes + 4095) & ~UINT64_C(4095);
}

/* Lays the parts out one after the other; shift halves the tables where files must be small (RLIMIT_FSIZE), or the
 * program's address space is (RLIMIT_AS). */
static void
lay_out(ms_segment_layout *layout, unsigned shift)
{
    memset(layout, 0, sizeof *layout);
    layout->magic = MS_SEGMENT_MAGIC;
    layout->nodes_max = (UINT64_C(1) << 26) >> shift;
    layout->codes_max = (UINT64_C(1) << 22) >> shift;
    layout->types_max = (UINT64_C(1) << 20) >> shift;
    layout->text_max = (UINT64_C(1) << 30) >> shift;
    uint64_t offset = ms_extent_round_up(sizeof(ms_segment_header));
    layout->spsc_offset = offset;
    offset += ms_extent_round_up(sizeof(ms_spscring));
    layout->mpsc_offset = offset;
    offset += ms_extent_round_up(sizeof(ms_mpscring));
    layout->inquiry_offset = offset;
    offset += ms_extent_round_up(sizeof(ms_inquiry));
    layout->nodes_offset = offset;
    offset += ms_extent_round_up(layout->nodes_max * sizeof(ms_node));
    layout->codes_offset = offset;
    offset += ms_extent_round_up(layout->codes_max * sizeof(ms_code));
    layout->types_offset = offset;
    offset += ms_extent_round_up(layout->types_max * sizeof(ms_type));
    layout->text_offset = offset;
    offset += ms_extent_round_up(layout->text_max);
    layout->total_bytes = offset;
}

/* Whether a file is laid out as one of this version is; the program may have written over it by now. */
static bool
is_ours(const ms_segment_layout *layout)
{
    ms_segment_layout expected;
    bool found = false;
    for (unsigned shift = 0; shift <= LEAST && !found; shift += SHIFT_STEP) {
        lay_out(&expected, shift);
        found = memcmp(layout, &expected, sizeof expected) == 0;
    }
    return found;
}

/* How much of a program's address space may be ours. */
static uint64_t
address_space_bytes(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return UINT64_MAX;
    return limit.rlim_cur / 16;
}

ms_status
ms_segment_create(int *fd)
{
    int file = ms_memoryfile_make();
    if (file < 0)
        return MS_IO;
    uint64_t most_bytes = address_space_bytes();
    for (unsigned shift = 0; shift <= LEAST; shift += SHIFT_STEP) {
        ms_segment_layout layout;
        lay_out(&layout, shift);
        if (layout.total_bytes > most_bytes && shift < LEAST)
            continue;
        if (!ms_memoryfile_resize(file, layout.total_bytes) || !ms_memoryfile_begin(file, &layout, sizeof layout))
            continue;
        *fd = file;
        return MS_OK;
    }
    ms_memoryfile_drop(file);
    return MS_IO;
}

/* ThreadSanitizer knows memory by its address: where both halves are in one process it must be at one address for
 * both, or no race between them is seen. */
static struct {
    pthread_mutex_t mutex;
    dev_t device;
    ino_t file;
    void *base;
    int users;
} seen_by_tsan = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* The mapping that there is of a file. NULL: none. */
static void *
map_again(const struct stat *file)
{
    void *base = NULL;
    pthread_mutex_lock(&seen_by_tsan.mutex);
    if (seen_by_tsan.users == 1 && seen_by_tsan.device == file->st_dev && seen_by_tsan.file == file->st_ino) {
        base = seen_by_tsan.base;
        seen_by_tsan.users = 2;
    }
    pthread_mutex_unlock(&seen_by_tsan.mutex);
    return base;
}

static void
remember_mapping(const struct stat *file, void *base)
{
    pthread_mutex_lock(&seen_by_tsan.mutex);
    if (seen_by_tsan.users == 0) {
        seen_by_tsan.device = file->st_dev;
        seen_by_tsan.file = file->st_ino;
        seen_by_tsan.base = base;
        seen_by_tsan.users = 1;
    }
    pthread_mutex_unlock(&seen_by_tsan.mutex);
}

/* Whether nobody else uses a mapping. */
static bool
forget_mapping(const void *base)
{
    pthread_mutex_lock(&seen_by_tsan.mutex);
    bool unused = base != seen_by_tsan.base || --seen_by_tsan.users == 0;
    pthread_mutex_unlock(&seen_by_tsan.mutex);
    return unused;
}

static void
close_room(ms_segment_room *room)
{
    if (room->whole_bytes == 0) {
        ms_extent_close(&room->front);
        ms_extent_close(&room->nodes);
        ms_extent_close(&room->codes);
        ms_extent_close(&room->types);
        ms_extent_close(&room->text);
    } else if (forget_mapping(room->front.base)) {
        munmap(room->front.base, room->whole_bytes);
    }
    memset(room, 0, sizeof *room);
}

static uint64_t
least_of(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

/* Maps the beginnings of all parts. place: of the first one; NULL: anywhere. */
static ms_status
map_parts(ms_segment_room *room, int fd, const ms_segment_layout *layout, char *place)
{
    uint64_t times = place == NULL ? ROOMY : 1;
    const struct {
        ms_extent *extent;
        uint64_t offset, most_bytes, first_bytes;
    } parts[] = {
        {&room->front, 0, layout->nodes_offset, layout->nodes_offset},
        {&room->nodes, layout->nodes_offset, layout->codes_offset - layout->nodes_offset, NODES_FIRST_BYTES * times},
        {&room->codes, layout->codes_offset, layout->types_offset - layout->codes_offset, CODES_FIRST_BYTES * times},
        {&room->types, layout->types_offset, layout->text_offset - layout->types_offset, TYPES_FIRST_BYTES * times},
        {&room->text, layout->text_offset, layout->total_bytes - layout->text_offset, TEXT_FIRST_BYTES * times},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        uint64_t first_bytes = least_of(parts[i].first_bytes, parts[i].most_bytes);
        ms_status status = ms_extent_open(parts[i].extent, fd, parts[i].offset, first_bytes, parts[i].most_bytes,
                                          place == NULL ? NULL : place + parts[i].offset);
        if (status != MS_OK) {
            int error = errno;
            close_room(room);
            errno = error;
            return status;
        }
    }
    return MS_OK;
}

/* The same where everything is mapped at once, and never grows. */
static ms_status
map_whole(ms_segment_room *room, int fd, const ms_segment_layout *layout, const struct stat *file)
{
    char *base = map_again(file);
    if (base == NULL) {
        base = mmap(NULL, layout->total_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
        if (base == MAP_FAILED)
            return MS_IO;
        remember_mapping(file, base);
    }
    room->whole_bytes = layout->total_bytes;
    room->front.base = base;
    room->nodes.base = base + layout->nodes_offset;
    room->codes.base = base + layout->codes_offset;
    room->types.base = base + layout->types_offset;
    room->text.base = base + layout->text_offset;
    atomic_store(&room->nodes.mapped_bytes, layout->codes_offset - layout->nodes_offset);
    atomic_store(&room->codes.mapped_bytes, layout->types_offset - layout->codes_offset);
    atomic_store(&room->types.mapped_bytes, layout->text_offset - layout->types_offset);
    atomic_store(&room->text.mapped_bytes, layout->total_bytes - layout->text_offset);
    return MS_OK;
}

static ms_status
map_by_need(ms_segment_room *room, int fd, const ms_segment_layout *layout)
{
    ms_status status = MS_BUSY;
    for (unsigned tried = 0; status == MS_BUSY && tried < PLACES_TRIED; tried++) {
        char *place = ms_extent_place();
        if (place == NULL)
            break;
        status = map_parts(room, fd, layout, place);
    }
    return status == MS_OK ? MS_OK : map_parts(room, fd, layout, NULL);
}

ms_status
ms_segment_map(int fd, ms_segment *segment)
{
    ms_segment_layout layout;
    struct stat status;
    if (fstat(fd, &status) != 0)
        return MS_IO;
    if (pread(fd, &layout, sizeof layout, 0) != (ssize_t)sizeof layout || !is_ours(&layout) ||
        layout.total_bytes != (uint64_t)status.st_size)
        return MS_BAD_SEGMENT;
    ms_segment_room *room = ms_memory_get(sizeof *room);
    if (room == NULL)
        return MS_NO_MEMORY;
    ms_status mapped = MS_UNDER_TSAN ? map_whole(room, fd, &layout, &status) : map_by_need(room, fd, &layout);
    if (mapped != MS_OK) {
        int error = errno;
        ms_memory_give(room);
        errno = error;
        return mapped;
    }
    *segment = (ms_segment){
        .header = (ms_segment_header *)room->front.base,
        .spsc = (ms_spscring *)(room->front.base + layout.spsc_offset),
        .mpsc = (ms_mpscring *)(room->front.base + layout.mpsc_offset),
        .inquiry = (ms_inquiry *)(room->front.base + layout.inquiry_offset),
        .nodes = (ms_node *)room->nodes.base,
        .codes = (ms_code *)room->codes.base,
        .types = (ms_type *)room->types.base,
        .text = room->text.base,
        .nodes_max = layout.nodes_max,
        .codes_max = layout.codes_max,
        .types_max = layout.types_max,
        .text_max = layout.text_max,
        .room = room,
    };
    return MS_OK;
}

void
ms_segment_unmap(ms_segment *segment)
{
    if (segment->room != NULL) {
        close_room(segment->room);
        ms_memory_give(segment->room);
    }
    memset(segment, 0, sizeof *segment);
}

/* Of a table that the program says to have used so far. */
static void
empty(ms_extent *extent, uint64_t used_bytes)
{
    (void)ms_extent_reach(extent, least_of(used_bytes, extent->most_bytes)); /* where nobody has looked yet */
    (void)madvise(extent->base, atomic_load(&extent->mapped_bytes), MADV_REMOVE);
}

void
ms_segment_empty(const ms_segment *segment)
{
    ms_segment_room *room = segment->room;
    if (room == NULL || room->whole_bytes != 0)
        return;
    int error = errno;
    const ms_segment_header *header = segment->header;
    empty(&room->nodes, ((uint64_t)atomic_load(&header->node_count) + 1) * sizeof(ms_node));
    empty(&room->codes, ((uint64_t)atomic_load(&header->code_count) + 1) * sizeof(ms_code));
    empty(&room->types, ((uint64_t)atomic_load(&header->type_count) + 1) * sizeof(ms_type));
    empty(&room->text, atomic_load(&header->text_used));
    char *rings = (char *)segment->spsc, *end = room->front.base + atomic_load(&room->front.mapped_bytes);
    (void)madvise(rings, (size_t)(end - rings), MADV_REMOVE);
    errno = error;
}

void
ms_segment_let_go_of_nodes(const ms_segment *segment, uint32_t count)
{
    uint64_t bytes = count * sizeof(ms_node) & ~(MS_EXTENT_UNIT - 1);
    int error = errno;
    if (bytes != 0)
        (void)madvise(segment->nodes, bytes, MADV_DONTNEED); /* of a file that is shared: nothing is lost */
    errno = error;
}

uint64_t
ms_segment_touched_bytes(const ms_segment *segment)
{
    const ms_segment_header *header = segment->header;
    uint64_t written = ms_spscring_available(segment->spsc);
    uint64_t slots = least_of(written, ms_spscring_slots(segment->spsc));
    return page_up(sizeof *header) + page_up(slots * sizeof(ms_event)) +
           page_up((uint64_t)atomic_load(&header->node_count) * sizeof(ms_node)) +
           page_up((uint64_t)atomic_load(&header->code_count) * sizeof(ms_code)) +
           page_up((uint64_t)atomic_load(&header->type_count) * sizeof(ms_type)) +
           page_up(atomic_load(&header->text_used));
}
