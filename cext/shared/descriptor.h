/* descriptor.h: a file descriptor that the program may close behind our back, as daemons close all that they find open.
 * Its number then goes to the next file that is opened, which is not ours to write to, to read, or to close.
 */
#ifndef MS_DESCRIPTOR_H
#define MS_DESCRIPTOR_H

#include "shared/platform.h"

#include <sys/stat.h>
#include <unistd.h>

typedef struct ms_descriptor {
    int number; /* -1: none */
    dev_t device;
    ino_t file;
} ms_descriptor;

static inline ms_descriptor
ms_descriptor_of(int number)
{
    struct stat status;
    if (number < 0 || fstat(number, &status) != 0)
        return (ms_descriptor){.number = -1};
    return (ms_descriptor){.number = number, .device = status.st_dev, .file = status.st_ino};
}

/* Whether it is still the same file's. */
static inline bool
ms_descriptor_is_ours(const ms_descriptor *descriptor)
{
    struct stat now;
    return descriptor->number >= 0 && fstat(descriptor->number, &now) == 0 && now.st_dev == descriptor->device &&
           now.st_ino == descriptor->file;
}

/* Closes it, if it is. */
static inline void
ms_descriptor_close(ms_descriptor *descriptor)
{
    if (ms_descriptor_is_ours(descriptor))
        close(descriptor->number);
    descriptor->number = -1;
}

#endif
