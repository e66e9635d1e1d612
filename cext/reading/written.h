/* written.h: bytes that grow as they are written: texts, and protocol buffers in their wire format
 * (https://protobuf.dev/programming-guides/encoding/).
 */
#ifndef MS_WRITTEN_H
#define MS_WRITTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ms_text {
    const char *data;
    size_t bytes;
} ms_text;

typedef struct ms_written {
    char *data; /* to be freed */
    size_t bytes, capacity;
} ms_written;

/* False: no memory. */
bool ms_written_reserve(ms_written *written, size_t more);
bool ms_written_put(ms_written *written, ms_text text);
bool ms_written_put_varint(ms_written *written, uint64_t value);
/* A field of bytes or a message. */
bool ms_written_put_piece(ms_written *written, unsigned tag, const ms_written *content);

#endif
