"""What the shell offers after a part of a command line of ./reverie."""

import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = '''
source setup/completion.sh
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_reverie
echo "${COMPREPLY[*]}"
'''


def offered(*words):
    return subprocess.run(['bash', '-c', SCRIPT, 'bash', *words], cwd=ROOT, check=True, capture_output=True,
                          text=True).stdout.split()


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


if __name__ == '__main__':
    unittest.main()
