/* status.h: how a function of the recorder says that it could not do its work. */
#ifndef MS_STATUS_H
#define MS_STATUS_H

typedef enum ms_status {
    MS_OK = 0,
    MS_NO_MEMORY,   /* own memory could not be had; nothing was changed */
    MS_IO,          /* a system call failed; errno says why */
    MS_BAD_SEGMENT, /* the file descriptor does not hold a segment of this version */
    MS_BUSY,        /* a recording is already on */
    MS_UNSUPPORTED, /* this interpreter cannot be recorded */
} ms_status;

/* One sentence without a full stop. */
static inline const char *
ms_status_text(ms_status status)
{
    switch (status) {
    case MS_OK:
        return "no error";
    case MS_NO_MEMORY:
        return "memory for the recorder could not be had";
    case MS_IO:
        return "a system call failed";
    case MS_BAD_SEGMENT:
        return "the shared segment belongs to another version of memscope";
    case MS_BUSY:
        return "a recording is already on in this process";
    case MS_UNSUPPORTED:
        return "this interpreter cannot be recorded";
    }
    return "unknown error";
}

#endif
