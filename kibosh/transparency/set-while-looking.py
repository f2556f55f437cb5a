"""A fault is set while files are looked at for the first time: set-while-looking.py TARGET MIRROR

Prints how many of those files can still be looked at once the fault is set: the kernel kept them.
"""
import os
import sys
import threading

FILES = 60
ROUNDS = 60
THREADS = 3
FAULT = '{"faults":[{"type":"error","ops":["lookup","getattr"],"prefix":"/seen"}]}'


def put(mirror, text):
    with open("%s/kibosh_control" % mirror, "w") as control:
        control.write(text)


def fails(path):
    try:
        os.stat(path)
        return False
    except OSError:
        return True


def look(paths, seen, begun):
    for path in paths:
        seen.append(path)
        failed = fails(path)
        begun.set()
        if failed:
            return


def kept(mirror, paths):
    seen = [[] for _ in range(THREADS)]
    begun = threading.Event()
    threads = [
        threading.Thread(target=look, args=(paths[i::THREADS], seen[i], begun))
        for i in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    begun.wait()
    put(mirror, FAULT)
    for thread in threads:
        thread.join()
    return sum(not fails(path) for some in seen for path in some)


def main():
    target, mirror = sys.argv[1:]
    total = 0
    for number in range(ROUNDS):
        names = ["seen%d-%d" % (number, i) for i in range(FILES)]
        for name in names:
            open("%s/%s" % (target, name), "w").close()
        total += kept(mirror, ["%s/%s" % (mirror, name) for name in names])
        put(mirror, "{}")
    print(total)


main()
