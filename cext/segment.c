#include "segment.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEAST 8u /* the smallest layout: tables of a 256th, 13 MiB in all */

static uint64_t
page_up(uint64_t bytes)
{
    return (bytes + 4095) & ~UINT64_C(4095);
}

/* Lays the parts out one after the other; shift halves the tables for programs with little address
 * space (RLIMIT_AS). */
static void
lay_out(ms_segment_header *header, unsigned shift)
{
    memset(header, 0, sizeof *header);
    header->magic = MS_SEGMENT_MAGIC;
    header->nodes_max = (UINT64_C(1) << 26) >> shift;
    header->codes_max = (UINT64_C(1) << 22) >> shift;
    header->text_max = (UINT64_C(1) << 30) >> shift;
    uint64_t offset = page_up(sizeof *header);
    header->ring_offset = offset;
    offset += page_up(sizeof(ms_ring));
    header->side_offset = offset;
    offset += page_up(sizeof(ms_sidering));
    header->nodes_offset = offset;
    offset += page_up(header->nodes_max * sizeof(ms_node));
    header->codes_offset = offset;
    offset += page_up(header->codes_max * sizeof(ms_code));
    header->text_offset = offset;
    offset += page_up(header->text_max);
    header->total_bytes = offset;
}

static void
point(ms_segment *segment, const ms_segment_header *header, char *base)
{
    segment->header = (ms_segment_header *)base;
    segment->ring = (ms_ring *)(base + header->ring_offset);
    segment->side = (ms_sidering *)(base + header->side_offset);
    segment->nodes = (ms_node *)(base + header->nodes_offset);
    segment->codes = (ms_code *)(base + header->codes_offset);
    segment->text = base + header->text_offset;
    segment->nodes_max = header->nodes_max;
    segment->codes_max = header->codes_max;
    segment->text_max = header->text_max;
    segment->total_bytes = header->total_bytes;
}

/* A new memory file, never in the place of a standard stream that is closed: the program would take it
 * for one. -1: errno says why. */
static int
make_file(void)
{
    int file = memfd_create("memscope", MFD_CLOEXEC);
    if (file < 0 || file > STDERR_FILENO)
        return file;
    int higher = fcntl(file, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int error = errno;
    close(file);
    errno = error;
    return higher;
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
    int file = make_file();
    if (file < 0)
        return MS_IO;
    uint64_t most_bytes = address_space_bytes();
    for (unsigned shift = 0; shift <= LEAST; shift += 4) {
        ms_segment_header header;
        lay_out(&header, shift);
        if (header.total_bytes > most_bytes && shift < LEAST)
            continue;
        /* A file size limit (RLIMIT_FSIZE) or the address space may forbid the large layout. */
        if (ftruncate(file, (off_t)header.total_bytes) != 0)
            continue;
        void *trial = mmap(NULL, header.total_bytes, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_NORESERVE, file, 0);
        if (trial == MAP_FAILED)
            continue;
        memcpy(trial, &header, sizeof header);
        munmap(trial, header.total_bytes);
        *fd = file;
        return MS_OK;
    }
    int error = errno;
    close(file);
    errno = error;
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

ms_status
ms_segment_map(int fd, ms_segment *segment)
{
    ms_segment_header header;
    struct stat status;
    if (fstat(fd, &status) != 0)
        return MS_IO;
    if (pread(fd, &header, sizeof header, 0) != (ssize_t)sizeof header ||
        header.magic != MS_SEGMENT_MAGIC || header.total_bytes != (uint64_t)status.st_size)
        return MS_BAD_SEGMENT;
    void *base = MS_UNDER_TSAN ? map_again(&status) : NULL;
    if (base == NULL) {
        base = mmap(NULL, header.total_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
        if (base == MAP_FAILED)
            return MS_IO;
        if (MS_UNDER_TSAN)
            remember_mapping(&status, base);
    }
    /* A core file of the program must not carry gigabytes of holes. */
    (void)madvise(base, header.total_bytes, MADV_DONTDUMP);
    point(segment, &header, base);
    return MS_OK;
}

void
ms_segment_unmap(ms_segment *segment)
{
    if (segment->header != NULL && (!MS_UNDER_TSAN || forget_mapping(segment->header)))
        munmap(segment->header, segment->total_bytes);
    memset(segment, 0, sizeof *segment);
}

uint64_t
ms_segment_touched_bytes(const ms_segment *segment)
{
    const ms_segment_header *header = segment->header;
    uint64_t written = ms_ring_available(segment->ring);
    uint64_t slots = written < MS_RING_SLOTS ? written : MS_RING_SLOTS;
    return page_up(sizeof *header) + page_up(slots * sizeof(ms_event)) +
           page_up((uint64_t)atomic_load(&header->node_count) * sizeof(ms_node)) +
           page_up((uint64_t)atomic_load(&header->code_count) * sizeof(ms_code)) +
           page_up(atomic_load(&header->text_used));
}
