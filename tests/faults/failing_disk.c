/* Preloaded by test_full_disks.py: from the n-th write into a temporary file on (its name ends in .part), every one
   fails with the same errno, as on a full or a failing disk. The count begins anew at fail_from(n, errno). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static long first = 0, count = 0;
static int number = 0;

void fail_from(long n, int with) { first = n; number = with; count = 0; }
long writes(void) { return count; }

static int fails(int handle) {
    char link[64], name[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    ssize_t length = readlink(link, name, sizeof name);
    if (length < 5 || memcmp(name + length - 5, ".part", 5) != 0) return 0;
    if (++count < first || first == 0) return 0;
    errno = number;
    return 1;
}

#define REAL(name, type) static type real; if (!real) real = (type)dlsym(RTLD_NEXT, name)

typedef ssize_t (*write_type)(int, const void *, size_t);
typedef ssize_t (*pwrite_type)(int, const void *, size_t, off_t);
typedef ssize_t (*writev_type)(int, const struct iovec *, int);
typedef int (*fsync_type)(int);

ssize_t write(int handle, const void *data, size_t size) {
    REAL("write", write_type);
    return fails(handle) ? -1 : real(handle, data, size);
}
ssize_t pwrite(int handle, const void *data, size_t size, off_t at) {
    REAL("pwrite", pwrite_type);
    return fails(handle) ? -1 : real(handle, data, size, at);
}
ssize_t pwrite64(int handle, const void *data, size_t size, off_t at) {
    REAL("pwrite64", pwrite_type);
    return fails(handle) ? -1 : real(handle, data, size, at);
}
ssize_t writev(int handle, const struct iovec *parts, int size) {
    REAL("writev", writev_type);
    return fails(handle) ? -1 : real(handle, parts, size);
}
int fsync(int handle) {
    REAL("fsync", fsync_type);
    return fails(handle) ? -1 : real(handle);
}
