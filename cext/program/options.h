/* options.h: how a program is recorded. */
#ifndef MS_OPTIONS_H
#define MS_OPTIONS_H

#include "shared/platform.h"

typedef struct ms_options {
    uint64_t sample_bytes;       /* mean distance between samples; 0: every allocation */
    bool budgeted;               /* keeps all at first, and samples when the drain asks for it */
    bool objects;                /* types of objects, and those that are made without the allocator */
    bool native;                 /* what the preloaded library sees, if it is there */
    uint64_t native_least_bytes; /* smaller ones of it are only counted; 0: none */
} ms_options;

#endif
