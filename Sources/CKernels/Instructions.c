#include <stdlib.h>
#include <string.h>

#include "CKernels.h"

static int detect(void) {
    int found = 0;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) found = 1;
    if (found && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        found = 2;
#endif
    const char *limit = getenv("WARRANT_MAX_CPU_ISA");
    if (limit && !strcmp(limit, "plain")) found = 0;
    if (limit && !strcmp(limit, "avx2") && found > 1) found = 1;
    return found;
}

static _Thread_local int thread_limit = 2;

int warrant_limit_instructions(int limit) {
    const int before = thread_limit;
    thread_limit = limit;
    return before;
}

int warrant_instruction_set(void) {
    // -1: not chosen yet. Two threads that race here compute the same value.
    static int chosen = -1;
    int value = __atomic_load_n(&chosen, __ATOMIC_RELAXED);
    if (value < 0) {
        value = detect();
        __atomic_store_n(&chosen, value, __ATOMIC_RELAXED);
    }
    return value < thread_limit ? value : thread_limit;
}

#if __has_include(<gnu/libc-version.h>)
#include <gnu/libc-version.h>

const char *warrant_libm_version(void) { return gnu_get_libc_version(); }
#else
#include <sys/utsname.h>

const char *warrant_libm_version(void) {
    static struct utsname system;
    return uname(&system) == 0 ? system.release : "unknown";
}
#endif

#define WARRANT_TEXT(value) #value
#define WARRANT_EXPANDED(value) WARRANT_TEXT(value)

const char *warrant_compiler(void) {
#if defined(__clang_major__)
    return "clang " WARRANT_EXPANDED(__clang_major__) "." WARRANT_EXPANDED(__clang_minor__)
        "." WARRANT_EXPANDED(__clang_patchlevel__);
#else
    return "cc " __VERSION__;
#endif
}
