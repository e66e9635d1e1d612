#include "shared/snapshot.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/memoryfile.h"

#define FIRST_BYTES ((uint64_t)1 << 20)
#define SHIFT_STEP 3u
#define LEAST 6u /* the smallest: half a million objects */
#define PLACES_TRIED 16u

static void
lay_out(ms_snapshot_header *header, unsigned shift)
{
    memset(header, 0, sizeof *header);
    header->magic = MS_SNAPSHOT_MAGIC;
    header->objects_max = (UINT64_C(1) << 25) >> shift;
    header->references_max = (UINT64_C(1) << 28) >> shift;
    header->text_max = (UINT64_C(1) << 27) >> shift;
    uint64_t offset = ms_extent_round_up(sizeof *header);
    header->objects_offset = offset;
    offset += ms_extent_round_up(header->objects_max * sizeof(ms_seen));
    header->references_offset = offset;
    offset += ms_extent_round_up(header->references_max * sizeof(ms_reference));
    header->text_offset = offset;
    offset += ms_extent_round_up(header->text_max);
    header->total_bytes = offset;
}

ms_status
ms_snapshot_create(int *fd)
{
    int file = ms_memoryfile_make();
    if (file < 0)
        return MS_IO;
    for (unsigned shift = 0; shift <= LEAST; shift += SHIFT_STEP) {
        ms_snapshot_header header;
        lay_out(&header, shift);
        if (!ms_memoryfile_resize(file, header.total_bytes) || !ms_memoryfile_begin(file, &header, sizeof header))
            continue;
        *fd = file;
        return MS_OK;
    }
    ms_memoryfile_drop(file);
    return MS_IO;
}

/* Whether a file is laid out as one of this version is. */
static bool
is_ours(const ms_snapshot_header *header)
{
    ms_snapshot_header expected;
    for (unsigned shift = 0; shift <= LEAST; shift += SHIFT_STEP) {
        lay_out(&expected, shift);
        if (memcmp(header, &expected, offsetof(ms_snapshot_header, state)) == 0)
            return true;
    }
    return false;
}

static void
close_parts(ms_snapshot *snapshot)
{
    ms_extent_close(&snapshot->front);
    ms_extent_close(&snapshot->of_objects);
    ms_extent_close(&snapshot->of_references);
    ms_extent_close(&snapshot->of_text);
}

static ms_status
map_parts(ms_snapshot *snapshot, int fd, const ms_snapshot_header *header, char *place)
{
    const struct {
        ms_extent *extent;
        uint64_t from, to;
    } parts[] = {
        {&snapshot->front, 0, header->objects_offset},
        {&snapshot->of_objects, header->objects_offset, header->references_offset},
        {&snapshot->of_references, header->references_offset, header->text_offset},
        {&snapshot->of_text, header->text_offset, header->total_bytes},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        /* Where nothing is known to leave room to grow, all is mapped at once. */
        uint64_t most = parts[i].to - parts[i].from, first = i == 0 || place == NULL ? most : FIRST_BYTES;
        ms_status status = ms_extent_open(parts[i].extent, fd, parts[i].from, first < most ? first : most, most,
                                          place == NULL ? NULL : place + parts[i].from);
        if (status != MS_OK) {
            int error = errno;
            close_parts(snapshot);
            errno = error;
            return status;
        }
    }
    return MS_OK;
}

ms_status
ms_snapshot_map(int fd, ms_snapshot *snapshot)
{
    ms_snapshot_header header;
    struct stat file;
    memset(snapshot, 0, sizeof *snapshot);
    if (fstat(fd, &file) != 0)
        return MS_IO;
    if (pread(fd, &header, sizeof header, 0) != (ssize_t)sizeof header || !is_ours(&header) ||
        header.total_bytes != (uint64_t)file.st_size)
        return MS_BAD_SEGMENT;
    ms_status status = MS_BUSY;
    for (unsigned tried = 0; status == MS_BUSY && tried < PLACES_TRIED; tried++) {
        char *place = ms_extent_place();
        if (place == NULL)
            break;
        status = map_parts(snapshot, fd, &header, place);
    }
    if (status != MS_OK)
        status = map_parts(snapshot, fd, &header, NULL);
    if (status != MS_OK)
        return status;
    snapshot->header = (ms_snapshot_header *)snapshot->front.base;
    snapshot->objects = (ms_seen *)snapshot->of_objects.base;
    snapshot->references = (ms_reference *)snapshot->of_references.base;
    snapshot->text = snapshot->of_text.base;
    snapshot->objects_max = header.objects_max;
    snapshot->references_max = header.references_max;
    snapshot->text_max = header.text_max;
    return MS_OK;
}

static void
empty_part(ms_extent *extent)
{
    /* Refused: the memory is held until the file goes. */
    (void)madvise(extent->base, atomic_load(&extent->mapped_bytes), MADV_REMOVE);
}

void
ms_snapshot_empty(ms_snapshot *snapshot)
{
    empty_part(&snapshot->of_objects);
    empty_part(&snapshot->of_references);
    empty_part(&snapshot->of_text);
}

void
ms_snapshot_unmap(ms_snapshot *snapshot)
{
    if (snapshot->header != NULL)
        close_parts(snapshot);
    memset(snapshot, 0, sizeof *snapshot);
}
