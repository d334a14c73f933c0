"""Fails where Java tests were skipped that setup/skipped.txt does not name; names what passed only when run again.

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


def cases(root):
    """The name of each test case below a folder, and what its report has on it."""
    for report in sorted(Path(root).glob('src/*/target/surefire-reports/TEST-*.xml')):
        for case in ElementTree.parse(report).iter('testcase'):
            yield f"{case.get('classname').rpartition('.')[2]}#{case.get('name').partition('(')[0]}", case


def reason(element):
    return element.get('message') or (element.text or '').strip().partition('\n')[0]


def problems(ran):
    allowed = expected()
    if not ran:
        yield 'there are no reports of tests'
    for test, case in ran:
        skipped = case.find('skipped')
        if skipped is not None and test not in allowed:
            why = reason(skipped)
            yield f'{test} was skipped: {why}; make it run, or name it in setup/{EXPECTED.name} with the reason'


def main():
    ran = list(cases(sys.argv[1]))
    for test, case in ran:
        for failed in (*case.iter('flakyFailure'), *case.iter('flakyError')):
            print(f'reverie: {test} passed only when run again: {reason(failed)}; mend it', file=sys.stderr)
    found = list(problems(ran))
    for problem in found:
        print(f'reverie: {problem}', file=sys.stderr)
    sys.exit(1 if found else 0)


if __name__ == '__main__':
    main()
