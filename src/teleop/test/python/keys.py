"""Runs a command in a terminal of its own, types what comes on standard input, and prints what the terminal shows."""

import os
import pty
import select
import sys

pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
sources = [terminal, sys.stdin.fileno()]
while True:
    for ready in select.select(sources, [], [])[0]:
        try:
            read = os.read(ready, 65536)
        except OSError:  # how a terminal ends on Linux
            read = b""
        if ready == terminal and not read:
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        if ready == terminal:
            os.write(sys.stdout.fileno(), read)
        elif read:
            os.write(terminal, read)
        else:
            sources.remove(ready)
