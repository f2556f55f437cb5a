"""Many open files and many threads in one folder: usage: many-at-once.py FOLDER FILES THREADS

Each file keeps what was written to it while all are open, also after it is removed; each thread
writes at random places of a file of its own and reads back what it wrote.
"""
import os
import random
import resource
import sys
import threading

SIZE = 200000


def many_files(folder, count):
    paths = ["%s/many%d" % (folder, number) for number in range(count)]
    files = [os.open(path, os.O_CREAT | os.O_RDWR) for path in paths]
    for number, file in enumerate(files):
        os.write(file, b"%d" % number)
    for path in paths[::2]:
        os.unlink(path)
    for number, file in enumerate(files):
        assert os.pread(file, 20, 0) == b"%d" % number
        assert os.fstat(file).st_nlink == number % 2
        os.close(file)
    for path in paths[1::2]:
        os.unlink(path)


def write_at_random(path, seed, failures):
    draw, expected = random.Random(seed), bytearray(SIZE)
    file = os.open(path, os.O_CREAT | os.O_RDWR)
    os.ftruncate(file, SIZE)
    for _ in range(100):
        start = draw.randrange(SIZE)
        data = bytes([draw.randrange(1, 256)]) * draw.randrange(1, 10000)
        data = data[: SIZE - start]
        os.pwrite(file, data, start)
        expected[start : start + len(data)] = data
    if os.pread(file, SIZE, 0) != expected:
        failures.append(path)
    os.close(file)


def many_threads(folder, count):
    failures = []
    threads = [
        threading.Thread(target=write_at_random, args=("%s/w%d" % (folder, n), n, failures))
        for n in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == [], failures


def main(folder, files, threads):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    many_files(folder, int(files))
    many_threads(folder, int(threads))


main(*sys.argv[1:])
