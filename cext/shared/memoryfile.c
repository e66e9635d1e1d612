#include "shared/memoryfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

int
ms_memoryfile_make(void)
{
    /* Where vm.memfd_noexec demands it there is none that could be executed; kernels of before 6.3 do not know the
     * flag. */
    int file = memfd_create("memscope", MFD_CLOEXEC | MS_MFD_NOEXEC_SEAL);
    if (file < 0 && errno == EINVAL)
        file = memfd_create("memscope", MFD_CLOEXEC);
    if (file < 0 || file > STDERR_FILENO)
        return file;
    int higher = fcntl(file, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    ms_memoryfile_drop(file);
    return higher;
}

bool
ms_memoryfile_resize(int file, uint64_t bytes)
{
    struct rlimit limit;
    bool limited = getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < bytes;
    if (limited) {
        struct rlimit lifted = {.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
        if (limit.rlim_max < bytes || setrlimit(RLIMIT_FSIZE, &lifted) != 0) {
            errno = EFBIG;
            return false;
        }
    }
    bool done = ftruncate(file, (off_t)bytes) == 0;
    int error = errno;
    if (limited)
        (void)setrlimit(RLIMIT_FSIZE, &limit);
    errno = error;
    return done;
}

bool
ms_memoryfile_begin(int file, const void *data, size_t bytes)
{
    void *front = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (front == MAP_FAILED)
        return false;
    memcpy(front, data, bytes);
    munmap(front, bytes);
    return true;
}

void
ms_memoryfile_drop(int file)
{
    int error = errno;
    close(file);
    errno = error;
}
