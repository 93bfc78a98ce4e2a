#!/usr/bin/env python3
"""Types lines into an interactive shell on a terminal of its own, presses Tab behind each, and
prints the words that each line then has, a line for each: ["dcmrisk", "assess"].

usage: typed.py bash|zsh SETUP LINE...    SETUP: a line that the shell runs first

Nothing waits for the clock: keys are taken in order, and the shell prints what it got."""
import json
import os
import pty
import select
import sys
import time

SHELLS = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}
LIMIT = 60


def read_until(fd, mark):
    seen, end = b"", time.monotonic() + LIMIT
    while mark not in seen:
        if not select.select([fd], [], [], max(0, end - time.monotonic()))[0]:
            sys.exit(f"no answer within {LIMIT} s; so far: {seen!r}")
        try:
            part = os.read(fd, 65536)
        except OSError:
            part = b""
        if not part:
            sys.exit(f"the shell went away; so far: {seen!r}")
        seen += part
    return seen


def main():
    shell, setup, *lines = sys.argv[1:]
    script = os.path.join(os.environ["TMP"], "say.py")
    with open(script, "w", encoding="ascii") as f:
        f.write("import json, sys\nprint('\\n<' + json.dumps(sys.argv[1:-1]) + '>')\n")
    pid, fd = pty.fork()
    if pid == 0:
        env = dict(os.environ, TERM="dumb", PS1="$ ", HOME=os.environ["TMP"], say=script)
        os.execvpe(SHELLS[shell][0], SHELLS[shell], env)
    os.write(fd, setup.encode() + b"; echo rea''dy\n")
    read_until(fd, b"ready")
    for line in lines:
        # Tab; then, at the beginning of the line, what prints its words.
        os.write(fd, line.encode() + b"\t\x01python3 \"$say\" \x05 END\n")
        seen = read_until(fd, b"]>")
        print(seen[seen.rindex(b"<[") + 1 : seen.rindex(b"]>") + 1].decode())
    os.write(fd, b"exit\n")
    os.waitpid(pid, 0)


main()
