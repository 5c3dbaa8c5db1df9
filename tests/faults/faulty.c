/* Preloaded before the C library: in one folder, the n-th system call that writes fails, once or from then on. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static char folder[PATH_MAX];
static long at, calls;
static int error, lasting;

void fault_set(const char *below, long nth, int code, int from_then_on) {
    snprintf(folder, sizeof folder, "%s", below);
    at = nth, error = code, lasting = from_then_on, calls = 0;
}

long fault_calls(void) { return calls; }

static int below(const char *path) {
    size_t length = strlen(folder);
    return length && path && !strncmp(path, folder, length);
}

static int below_fd(int fd) {
    char link[64], path[PATH_MAX];
    ssize_t length;
    int before = errno;
    if (!folder[0]) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof path - 1);
    errno = before;
    if (length < 0) return 0;
    path[length] = 0;
    return below(path);
}

static int due(void) {
    calls++;
    return at && (lasting ? calls >= at : calls == at);
}

#define REAL(type, name, ...) static type (*real)(__VA_ARGS__); if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name)
#define FAIL_IF(condition) if ((condition) && due() && error) { errno = error; return -1; }

ssize_t write(int fd, const void *data, size_t size) {
    REAL(ssize_t, write, int, const void *, size_t);
    if (below_fd(fd) && due()) {
        if (error) { errno = error; return -1; }
        if (size > 1) return real(fd, data, size / 2);
    }
    return real(fd, data, size);
}

int fsync(int fd) { REAL(int, fsync, int); FAIL_IF(below_fd(fd)); return real(fd); }
int fdatasync(int fd) { REAL(int, fdatasync, int); FAIL_IF(below_fd(fd)); return real(fd); }
int rename(const char *old, const char *new) { REAL(int, rename, const char *, const char *); FAIL_IF(below(new)); return real(old, new); }
int mkdir(const char *path, mode_t mode) { REAL(int, mkdir, const char *, mode_t); FAIL_IF(below(path)); return real(path, mode); }

#define OPEN(name)                                                                        \
    int name(const char *path, int flags, ...) {                                          \
        mode_t mode = 0;                                                                  \
        REAL(int, name, const char *, int, ...);                                          \
        if (flags & O_CREAT) {                                                            \
            va_list rest;                                                                 \
            va_start(rest, flags);                                                        \
            mode = va_arg(rest, mode_t);                                                  \
            va_end(rest);                                                                 \
            FAIL_IF(below(path));                                                         \
        }                                                                                 \
        return real(path, flags, mode);                                                   \
    }
OPEN(open)
OPEN(open64)
