// Mounting and unmounting, and the layouts that are refused because the file system would wait for
// itself.
#ifndef KIBOSH_MOUNT_H
#define KIBOSH_MOUNT_H

#include <stdbool.h>
#include <sys/types.h>

#define PROBLEM_SIZE 9216

// Opens the target and checks it and the mount point, clearing away a dead mount of ours first. The
// answer is the target's descriptor, or -1 with a sentence in `problem`.
int mount_prepare(const char *target, const char *mountpoint, bool nonempty, char *problem);
// Opens /dev/fuse and mounts it, setting session.device and own_dev; false with a sentence in
// `problem`.
bool mount_now(char *problem);
// Unmounts what is mounted last at the mount point if it is the device `own`; lazily when busy.
// False when there is nothing of ours.
bool unmount(const char *mountpoint, dev_t own, bool force);
// For the command line: any file system of ours. Prints what it did.
int unmount_command(const char *mountpoint);

#endif
