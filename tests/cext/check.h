/* check.h: what a stand-alone test program needs: CHECK, and a random sequence that is the same each time. */
#ifndef MS_TESTS_CHECK_H
#define MS_TESTS_CHECK_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                    \
    do {                                                                    \
        if (!(condition)) {                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                        \
        }                                                                   \
    } while (0)

#define CHECK_EQUAL(left, right)                                                                                       \
    do {                                                                                                               \
        uint64_t left_ = (uint64_t)(left), right_ = (uint64_t)(right);                                                 \
        if (left_ != right_) {                                                                                         \
            fprintf(stderr, "%s:%d: %s is %" PRIu64 ", %s is %" PRIu64 "\n", __FILE__, __LINE__, #left, left_, #right, \
                    right_);                                                                                           \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

/* splitmix64 */
static inline uint64_t
next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

#endif
