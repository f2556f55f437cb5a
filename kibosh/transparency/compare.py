"""Makes the same random system calls in two folders and compares what each says and leaves behind.

usage: compare.py NATIVE MIRROR TARGET STEPS SEED

NATIVE is a plain folder; MIRROR is a mount that shows TARGET. Ends with 1 and the differences, else
with 0. Left out, as they differ by design: opening devices, offsets of data in directories.
"""
import ctypes
import errno
import fcntl
import mmap
import os
import random
import stat
import sys

NAMES = ["a", "b", "c", "d1", "d1/x", "d1/y", "d2", "d2/z", "d2/e/f", "l1", "l2"]
SIZES = [0, 1, 100, 4096, 5000, 70000, 300000]
OFFSETS = [0, 1, 50, 4095, 4096, 100000]
MODES = [0o644, 0o600, 0o4755, 0o2755, 0o1777, 0]
FLAGS = [
    os.O_RDONLY,
    os.O_RDWR,
    os.O_WRONLY | os.O_APPEND,
    os.O_RDWR | os.O_CREAT,
    os.O_RDWR | os.O_CREAT | os.O_EXCL,
    os.O_RDWR | os.O_TRUNC,
    os.O_RDWR | os.O_APPEND,
]
RENAME_NOREPLACE, RENAME_EXCHANGE = 1, 2
FALLOC_PUNCH = 3
libc = ctypes.CDLL(None, use_errno=True)


def checked(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), "")
    return result


def facts(status, with_times=False):
    """What must be equal of an inode. Folders have sizes of their own on each file system."""
    folder = stat.S_ISDIR(status.st_mode)
    sizes = (0, 0) if folder else (status.st_nlink, status.st_size)
    times = (status.st_mtime_ns, status.st_atime_ns) if with_times else ()
    return (oct(status.st_mode), status.st_uid, status.st_gid, status.st_rdev, *sizes, *times)


class Player:
    """One folder, its open files, and its own copy of the same random numbers."""

    def __init__(self, root, seed):
        self.root = root
        self.random = random.Random(seed)
        self.files = {}
        actions = {**PATH_ACTIONS, **FILE_ACTIONS, "open": None, "close": None}
        self.actions = sorted(actions)

    def step(self):
        draw = self.random
        name = draw.choice(self.actions)
        one, other = (os.path.join(self.root, draw.choice(NAMES)) for _ in range(2))
        slot, size, offset = draw.randrange(6), draw.choice(SIZES), draw.choice(OFFSETS)
        mode, flags, number = draw.choice(MODES), draw.choice(FLAGS), draw.randrange(256)
        arguments = {
            "size": size,
            "offset": offset,
            "mode": mode,
            "number": number,
            "data": bytes([number]) * size,
        }
        try:
            if name == "open":
                self.close(slot)
                self.files[slot] = os.open(one, flags, mode)
                return name, "opened"
            if name == "close":
                return name, self.close(slot)
            if name in FILE_ACTIONS:
                if slot not in self.files:
                    return name, "not open"
                return name, FILE_ACTIONS[name](self.files[slot], **arguments)
            return name, PATH_ACTIONS[name](one, other, **arguments)
        except OSError as error:
            return name, errno.errorcode.get(error.errno, error.errno)

    def close(self, slot):
        if slot in self.files:
            os.close(self.files.pop(slot))


def link(one, other, **_):
    os.link(one, other, follow_symlinks=False)
    return facts(os.lstat(one)), facts(os.lstat(other))


def chown(one, _, number, **__):
    os.chown(one, number % 3, number % 2, follow_symlinks=False)
    return facts(os.lstat(one))


def utime(one, _, offset, **__):
    times = (10**9 * offset, 10**9 * offset + 123456789)
    os.utime(one, ns=times, follow_symlinks=False)
    return facts(os.lstat(one), with_times=True)


def listing(one, _, **__):
    return sorted((e.name, e.is_dir(follow_symlinks=False), e.is_symlink()) for e in os.scandir(one))


def xattr(number):
    return "user." + "ab"[number % 2]


def rename2(flags):
    return lambda one, other, **_: checked(
        libc.renameat2(-100, os.fsencode(one), -100, os.fsencode(other), flags)
    )


PATH_ACTIONS = {
    "truncate": lambda one, _, offset, **__: (os.truncate(one, offset), facts(os.stat(one))),
    "unlink": lambda one, _, **__: os.unlink(one),
    "rmdir": lambda one, _, **__: os.rmdir(one),
    "mkdir": lambda one, _, mode, **__: (os.mkdir(one, mode | 0o700), facts(os.stat(one))),
    "rename": lambda one, other, **_: os.rename(one, other),
    "exchange": rename2(RENAME_EXCHANGE),
    "rename to nothing": rename2(RENAME_NOREPLACE),
    "link": link,
    "symlink": lambda one, other, **_: os.symlink(os.path.basename(one), other),
    "readlink": lambda one, _, **__: os.readlink(one),
    "stat": lambda one, _, **__: facts(os.stat(one)),
    "lstat": lambda one, _, **__: facts(os.lstat(one)),
    "list": listing,
    "chmod": lambda one, _, mode, **__: (os.chmod(one, mode), facts(os.stat(one))),
    "chown": chown,
    "utime": utime,
    "mknod": lambda one, _, **__: os.mknod(one, stat.S_IFSOCK | 0o600),
    "access": lambda one, _, **__: [os.access(one, how) for how in (os.R_OK, os.W_OK, os.X_OK)],
    "setxattr": lambda one, _, number, data, **__: os.setxattr(
        one, xattr(number), data[:1000], follow_symlinks=False
    ),
    "getxattr": lambda one, _, number, **__: os.getxattr(
        one, xattr(number), follow_symlinks=False
    ),
    "listxattr": lambda one, _, **__: sorted(os.listxattr(one, follow_symlinks=False)),
    "removexattr": lambda one, _, number, **__: os.removexattr(
        one, xattr(number), follow_symlinks=False
    ),
}


def preadv(fd, offset, **_):
    parts = [bytearray(100), bytearray(5000)]
    return os.preadv(fd, parts, offset), bytes(parts[0]), bytes(parts[1])


def seek(fd, offset, number, **_):
    if stat.S_ISDIR(os.fstat(fd).st_mode):
        return "a folder"
    return os.lseek(fd, offset, (os.SEEK_DATA, os.SEEK_HOLE)[number % 2])


def map_shared(fd, **_):
    if os.fstat(fd).st_size < 4096:
        return "too small"
    with mmap.mmap(fd, 4096) as mapped:
        mapped[10:20] = b"0123456789"
        seen = bytes(mapped)
        mapped.flush()
    return seen, os.pread(fd, 4096, 0)


def lock(fd, **_):
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


FILE_ACTIONS = {
    "pwrite": lambda fd, data, offset, **_: os.pwrite(fd, data, offset),
    "write": lambda fd, data, **_: os.write(fd, data),
    "write behind a hole": lambda fd, data, offset, **_: os.pwrite(fd, data, offset + 1000000),
    "pread": lambda fd, size, offset, **_: os.pread(fd, size, offset),
    "preadv": preadv,
    "ftruncate": lambda fd, offset, **_: (os.ftruncate(fd, offset), facts(os.fstat(fd))),
    "fsync": lambda fd, **_: os.fsync(fd),
    "fdatasync": lambda fd, **_: os.fdatasync(fd),
    "fallocate": lambda fd, size, offset, **_: (
        os.posix_fallocate(fd, offset, size + 1),
        facts(os.fstat(fd)),
    ),
    "punch a hole": lambda fd, size, offset, **_: checked(
        libc.fallocate(fd, FALLOC_PUNCH, ctypes.c_long(offset), ctypes.c_long(size + 1))
    ),
    "seek data": seek,
    "map": map_shared,
    "lock": lock,
    "fstat": lambda fd, **_: facts(os.fstat(fd)),
    "fchmod": lambda fd, mode, **_: (os.fchmod(fd, mode), facts(os.fstat(fd))),
}


def tree(root):
    found = []
    for folder, folders, files in sorted(os.walk(root)):
        for name in sorted(folders + files):
            path = os.path.join(folder, name)
            status = os.lstat(path)
            content = None
            if stat.S_ISREG(status.st_mode):
                with open(path, "rb") as file:
                    content = file.read()
            found.append((os.path.relpath(path, root), facts(status), content))
    return found


def main(native, mirror, target, steps, seed):
    players = [Player(native, int(seed)), Player(mirror, int(seed))]
    problems = []
    for number in range(int(steps)):
        expected, got = (player.step() for player in players)
        if expected != got and len(problems) < 5:
            problems.append("step %d: %.300r there, %.300r here" % (number, expected, got))
    for player in players:
        for slot in list(player.files):
            player.close(slot)
    trees = [tree(folder) for folder in (native, mirror, target)]
    for what, other in (("the plain folder", trees[0]), ("the target", trees[2])):
        names = [one[0] for one in trees[1] if one not in other]
        if names or len(trees[1]) != len(other):
            problems.append("the mirror differs from %s: %s" % (what, names[:5]))
    print("\n".join(problems))
    return 1 if problems else 0


sys.exit(main(*sys.argv[1:]))
