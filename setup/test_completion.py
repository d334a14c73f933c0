"""What the shell offers after a part of a command line of ./reverie."""

import os
import pty
import re
import select
import shutil
import subprocess
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = '''
source setup/completion.sh
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_reverie
echo "${COMPREPLY[*]}"
'''
PROMPT = b'ready> '
LIST = b'\x04'  # Ctrl-D in a line that has words
DEADLINE_S = 60


def offered(*words):
    return subprocess.run(['bash', '-c', SCRIPT, 'bash', *words], cwd=ROOT, check=True, capture_output=True,
                          text=True).stdout.split()


def read_until(terminal, end):
    """What a terminal shows until it ends so, without what moves its cursor."""
    said = b''
    deadline = time.monotonic() + DEADLINE_S
    while not said.endswith(end):
        if not select.select([terminal], [], [], max(0, deadline - time.monotonic()))[0]:
            raise AssertionError(f'zsh never said {end!r}, but {said!r}')
        said = re.sub(rb'\x1b\[[?0-9;]*[a-zA-Z]', b'', said + os.read(terminal, 4096))
    return said.decode()


def offered_by_zsh(line):
    """The words that a zsh of nobody's settings lists below a line."""
    zsh, terminal = pty.fork()
    if zsh == 0:
        os.chdir(ROOT)
        os.environ.update(TERM='dumb', PS1=PROMPT.decode())
        os.execlp('zsh', 'zsh', '-f', '-i')
    try:
        read_until(terminal, PROMPT)
        os.write(terminal, b'source setup/completion.sh\n')
        read_until(terminal, PROMPT)
        os.write(terminal, line.encode() + LIST)
        shown = read_until(terminal, b'\r\n' + PROMPT + line.encode())
    finally:
        os.close(terminal)
        os.waitpid(zsh, 0)
    return shown.partition('\r\n')[2].rpartition(PROMPT.decode())[0].split()


class CompletionTest(unittest.TestCase):

    def test_commands_and_no_subcommands(self):
        self.assertEqual(offered('./reverie', 'ro'), ['robot', 'rollouts', 'round', 'ros-env'])
        self.assertEqual(offered('./reverie', 'simu'), ['simulated-arm'])

    def test_subcommands(self):
        self.assertEqual(offered('./reverie', 'train', 'clone'), ['clone-by-advantage', 'clone-successes'])
        self.assertIn('recover', offered('./reverie', 'rollouts', ''))

    def test_options_of_a_subcommand(self):
        self.assertEqual(offered('./reverie', 'train', 'grpo', '--s'), ['--seed=', '--settings='])
        self.assertEqual(offered('./reverie', 'evaluate', 'A', 'B', '--pa'), ['--pairs=', '--pause='])

    def test_files_where_nothing_is_known(self):
        self.assertEqual(offered('./reverie', 'robot', ''), [])
        self.assertEqual(offered('./reverie', 'unknown', '--'), [])

    @unittest.skipUnless(shutil.which('zsh'), 'needs zsh of the system')
    def test_zsh_lists_the_same(self):
        self.assertEqual(sorted(offered_by_zsh('./reverie ro')), ['robot', 'rollouts', 'ros-env', 'round'])
        self.assertEqual(offered_by_zsh('./reverie train clone'), ['clone-by-advantage', 'clone-successes'])
        self.assertEqual(offered_by_zsh('./reverie train grpo --s'), ['--seed=', '--settings='])
        self.assertEqual(offered_by_zsh('setup/../reverie evaluate A B --pa'), ['--pairs=', '--pause='])
        self.assertIn('docs/', offered_by_zsh('./reverie robot '))


if __name__ == '__main__':
    unittest.main()
