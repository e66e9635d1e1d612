/* receipts.h: signals as one process received them, and lists of them in the order in which they came. */
#ifndef MS_RECEIPTS_H
#define MS_RECEIPTS_H

#include "shared/platform.h"

#define MS_RECEIPTS 1024

typedef struct ms_receipt {
    int number;
    int code;       /* si_code */
    int sender;     /* process id; 0 for the kernel, and for who is not of this pid namespace */
    int64_t at_ns;  /* on the monotonic clock */
    int64_t due_ns; /* when it is to be sent, in the list of those that are */
    uint64_t value; /* of a signal from sigqueue */
    bool delayed;   /* memscope was stopped, and will receive its own when it goes on */
} ms_receipt;

typedef struct ms_receipts {
    int count;
    ms_receipt at[MS_RECEIPTS];
} ms_receipts;

/* Where there is no place left the oldest goes. */
void ms_receipts_add(ms_receipts *list, const ms_receipt *receipt);
void ms_receipts_remove(ms_receipts *list, int place);

/* The same signal of the same kind by the same sender. */
static inline bool
ms_receipt_is_like(const ms_receipt *left, const ms_receipt *right)
{
    return left->number == right->number && left->code == right->code && left->sender == right->sender;
}

static inline int64_t
ms_receipt_apart_ns(const ms_receipt *left, const ms_receipt *right)
{
    return left->at_ns < right->at_ns ? right->at_ns - left->at_ns : left->at_ns - right->at_ns;
}

#endif
