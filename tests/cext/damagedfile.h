/* damagedfile.h: copies of a library's file with bytes of its header and its sections' table at random, and copies that
 * end anywhere. */
#ifndef MS_TESTS_DAMAGEDFILE_H
#define MS_TESTS_DAMAGEDFILE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"

#define OWN_FILE "/proc/self/exe" /* a file of this machine's, with sections */

static char *
read_own_file(long *size)
{
    FILE *from = fopen(OWN_FILE, "rb");
    CHECK(from != NULL);
    fseek(from, 0, SEEK_END);
    *size = ftell(from);
    rewind(from);
    char *bytes = malloc((size_t)*size);
    CHECK_EQUAL(fread(bytes, 1, (size_t)*size, from), (size_t)*size);
    fclose(from);
    return bytes;
}

static void
write_to(const char *path, const char *bytes, size_t count)
{
    FILE *to = fopen(path, "wb");
    CHECK(to != NULL);
    CHECK_EQUAL(fwrite(bytes, 1, count, to), count);
    fclose(to);
}

static void
look_at_damaged_files(void (*look)(const char *path))
{
    char path[] = "/tmp/memscope-damaged-XXXXXX";
    int made = mkstemp(path);
    CHECK(made >= 0);
    close(made);
    long size;
    char *bytes = read_own_file(&size);
    for (uint32_t turn = 0; turn < 60; turn++) {
        long at[4];
        char was[4];
        for (int i = 0; i < 4; i++) {
            at[i] = (turn % 2 == 0 ? 0 : size - 4096) + rand() % (turn % 2 == 0 ? 64 : 4096);
            was[i] = bytes[at[i]];
            bytes[at[i]] = (char)rand();
        }
        write_to(path, bytes, (size_t)size);
        look(path);
        for (int i = 3; i >= 0; i--)
            bytes[at[i]] = was[i];
    }
    for (uint32_t turn = 0; turn < 20; turn++) {
        write_to(path, bytes, (size_t)(rand() % size));
        look(path);
    }
    free(bytes);
    unlink(path);
}

#endif
