#include "program/recorder.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "program/hooks.h"
#include "program/objects.h"
#include "program/processes.h"
#include "program/producer.h"
#include "program/snapshots.h"
#include "shared/descriptor.h"
#include "shared/procfs.h"

static ms_segment segment;
static ms_descriptor supervisor = {.number = -1}; /* socket */
static uint32_t onlooker;                         /* process that records the forked ones; 0: not told */

/* As malloc.h has it; glibc before 2.33 and other C libraries do not, so it is looked for. */
typedef struct {
    size_t heap, free_chunks, fast_chunks, mappings, mapped, most, fast_free, used, free, at_top;
} malloc_info;

/* Goes through the lists of free chunks. */
static ms_libc_counts
count_libc(void)
{
    malloc_info (*tell)(void);
    *(void **)&tell = dlsym(RTLD_DEFAULT, "mallinfo2");
    if (tell == NULL)
        return (ms_libc_counts){0};
    malloc_info info = tell();
    return (ms_libc_counts){
        .heap_bytes = info.heap, .used_bytes = info.used, .free_bytes = info.free, .mapped_bytes = info.mapped};
}

ms_status
ms_recorder_attach(int segment_fd)
{
    if (ms_hooks_recording())
        return MS_BUSY;
    /* A forked child may still hold its parent's mapping. */
    ms_processes_note_in(NULL);
    ms_segment_unmap(&segment);
    ms_resident before = ms_procfs_resident((uint32_t)getpid());
    ms_status status = ms_segment_map(segment_fd, &segment);
    if (status == MS_OK) {
        atomic_store(&segment.header->before_bytes, before.bytes);
        atomic_store(&segment.header->before_shared_bytes, before.shared_bytes);
        atomic_store(&segment.header->before_peak_bytes, before.peak_bytes);
        segment.header->libc_before = count_libc();
    }
    return status;
}

ms_status
ms_recorder_start(ms_options options)
{
    if (segment.header == NULL)
        return MS_BAD_SEGMENT;
    ms_status status = ms_hooks_start(&segment, options);
    if (status == MS_OK) {
        /* Out of memory: forks go uncounted, and what the program waits for still shows at its end. */
        (void)ms_processes_watch_forks();
        ms_processes_note_in(segment.header);
    }
    return status;
}

void
ms_recorder_stop(void)
{
    if (!ms_hooks_recording())
        return;
    if (segment.header != NULL)
        segment.header->libc_end = count_libc();
    ms_hooks_stop();
    ms_processes_note_in(NULL);
    ms_segment_unmap(&segment);
}

bool
ms_recorder_is_on(void)
{
    return ms_hooks_recording();
}

void
ms_recorder_note_nothing_ran(void)
{
    if (ms_hooks_recording() && segment.header != NULL)
        atomic_store(&segment.header->nothing_ran, MS_NOTHING_RAN);
}

void
ms_recorder_note_main_ended(void)
{
    if (ms_hooks_recording() && segment.header != NULL)
        atomic_store(&segment.header->main_ended_ns, ms_now_ns());
}

bool
ms_recorder_pause(void)
{
    return ms_hooks_recording() && ms_hooks_pause();
}

bool
ms_recorder_resume(void)
{
    return ms_hooks_recording() && ms_hooks_resume();
}

const char *
ms_recorder_snapshot(void)
{
    return ms_hooks_recording() ? ms_objects_snapshot(MS_MOMENT_ASKED) : "nothing is recorded";
}

void
ms_recorder_compiles(const char *filename)
{
    if (ms_hooks_recording())
        ms_producer_compiles(filename);
}

void
ms_recorder_compiled(void)
{
    if (ms_hooks_recording())
        ms_producer_compiled();
}

/* ---- forked children ------------------------------------------------------------------------- */

ms_status
ms_recorder_remember(int socket_fd)
{
    supervisor = ms_descriptor_of(socket_fd);
    if (supervisor.number < 0)
        return MS_IO;
    uint32_t pid;
    if (recv(socket_fd, &pid, sizeof pid, MSG_DONTWAIT) == (ssize_t)sizeof pid)
        onlooker = pid;
    return MS_OK;
}

/* The same file under a number that no program expects to be its own. */
static int
out_of_the_way(int fd)
{
    struct rlimit limit = {.rlim_cur = 1024};
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    int lowest = limit.rlim_cur / 2 < 512 ? (int)(limit.rlim_cur / 2) : 512;
    int higher = fcntl(fd, F_DUPFD_CLOEXEC, lowest);
    close(fd);
    return higher;
}

ms_status
ms_recorder_meet(const char *path)
{
    enum { PATIENCE_S = 5 }; /* for whoever records to have time */
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return MS_IO;
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return MS_IO;
    struct timeval patience = {.tv_sec = PATIENCE_S};
    uint32_t pid = 0;
    bool in = setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0 &&
              connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
              recv(fd, &pid, sizeof pid, 0) == (ssize_t)sizeof pid;
    if (!in) {
        close(fd);
        return MS_IO;
    }
    fd = out_of_the_way(fd);
    ms_status status = ms_recorder_remember(fd);
    if (status == MS_OK)
        onlooker = pid;
    else if (fd >= 0)
        close(fd);
    return status;
}

/* Sends this process's id, the descriptor of its segment, and, if there is one, that of its snapshots' file. */
static ms_status
announce(int segment_fd, int snapshot_fd)
{
    int files[] = {segment_fd, snapshot_fd};
    size_t bytes = (snapshot_fd < 0 ? 1 : 2) * sizeof *files;
    if (!ms_descriptor_is_ours(&supervisor)) {
        errno = EBADF;
        return MS_IO;
    }
    uint32_t pid = (uint32_t)getpid();
    struct iovec part = {.iov_base = &pid, .iov_len = sizeof pid};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(2 * sizeof(int))];
    } control;
    memset(&control, 0, sizeof control);
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = CMSG_SPACE(bytes),
    };
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(bytes);
    memcpy(CMSG_DATA(header), files, bytes);
    /* It is no ancestor, whom Yama would let look at this process without a word. Elsewhere this fails. */
    if (onlooker != 0)
        (void)prctl(PR_SET_PTRACER, onlooker, 0, 0, 0);
    /* Nobody there, or too many waiting: the child goes on unrecorded. */
    return sendmsg(supervisor.number, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? MS_IO : MS_OK;
}

ms_status
ms_recorder_follow(ms_options options)
{
    int fd;
    if (ms_hooks_recording())
        return MS_BUSY;
    ms_status status = ms_segment_create(&fd);
    if (status != MS_OK)
        return status;
    ms_segment next = {0};
    status = ms_segment_map(fd, &next);
    int snapshot_fd = status == MS_OK && options.objects ? ms_snapshots_renew() : -1;
    if (status == MS_OK)
        status = announce(fd, snapshot_fd);
    close(fd);
    if (snapshot_fd >= 0)
        close(snapshot_fd);
    if (status != MS_OK) {
        ms_snapshots_close();
        ms_segment_unmap(&next);
        return status;
    }
    ms_processes_followed();
    ms_processes_note_in(NULL);
    ms_segment_unmap(&segment);
    segment = next;
    return ms_recorder_start(options);
}

ms_status
ms_recorder_refuse(int segment_fd)
{
    ms_segment refused;
    ms_status status = ms_segment_map(segment_fd, &refused);
    if (status == MS_OK) {
        atomic_store(&refused.header->abandoned, 1);
        ms_segment_unmap(&refused);
    }
    return status;
}
