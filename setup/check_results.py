"""Fails where Java tests were skipped that setup/skipped.txt does not name.

    check_results.py FOLDER     with the surefire reports below src/*/target
"""

import os
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

EXPECTED = Path(__file__).with_name('skipped.txt')


def expected():
    """The tests that may be skipped by whoever runs them."""
    lines = [line for line in EXPECTED.read_text().splitlines() if line and line[0] != '#']
    tests = (line.partition(':')[0] for line in lines)
    return {test.removesuffix(' [not root]') for test in tests if os.geteuid() != 0 or not test.endswith(' [not root]')}


def problems(root):
    allowed = expected()
    reports = sorted(Path(root).glob('src/*/target/surefire-reports/TEST-*.xml'))
    if not reports:
        yield f'there are no reports of tests below {root}/src'
    for report in reports:
        for case in ElementTree.parse(report).iter('testcase'):
            test = f"{case.get('classname').rpartition('.')[2]}#{case.get('name').partition('(')[0]}"
            skipped = case.find('skipped')
            if skipped is not None and test not in allowed:
                why = skipped.get('message') or (skipped.text or '').strip().partition('\n')[0]
                yield f'{test} was skipped: {why}; make it run, or name it in setup/{EXPECTED.name} with the reason'


def main():
    found = list(problems(sys.argv[1]))
    for problem in found:
        print(f'reverie: {problem}', file=sys.stderr)
    sys.exit(1 if found else 0)


if __name__ == '__main__':
    main()
