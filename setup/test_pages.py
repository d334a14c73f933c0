"""Holds the pages against the tree: links, paths, and the tests and types that they name."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*ROOT.glob('*.md'), *ROOT.glob('docs/*.md'), *ROOT.glob('docs/policies/*.md'),
         *ROOT.glob('calibration/*.md'), *ROOT.glob('src/*/README.md')]
SOURCES = [*ROOT.glob('src/*/main/java/**/*.java'), *ROOT.glob('src/*/test/java/**/*.java'),
           *ROOT.glob('bench/**/*.java')]

LINK = re.compile(r'\[[^]]*]\(([^)\s]+)\)')
PICTURE = re.compile(r'!\[[^]]+]\((\S+\.png)\)|<img src="(\S+\.png)"[^>]* alt="[^"]+">')
CODE = re.compile(r'`([^`\n]+)`')
FOLDERS = ('src/', 'docs/', 'setup/', 'bench/', 'launch/', 'models/', 'msg/', 'srv/', 'action/', 'calibration/', '.ci/')
# What a word in capitals or with a wildcard stands for is the reader's.
PLACEHOLDER = re.compile(r'[*<>{}$]|\b[A-Z]{2,}\b|\bmy_')
TYPE = re.compile(r'(?:[A-Z][a-z0-9]+){2,}')
FIRST_CELL = re.compile(r'^\| ([^|]*`[^|]*) \|', re.MULTILINE)
HOLD = re.compile(r'^\| `[A-Z_]+` \| ([^|]+) \| [^|]+ \|$', re.MULTILINE)
# A message is known by two runs of so many words, since values stand between them.
RUN = 3
# Types of other people, which are not in our sources.
FOREIGN = {'AutoencoderKL'}


def text_without_blocks(page):
    return re.sub(r'^```.*?^```$', '', page.read_text(), flags=re.MULTILINE | re.DOTALL)


def codes(page):
    return CODE.findall(text_without_blocks(page))


def anchors(page):
    headings = re.findall(r'^#+ (.*)$', page.read_text(), re.MULTILINE)
    return {re.sub(r'[^\w\- ]', '', heading.lower()).replace(' ', '-') for heading in headings}


def words(text):
    return re.findall('[a-z]+', text.lower())


def sources_of(name):
    """All of them: modules may have tests of one name."""
    return ''.join(file.read_text() for file in SOURCES if file.stem == name)


class PagesTest(unittest.TestCase):

    def test_ros_reads_the_version_that_maven_has(self):
        revision = re.search(r'<revision>(.*)</revision>', (ROOT / 'pom.xml').read_text()).group(1)
        self.assertIn(f'<version>{revision}</version>', (ROOT / 'package.xml').read_text())

    def test_every_link_leads_somewhere(self):
        for page in PAGES:
            for link in LINK.findall(text_without_blocks(page)):
                if link.startswith(('http:', 'https:', 'mailto:')):
                    continue
                path, _, anchor = link.partition('#')
                target = (page.parent / path).resolve() if path else page
                with self.subTest(page=page.name, link=link):
                    self.assertTrue(target.exists())
                    if anchor:
                        self.assertIn(anchor, anchors(target))

    def test_every_picture_is_shown_with_words_and_is_small(self):
        shown = {(page.parent / (a or b)).resolve() for page in PAGES for a, b in PICTURE.findall(page.read_text())}
        kept = set((ROOT / 'docs' / 'pictures').iterdir())
        self.assertTrue(kept)
        self.assertEqual(kept, shown)
        for picture in kept:
            data = picture.read_bytes()
            with self.subTest(picture=picture.name):
                self.assertLess(len(data), 150_000)
                self.assertEqual((8, 3), (data[24], data[25]), 'bits, and colours of a palette')

    def test_every_path_that_a_page_names_is_there(self):
        for page in PAGES:
            for word in ' '.join(codes(page)).split():
                path = word.strip('"\'();,:').partition('#')[0]
                if path.startswith(FOLDERS) and not PLACEHOLDER.search(path):
                    with self.subTest(page=page.name, path=path):
                        self.assertTrue((ROOT / path).exists() or '/target/' in path)

    def test_every_test_that_a_page_names_is_there(self):
        for page in PAGES:
            last = ''
            for name, method in re.findall(r'`(\w*)#(\w+)`', text_without_blocks(page)):
                last = name or last
                with self.subTest(page=page.name, test=f'{last}#{method}'):
                    self.assertIn(f' {method}(', sources_of(last))

    def test_every_type_that_a_page_names_is_in_the_sources(self):
        known = set()
        for file in SOURCES:
            known.update(re.findall(r'\w+', file.read_text()))
        for page in PAGES:
            for code in codes(page):
                if TYPE.fullmatch(code):
                    with self.subTest(page=page.name, type=code):
                        self.assertTrue(code in known or code in FOREIGN)

    def test_sources_cite_pages_of_this_repository_only(self):
        names = {page.name for page in PAGES}
        for file in [*SOURCES, *ROOT.glob('src/**/*.py'), *ROOT.glob('setup/*.sh'), *ROOT.glob('bench/*.py')]:
            for name in re.findall(r'(?<![\w/-])(?:docs/)?([a-z]+(?:-[a-z]+)*\.md)\b', file.read_text()):
                with self.subTest(file=file.name, page=name):
                    self.assertTrue(name in names)

    def test_messages_that_pages_quote_are_those_of_the_sources(self):
        files = [*ROOT.glob('src/*/main/java/**/*.java'), *ROOT.glob('setup/*.sh'), ROOT / 'reverie']
        sources = ' '.join(words('\n'.join(file.read_text() for file in files)))
        trouble = (ROOT / 'docs' / 'troubleshooting.md').read_text()
        quoted = [code for cell in FIRST_CELL.findall(trouble) for code in CODE.findall(cell)]
        quoted += HOLD.findall((ROOT / 'docs' / 'robot-node.md').read_text())
        for message in quoted:
            said = words(message)
            runs = [' '.join(said[i:i + RUN]) for i in range(len(said) - RUN + 1)]
            if len(runs) > RUN:
                with self.subTest(message):
                    self.assertGreaterEqual(sum(run in sources for run in runs), 2)

    def test_every_command_that_a_page_shows_is_one_of_the_launcher(self):
        cases = re.findall(r'^    ([a-z| -]+)\)', (ROOT / 'reverie').read_text(), re.MULTILINE)
        commands = {name for case in cases for name in case.split(' | ')}
        self.assertIn('demo', commands)
        for page in PAGES:
            for command in re.findall(r'\./reverie ([a-z][a-z-]*)', page.read_text()):
                with self.subTest(page=page.name, command=command):
                    self.assertTrue(command in commands)

    def test_the_readme_shows_the_named_run(self):
        shown = re.search(r'^```\n( +success .*?)\n```$', (ROOT / 'README.md').read_text(), re.MULTILINE | re.DOTALL)
        named = (ROOT / 'docs' / 'results.md').read_text().partition('\n## A named run\n')[2].partition('\n## ')[0]
        self.assertIn('\n'.join('    ' + line for line in shown.group(1).split('\n')), named)


if __name__ == '__main__':
    unittest.main()
