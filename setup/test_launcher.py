"""The launcher in a checkout of its own, in which nothing is prepared or built."""

import os
import shutil
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# A java that does nothing but say which signals it ignores, and one that says what it was given.
SIGNALS = '#!/bin/sh\ngrep SigIgn /proc/self/status\n'
OPTIONS = '#!/bin/sh\necho "$@" layer $MKL_THREADING_LAYER, branches $MKL_CBWR\n'


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

    def machine(self, java, module, classpath):
        """A JDK whose java is that script, and a module that was built with that class path."""
        jdk = self.folder / 'jdk'
        (jdk / 'bin').mkdir(parents=True)
        (jdk / 'release').write_text('JAVA_VERSION="25"\n')
        for program in ('java', 'javac'):
            (jdk / 'bin' / program).write_text(java)
            (jdk / 'bin' / program).chmod(0o755)
        target = self.folder / 'src' / module / 'target'
        target.mkdir(parents=True)
        (target / 'classpath').write_text(classpath)
        return {'REVERIE_PREPARED': str(self.folder), 'JAVA_HOME': str(jdk)}

    def test_what_is_started_in_the_background_hears_sigint(self):
        machine = self.machine(SIGNALS, 'robot', '')
        told, _ = self.start('robot', **machine).communicate(timeout=60)
        ignored = int(told.split()[-1], 16)
        self.assertEqual(0, ignored >> (signal.SIGINT - 1) & 1, told)

    def test_a_trainer_built_with_mkl_multiplies_by_it(self):
        machine = self.machine(OPTIONS, 'trainer', '/m2/torch.jar:/m2/mkl-2025.3-1.5.13-linux-x86_64-redist.jar')
        told, _ = self.start('train', 'improve', **machine).communicate(timeout=60)
        self.assertIn('-Dorg.bytedeco.openblas.load=mkl_rt', told)
        self.assertIn('layer GNU, branches AUTO', told)
        (self.folder / 'src' / 'trainer' / 'target' / 'classpath').write_text('/m2/torch.jar')
        told, _ = self.start('train', 'improve', **machine).communicate(timeout=60)
        self.assertNotIn('openblas', told)

    def test_setup_names_its_options(self):
        setup = subprocess.run([self.folder / 'reverie', 'setup', '--mlk'], capture_output=True, text=True, timeout=60)
        self.assertEqual(2, setup.returncode)
        for option in ('--libero', '--[no-]mkl'):
            self.assertIn(option, setup.stderr)


if __name__ == '__main__':
    unittest.main()
