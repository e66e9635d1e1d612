/* platform.h: everything that depends on the compiler, the processor or the operating system.
 *
 * No other file in cext/ may hold an #if about these.
 */
#ifndef MS_PLATFORM_H
#define MS_PLATFORM_H

#ifndef _GNU_SOURCE
#    define _GNU_SOURCE 1
#endif

#include <errno.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#if !defined(__linux__)
#    error "memscope records on Linux only"
#endif
#if UINTPTR_MAX != UINT64_MAX
#    error "memscope needs a 64-bit processor"
#endif

#define MS_LIKELY(x) __builtin_expect(!!(x), 1)
#define MS_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define MS_HOT __attribute__((hot))
#define MS_COLD __attribute__((cold, noinline))
#define MS_INLINE static inline __attribute__((always_inline))
#define MS_PREFETCH(p) __builtin_prefetch(p)
#if defined(__x86_64__)
/* Asked for to write, the compiler would still fetch the line to read, for processors of before 2015. These take the
 * instruction for none at all. */
#    define MS_PREFETCH_TO_WRITE(p) __asm__ volatile("prefetchw %0" : : "m"(*(const char *)(p)))
#else
#    define MS_PREFETCH_TO_WRITE(p) __builtin_prefetch(p, 1)
#endif

/* Whether we know how a call and a jump look as machine code (shortcut.h). */
#if defined(__x86_64__)
#    define MS_HAVE_SHORTCUTS 1
#else
#    define MS_HAVE_SHORTCUTS 0
#endif

/* Whether we know how the loader keeps the tables of imports, and the numbers of elf.h for what is in them: a function
 * that is called, a function's address, the same in a program's own data. */
#if defined(__GLIBC__)
#    define MS_HAVE_ATTACHING 1
#else
#    define MS_HAVE_ATTACHING 0
#endif
#if defined(__x86_64__)
#    define MS_RELOCATES_CALL R_X86_64_JUMP_SLOT
#    define MS_RELOCATES_IMPORT R_X86_64_GLOB_DAT
#    define MS_RELOCATES_ADDRESS R_X86_64_64
#else
#    define MS_RELOCATES_CALL R_AARCH64_JUMP_SLOT
#    define MS_RELOCATES_IMPORT R_AARCH64_GLOB_DAT
#    define MS_RELOCATES_ADDRESS R_AARCH64_ABS64
#endif

/* Another name for a function, for its own library alone. GCC warns of one that promises less. */
#if defined(__has_attribute)
#    if __has_attribute(copy)
#        define MS_HIDDEN_ALIAS(of) __attribute__((alias(#of), copy(of), visibility("hidden")))
#    endif
#endif
#if !defined(MS_HIDDEN_ALIAS)
#    define MS_HIDDEN_ALIAS(of) __attribute__((alias(#of), visibility("hidden")))
#endif

/* Of linux/memfd.h, which older systems have without it. */
#define MS_MFD_NOEXEC_SEAL 0x0008u

/* Two lines: adjacent-line prefetchers pull in pairs. */
#define MS_CACHE_LINE 128

/* Which has its own bounds around what libc gives. */
#if defined(__SANITIZE_ADDRESS__)
#    define MS_UNDER_ASAN 1
#else
#    define MS_UNDER_ASAN 0
#endif

#if defined(__SANITIZE_THREAD__)
#    define MS_UNDER_TSAN 1
#else
#    define MS_UNDER_TSAN 0
#endif

/* The number by which tables of frames know the stack pointer. */
#if defined(__x86_64__)
#    define MS_DWARF_STACK_POINTER 7u
#else
#    define MS_DWARF_STACK_POINTER 31u
#endif

/* A number that no two running threads share, in one instruction (pthread_self() is a call). */
MS_INLINE uintptr_t
ms_thread_pointer(void)
{
    uintptr_t pointer;
#if defined(__x86_64__)
    __asm__("mov %%fs:0, %0" : "=r"(pointer));
#elif defined(__aarch64__)
    __asm__("mrs %0, tpidr_el0" : "=r"(pointer));
#else
#    error "memscope records on x86-64 and arm64 only"
#endif
    return pointer;
}

/* Nanoseconds of CLOCK_MONOTONIC: 22 ns a call, so never once per event. */
static inline uint64_t
ms_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Leaves errno alone: the program may be within an allocation. */
static inline void
ms_sleep_ns(uint64_t duration_ns)
{
    int error = errno;
    struct timespec pause = {
        .tv_sec = (time_t)(duration_ns / 1000000000u),
        .tv_nsec = (long)(duration_ns % 1000000000u),
    };
    nanosleep(&pause, NULL);
    errno = error;
}

/* Position of the highest set bit; value must not be 0. */
MS_INLINE unsigned
ms_log2(uint64_t value)
{
    return 63u - (unsigned)__builtin_clzll(value);
}

#endif
