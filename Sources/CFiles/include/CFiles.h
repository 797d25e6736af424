#ifndef WARRANT_C_FILES_H
#define WARRANT_C_FILES_H

// Swift does not import these calls everywhere: musl and glibc declare them only as extensions.

/// Two names change places in one step. Returns 0, or -1 with errno set: ENOSYS where the system has
/// no such call, EINVAL where the file system has none.
int warrant_exchange(const char *first, const char *second);

/// Renames in one step, unless the new name is taken (EEXIST). Returns as `warrant_exchange`.
int warrant_rename_new(const char *from, const char *to);

#endif
