"""The table's cells, lines and pages, without running a cell."""

import dataclasses
import json
import random
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'bench' / 'table'))

import cells  # noqa: E402
import lines  # noqa: E402
import page  # noqa: E402
import pairs  # noqa: E402
import work  # noqa: E402


def line(task, method, budget, seed, share, n=200, **more):
    of = random.Random(f'{task} {seed}')
    outcomes = [of.random() < share for _ in range(n)]
    made_of = f'{task}{method}{budget}{seed}'
    return {'task': task, 'method': method, 'budget': budget, 'seed': seed, 'n': len(outcomes), 'outcomes': outcomes,
            'made_of': made_of, 'code': 'c', 'cpu_s': 36.0, **more}


def of_code(every, size, code, date):
    """A line of each cell, as of some code."""
    return [
        line(cell.task, cell.method, cell.budget, cell.seed, 0.5)
        | {'code': code, 'made_of': cells.made_of(cell, size, code), 'date': date, 'revision': '2026'}
        for cell in every
    ]


class Table(unittest.TestCase):

    def test_a_cell_is_known_by_all_that_decides_it(self):
        size = cells.SIZES['first']
        cell = cells.Cell('press', 'dpo', 128, 1)
        hashes = {
            cells.made_of(cell, size, 'one'),
            cells.made_of(cell, size, 'other'),
            cells.made_of(cells.Cell('press', 'dpo', 128, 2), size, 'one'),
            cells.made_of(cells.Cell('press', 'wovr', 128, 1), size, 'one'),
            cells.made_of(cell, cells.SIZES['whole'], 'one'),
        }
        self.assertEqual(5, len(hashes))
        self.assertEqual(cells.made_of(cell, size, 'one'), cells.made_of(cell, size, 'one'))

    def test_the_base_policy_is_one_cell_of_each_task_and_seed(self):
        every = cells.cells(cells.SIZES['whole'])
        self.assertEqual(len(set(every)), len(every))
        self.assertEqual(4 * 3, sum(cell.method == 'base' for cell in every))
        self.assertEqual(4 * 3 * 2 * 6, sum(cell.method != 'base' for cell in every))

    def test_a_cell_that_ended_is_not_run_again_and_one_that_failed_is(self):
        size, told, ran = cells.SIZES['ci'], [], []

        class Worker:
            def run(self, cell, code):
                ran.append(cell.method)
                made_of = cells.made_of(cell, size, code)
                failed = {'failed': 'no memory'} if cell.method == 'wmpo' and len(ran) < 4 else {}
                refused = {'refused': 'too few'} if cell.method == 'clone-successes' else {}
                return line(cell.task, cell.method, cell.budget, cell.seed, 0.5, 0) | failed | refused | {
                    'made_of': made_of, 'code': code, 'wall_s': 1.0}

        with tempfile.TemporaryDirectory() as folder:
            for _ in range(3):
                work.run(cells.cells(size), Path(folder), size, Worker(), told.append)
            self.assertEqual(['base', 'clone-successes', 'wmpo', 'wmpo'], ran)
            self.assertEqual(4, len(lines.read(Path(folder, 'lines.jsonl'))))

    def test_lines_come_back_as_they_were_written_and_damage_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, 'lines.jsonl')
            one = line('press', 'wmpo', 128, 1, 0.7)
            lines.write(file, one)
            lines.write(file, one | {'code': 'd'})
            self.assertEqual([one, one | {'code': 'd'}], lines.read(file))
            file.write_text(json.dumps({'task': 'press'}) + '\n')
            with self.assertRaisesRegex(lines.LinesError, 'lines.jsonl:1 is no line of this table'):
                lines.read(file)

    def test_a_pair_that_is_whole_is_not_run_again_and_one_begun_with_other_code_is_begun_anew(self):
        size = cells.SIZES['ci']
        every = cells.cells(size)
        old = of_code(every, size, 'old', '2026-01-02')
        self.assertEqual([], pairs.waiting(every, size, old, 'new'))
        self.assertEqual(every, pairs.waiting(every, size, old, 'new', again=True))
        self.assertEqual(every, pairs.waiting(every, size, old[1:], 'new'))
        self.assertEqual(every[:1], pairs.waiting(every, size, old[1:], 'old'))
        self.assertEqual(every[2:], pairs.waiting(every, size, old[:2] + [old[2] | {'failed': 'no'}], 'old'))
        begun = old + of_code(every[:2], size, 'new', '2026-01-03')
        self.assertEqual([], pairs.waiting(every, size, begun, 'new'))
        self.assertEqual(every[2:], pairs.waiting(every, size, begun, 'new', again=True))

    def test_a_page_is_of_one_code_a_pair_and_of_several_across_pairs(self):
        size = dataclasses.replace(cells.SIZES['ci'], seeds=(1, 2))
        one, two = (cells.cells(dataclasses.replace(size, seeds=(seed,))) for seed in (1, 2))
        old, new = of_code(one, size, 'old', '2026-01-02'), of_code(two, size, 'new', '2026-01-03')
        self.assertEqual((old + new, []), pairs.chosen(size, old + new))
        again = of_code(one, size, 'new', '2026-01-03')
        self.assertEqual((again + new, []), pairs.chosen(size, again + old + new))
        self.assertEqual((old + new, []), pairs.chosen(size, old + again[1:] + new))
        used, (told,) = pairs.chosen(size, old[:2] + again[1:] + new)
        self.assertEqual(new, used)
        self.assertRegex(told, 'insert, seed 1, .* 2 of old, 2 of new; let `run` end it .* or delete')
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual([], page.write(old + new, size, Path(folder)))
            text = Path(folder, 'table.md').read_text()
            self.assertIn('| old | 2026 of 2026-01-02 | insert 1 |', text)
            self.assertIn('| new | 2026 of 2026-01-03 | insert 2 |', text)
            self.assertEqual(old + new, lines.read(Path(folder, 'table.jsonl')))

    def test_lines_of_two_files_are_one_a_cell_the_last_that_did_not_fail(self):
        with tempfile.TemporaryDirectory() as folder:
            known, here = Path(folder, 'known'), Path(folder, 'here')
            well, failed = line('press', 'dpo', 128, 1, 0.5), line('press', 'dpo', 128, 1, 0, 0, failed='no room')
            lines.write(known, well)
            lines.write(here, failed)
            lines.write(here, line('press', 'wmpo', 128, 1, 0, 0, failed='no room'))
            lines.write(here, line('press', 'wmpo', 128, 1, 0.6))
            self.assertEqual([well, line('press', 'wmpo', 128, 1, 0.6)], lines.merged(known, here, Path('nowhere')))

    def test_the_commit_of_the_sources_is_told(self):
        self.assertRegex(cells.revision()['revision'], r'^([0-9a-f]{7,}\+?)?$')

    def test_a_cell_whose_command_cannot_start_has_a_line_that_says_why(self):
        size, said, before = cells.SIZES['ci'], [], work.REVERIE
        work.REVERIE = Path('/nowhere/reverie')
        try:
            with tempfile.TemporaryDirectory() as folder:
                work.run(cells.cells(size)[:1], Path(folder), size, work.Worker(Path(folder), size, 71), said.append)
                (found,) = lines.read(Path(folder, 'lines.jsonl'))
        finally:
            work.REVERIE = before
        self.assertRegex(found['failed'], 'FileNotFoundError: .*/nowhere/reverie')
        self.assertIn('/nowhere/reverie', said[-1])

    def test_two_workers_do_not_move_arms_in_one_domain(self):
        with work.alone(233), self.assertRaisesRegex(work.Busy, 'domain 233; give another --domain'), work.alone(233):
            pass
        with work.alone(233):
            pass

    def test_a_refusal_of_the_trainer_is_known_and_another_error_is_not(self):
        said = ('== reward\nthe reward classifier finds 23 % [10, 40] of the successes in the held-out '
                'rollouts, and at least 50 % must be sure\n')
        self.assertIn('finds 23 %', work.REFUSAL.search(said).group())
        self.assertIsNone(work.REFUSAL.search('cannot write out: no space\n'))

    def test_the_pages_tell_gains_by_pairs_and_what_was_refused(self):
        found = []
        for task in ('press', 'assemble'):
            for seed in (1, 2, 3):
                found.append(line(task, 'base', 0, seed, 0.4))
                found.append(line(task, 'dpo', 128, seed, 0.45))
                found.append(line(task, 'wmpo', 128, seed, 0.7))
        found.append(line('press', 'wovr', 128, 1, 0, 0, refused='too few successes'))
        pairs = page.gains(page.by_cell(found), 'wmpo', 128)
        mean, low, high = page.interval(list(pairs.values()))
        self.assertEqual(6, len(pairs))
        self.assertTrue(20 < low < mean < high < 40, (low, mean, high))
        waiting = page.missing(found, cells.SIZES['first'])
        self.assertIn('insert, seed 1: all', waiting)
        left = 'cloning of successes, cloning by advantage, online GRPO, WoVR in small'
        self.assertIn(f'assemble, seed 1: {left}', waiting)
        text = page.markdown(found, waiting)
        self.assertIn('128 rollouts, the best of ours over the best baseline: +2', text)
        self.assertIn('| `press` | 128 | WoVR in small | refused |', text)
        self.assertIn('seed 1: too few successes', text)
        self.assertIn('<svg', page.page(found, waiting))


if __name__ == '__main__':
    unittest.main()
