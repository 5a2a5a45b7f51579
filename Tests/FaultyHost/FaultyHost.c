// A host whose disk fills up, goes read-only and fails to sync, and whose wall clock jumps, for programs that do not know
// of it. Only regular files are touched: sockets, pipes and what the process prints stay as they are.
#define _GNU_SOURCE
#include "FaultyHost.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static struct faulty_host *host;

#define NEXT(result, name, ...) \
  static result (*next)(__VA_ARGS__); \
  if (!next) next = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

__attribute__((constructor)) static void map_faults(void) {
  const char *path = getenv("FAULTY_HOST");
  if (!path) return;
  int (*plain_open)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
  int file = plain_open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) abort();
  void *page = mmap(NULL, sizeof *host, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (page == MAP_FAILED) abort();
  close(file);
  host = page;
}

static int is_disk(int file) {
  struct stat status;
  return host && file > STDERR_FILENO && fstat(file, &status) == 0 && S_ISREG(status.st_mode);
}

// How many of the bytes can be written: -1 with errno set when none can.
static int64_t grant(int file, int64_t wanted) {
  if (wanted <= 0 || !is_disk(file)) return wanted;
  if (host->read_only) return errno = EROFS, -1;
  int64_t room = host->room;
  while (room >= 0) {
    int64_t granted = room < wanted ? room : wanted;
    if (granted == 0) return errno = ENOSPC, -1;
    if (__c11_atomic_compare_exchange_strong(
            &host->room, &room, room - granted, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
      return granted;
  }
  return wanted;
}

ssize_t write(int file, const void *bytes, size_t count) {
  NEXT(ssize_t, "write", int, const void *, size_t);
  int64_t granted = grant(file, (int64_t)count);
  return granted < 0 ? -1 : next(file, bytes, (size_t)granted);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
  NEXT(ssize_t, "pwrite", int, const void *, size_t, off_t);
  int64_t granted = grant(file, (int64_t)count);
  return granted < 0 ? -1 : next(file, bytes, (size_t)granted, offset);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) { return pwrite(file, bytes, count, offset); }

// Many parts are written whole or not at all.
static int grant_parts(int file, const struct iovec *parts, int count) {
  int64_t wanted = 0;
  for (int index = 0; index < count; index++) wanted += (int64_t)parts[index].iov_len;
  int64_t granted = grant(file, wanted);
  if (granted >= 0 && granted < wanted) return errno = ENOSPC, -1;
  return granted < 0 ? -1 : 0;
}

ssize_t writev(int file, const struct iovec *parts, int count) {
  NEXT(ssize_t, "writev", int, const struct iovec *, int);
  return grant_parts(file, parts, count) < 0 ? -1 : next(file, parts, count);
}

ssize_t pwritev(int file, const struct iovec *parts, int count, off_t offset) {
  NEXT(ssize_t, "pwritev", int, const struct iovec *, int, off_t);
  return grant_parts(file, parts, count) < 0 ? -1 : next(file, parts, count, offset);
}

ssize_t pwritev64(int file, const struct iovec *parts, int count, off64_t offset) {
  return pwritev(file, parts, count, offset);
}

static int sync_fails(int file) {
  if (!is_disk(file)) return 0;
  if (host->failing_syncs > 0 && __c11_atomic_fetch_sub(&host->failing_syncs, 1, __ATOMIC_SEQ_CST) > 0)
    return errno = EIO, 1;
  return 0;
}

int fsync(int file) {
  NEXT(int, "fsync", int);
  return sync_fails(file) ? -1 : next(file);
}

int fdatasync(int file) {
  NEXT(int, "fdatasync", int);
  return sync_fails(file) ? -1 : next(file);
}

static int forbids(int flags) {
  return host && host->read_only && (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) != 0;
}

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    NEXT(int, #name, const char *, int, ...); \
    va_list arguments; \
    va_start(arguments, flags); \
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(arguments, mode_t) : 0; \
    va_end(arguments); \
    if (forbids(flags) && __builtin_strncmp(path, "/dev/", 5) != 0) return errno = EROFS, -1; \
    return next(path, flags, mode); \
  }

OPEN(open)
OPEN(open64)

#define READ_ONLY(result) \
  if (host && host->read_only) return errno = EROFS, result

int unlink(const char *path) {
  NEXT(int, "unlink", const char *);
  READ_ONLY(-1);
  return next(path);
}

int rename(const char *from, const char *to) {
  NEXT(int, "rename", const char *, const char *);
  READ_ONLY(-1);
  return next(from, to);
}

int ftruncate(int file, off_t size) {
  NEXT(int, "ftruncate", int, off_t);
  READ_ONLY(-1);
  return next(file, size);
}

int ftruncate64(int file, off64_t size) { return ftruncate(file, size); }

int clock_gettime(clockid_t clock, struct timespec *time) {
  NEXT(int, "clock_gettime", clockid_t, struct timespec *);
  int result = next(clock, time);
  if (result != 0 || !host || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return result;
  int64_t moved = time->tv_nsec + host->clock_offset % 1000000000;
  time->tv_sec += host->clock_offset / 1000000000 + (moved >= 1000000000) - (moved < 0);
  time->tv_nsec = moved < 0 ? moved + 1000000000 : moved % 1000000000;
  return 0;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  (void)zone;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *result) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (result) *result = now.tv_sec;
  return now.tv_sec;
}
