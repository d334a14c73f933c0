"""What CONTRIBUTING.md asks of Java files beyond their format.

    check_style.py [--fix] FOLDER     fails where a file does otherwise; --fix mends what it can
"""

import re
import sys
from pathlib import Path

TYPE = r'^ *(?:(?:public|protected|private|abstract|static|final|sealed|non-sealed|strictfp) )*' \
       r'(?:class|record|interface|enum|@interface) \w+'
# The line that ends with the brace of a type, which may begin some lines before.
BLANK = re.compile(rf'({TYPE}[^{{}};"]*\{{)\n\n', re.MULTILINE)
NO_ZERO = re.compile(r'(?<![\w.\])"])\.(?=\d+(?:e-?\d+)?[fFdD]?\b)')
# A comment begins with what the thing is or does, not with a clause whose noun the reader must guess.
CLAUSE = re.compile(r'/\*\*\s+(?:\*\s+)?(@\w+|(?:What|How|Whether|Where|When|Why|Who|Which|Of|As|In|By|From|To|With|For'
                    r'|That|Those|Not|But)\b)')
LONGEST = 450


def outside_text(line):
    """The line without strings and comments, in its length."""
    blank = lambda match: ' ' * len(match.group())  # noqa: E731
    line = re.sub(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])\'', blank, line)
    return re.sub(r'//.*|^\s*/?\*.*', blank, line)


def mended(text):
    text = BLANK.sub(r'\1\n', text)
    lines = []
    in_text = False
    for line in text.split('\n'):
        code = ' ' * len(line) if in_text else outside_text(line)
        if line.count('"""') % 2:
            in_text = not in_text
        for match in reversed(list(NO_ZERO.finditer(code))):
            line = line[: match.start()] + '0' + line[match.start():]
        lines.append(line)
    return '\n'.join(lines)


def main():
    fix = sys.argv[1] == '--fix'
    wrong = 0
    for file in sorted(Path(sys.argv[-1]).glob('src/*/*/java/**/*.java')):
        text = file.read_text()
        better = mended(text)
        if fix and better != text:
            file.write_text(better)
            continue
        for number, (is_, should) in enumerate(zip(text.split('\n'), better.split('\n'), strict=False), 1):
            if is_ != should:
                print(f'{file}:{number}: a blank line after the brace of a type, or .5 for 0.5', file=sys.stderr)
                wrong += 1
                break
        for match in CLAUSE.finditer(text):
            number = text.count('\n', 0, match.start()) + 1
            print(f"{file}:{number}: a comment that begins with '{match.group(1)}'; say first what it is or does",
                  file=sys.stderr)
            wrong += 1
        if text.count('\n') > LONGEST:
            print(f'{file}: {text.count(chr(10))} lines; past {LONGEST} there is a second idea in it', file=sys.stderr)
            wrong += 1
    if wrong:
        sys.exit(f'reverie: {wrong} faults; setup/check_style.py --fix . mends what it can')


if __name__ == '__main__':
    main()
