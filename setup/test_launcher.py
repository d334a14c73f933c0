"""The launcher in a checkout of its own, in which nothing is prepared or built."""

import os
import shutil
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# A java that does nothing but say which signals it ignores.
JAVA = '#!/bin/sh\ngrep SigIgn /proc/self/status\n'


class LauncherTest(unittest.TestCase):

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        shutil.copy(ROOT / 'reverie', self.folder)
        shutil.copytree(ROOT / 'setup', self.folder / 'setup', ignore=shutil.ignore_patterns('__pycache__'))

    def start(self, *arguments, **variables):
        """With SIGINT ignored, as a shell leaves what it starts in the background."""
        return subprocess.Popen([self.folder / 'reverie', *arguments], env={**os.environ, **variables},
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))

    def test_help_prepares_and_builds_nothing(self):
        before = sorted(self.folder.rglob('*'))
        for words in (['demo'], ['simulated-arm', 'tasks'], ['train', 'clone-successes']):
            with self.subTest(words):
                told, _ = self.start(*words, '--help').communicate(timeout=60)
                self.assertEqual((ROOT / 'setup' / 'help' / ('-'.join(words) + '.txt')).read_text(), told)
        self.assertEqual(before, sorted(self.folder.rglob('*')))

    def test_what_is_started_in_the_background_hears_sigint(self):
        jdk = self.folder / 'jdk'
        (jdk / 'bin').mkdir(parents=True)
        (jdk / 'release').write_text('JAVA_VERSION="25"\n')
        for program in ('java', 'javac'):
            (jdk / 'bin' / program).write_text(JAVA)
            (jdk / 'bin' / program).chmod(0o755)
        target = self.folder / 'src' / 'robot' / 'target'
        target.mkdir(parents=True)
        (target / 'classpath').touch()
        told, _ = self.start('robot', REVERIE_PREPARED=str(self.folder), JAVA_HOME=str(jdk)).communicate(timeout=60)
        ignored = int(told.split()[-1], 16)
        self.assertEqual(0, ignored >> (signal.SIGINT - 1) & 1, told)


if __name__ == '__main__':
    unittest.main()
