#include "recorder.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hooks.h"

static ms_segment segment;
static int supervisor = -1; /* socket */
static struct stat supervisor_file;

ms_status
ms_recorder_attach(int segment_fd)
{
    if (ms_hooks_recording())
        return MS_BUSY;
    /* A forked child may still hold its parent's mapping. */
    ms_segment_unmap(&segment);
    return ms_segment_map(segment_fd, &segment);
}

ms_status
ms_recorder_start(uint64_t sample_bytes)
{
    if (segment.header == NULL)
        return MS_BAD_SEGMENT;
    return ms_hooks_start(&segment, sample_bytes);
}

void
ms_recorder_stop(void)
{
    if (!ms_hooks_recording())
        return;
    ms_hooks_stop();
    ms_segment_unmap(&segment);
}

bool
ms_recorder_is_on(void)
{
    return ms_hooks_recording();
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

/* ---- forked children ----------------------------------------------------------------------------- */

ms_status
ms_recorder_remember(int socket_fd)
{
    if (fstat(socket_fd, &supervisor_file) != 0)
        return MS_IO;
    supervisor = socket_fd;
    return MS_OK;
}

/* Sends this process's id and the descriptor of its segment. */
static ms_status
announce(int segment_fd)
{
    struct stat now;
    if (supervisor < 0 || fstat(supervisor, &now) != 0)
        return MS_IO;
    if (now.st_ino != supervisor_file.st_ino || now.st_dev != supervisor_file.st_dev) {
        errno = EBADF;
        return MS_IO;
    }
    uint32_t pid = (uint32_t)getpid();
    struct iovec part = {.iov_base = &pid, .iov_len = sizeof pid};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    memset(&control, 0, sizeof control);
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes,
    };
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &segment_fd, sizeof segment_fd);
    /* Nobody there, or too many waiting: the child goes on unrecorded. */
    return sendmsg(supervisor, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? MS_IO : MS_OK;
}

ms_status
ms_recorder_follow(uint64_t sample_bytes)
{
    int fd;
    ms_status status = ms_segment_create(&fd);
    if (status != MS_OK)
        return status;
    status = ms_recorder_attach(fd);
    if (status == MS_OK)
        status = announce(fd);
    close(fd);
    return status == MS_OK ? ms_recorder_start(sample_bytes) : status;
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
