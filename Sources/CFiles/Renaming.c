#define _GNU_SOURCE
#include "CFiles.h"

#include <errno.h>
#include <stdio.h>

#if defined(__APPLE__)

int warrant_exchange(const char *first, const char *second) {
    return renamex_np(first, second, RENAME_SWAP);
}

int warrant_rename_new(const char *from, const char *to) {
    return renamex_np(from, to, RENAME_EXCL);
}

#else

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

// The system's flags, as linux/fs.h has them: that header is not everywhere.
enum { no_replace = 1 << 0, exchange = 1 << 1 };

static int rename_with(const char *from, const char *to, unsigned int flags) {
#ifdef SYS_renameat2
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
#else
    (void)from, (void)to, (void)flags;
    errno = ENOSYS;
    return -1;
#endif
}

int warrant_exchange(const char *first, const char *second) {
    return rename_with(first, second, exchange);
}

int warrant_rename_new(const char *from, const char *to) {
    return rename_with(from, to, no_replace);
}

#endif
