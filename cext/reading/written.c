/* written.c: bytes that grow as they are written. */
#include "reading/written.h"

#include <stdlib.h>
#include <string.h>

#define VARINT_BYTES 10u

bool
ms_written_reserve(ms_written *written, size_t more)
{
    if (more <= written->capacity - written->bytes)
        return true;
    size_t capacity = written->capacity ? written->capacity : 4096;
    while (capacity - written->bytes < more)
        capacity *= 2;
    char *data = realloc(written->data, capacity);
    if (data == NULL)
        return false;
    written->data = data;
    written->capacity = capacity;
    return true;
}

bool
ms_written_put(ms_written *written, ms_text text)
{
    if (!ms_written_reserve(written, text.bytes))
        return false;
    if (text.bytes)
        memcpy(written->data + written->bytes, text.data, text.bytes);
    written->bytes += text.bytes;
    return true;
}

bool
ms_written_put_varint(ms_written *written, uint64_t value)
{
    if (!ms_written_reserve(written, VARINT_BYTES))
        return false;
    for (; value > 0x7f; value >>= 7)
        written->data[written->bytes++] = (char)(value | 0x80);
    written->data[written->bytes++] = (char)value;
    return true;
}

bool
ms_written_put_piece(ms_written *written, unsigned tag, const ms_written *content)
{
    return ms_written_put_varint(written, tag) && ms_written_put_varint(written, content->bytes) &&
           ms_written_put(written, (ms_text){content->data, content->bytes});
}
