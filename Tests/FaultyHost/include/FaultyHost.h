#pragma once
#include <stdint.h>

// What a process that has this library preloaded (LD_PRELOAD) meets. The file named by FAULTY_HOST holds one of these; the
// campaign writes it, the process sees each change at once.
struct faulty_host {
  // Bytes that files can still grow by or be overwritten with; negative: any number.
  _Atomic int64_t room;
  // How many of the next fsync and fdatasync calls fail with EIO.
  _Atomic int64_t failing_syncs;
  // Whether the file system has gone read-only.
  _Atomic int64_t read_only;
  // What is added to the wall clock, in nanoseconds. Monotonic clocks go on as they are.
  _Atomic int64_t clock_offset;
};
