"""Fails where Java tests were skipped that setup/skipped.txt does not name, or passed only when they were run again.

    check_results.py FOLDER     with the surefire reports below src/*/target
"""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

EXPECTED = Path(__file__).with_name('skipped.txt')


def expected():
    """Lines of 'Class#test: why', without the comments."""
    lines = (line.strip() for line in EXPECTED.read_text().splitlines())
    return {line.partition(':')[0]: line.partition(':')[2].strip() for line in lines if line and line[0] != '#'}


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
            if any(case.find(kind) is not None for kind in ('flakyFailure', 'flakyError', 'rerunFailure')):
                yield f'{test} passed only when it was run again: a test that fails at times is mended, not repeated'


def main():
    found = list(problems(sys.argv[1]))
    for problem in found:
        print(f'reverie: {problem}', file=sys.stderr)
    sys.exit(1 if found else 0)


if __name__ == '__main__':
    main()
