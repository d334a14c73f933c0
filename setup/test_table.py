"""The table's cells, lines and pages, without running a cell."""

import dataclasses
import json
import random
import re
import statistics
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'bench' / 'table'))

import cells  # noqa: E402
import figures  # noqa: E402
import lines  # noqa: E402
import mechanisms  # noqa: E402
import page  # noqa: E402
import pairs  # noqa: E402
import sections  # noqa: E402
import training  # noqa: E402
import work  # noqa: E402


def line(task, method, budget, seed, share, n=200, **more):
    of = random.Random(f'{task} {seed}')
    outcomes = [of.random() < share for _ in range(n)]
    made_of = f'{task}{method}{budget}{seed}'
    return {'task': task, 'method': method, 'budget': budget, 'seed': seed, 'n': len(outcomes), 'outcomes': outcomes,
            'made_of': made_of, 'code': 'c', 'cpu_s': 36.0} | more


def of_code(every, size, code, date):
    """A line of each cell, as of some code."""
    return [
        line(cell.task, cell.method, cell.budget, cell.seed, 0.5)
        | {'code': code, 'made_of': cells.made_of(cell, size, code), 'date': date, 'revision': '2026'}
        for cell in every
    ]


def made(cell, size):
    return cells.made_of(cell, size, 'c')


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
            def run(self, cell, size, code):
                ran.append(cell.method)
                made_of = cells.made_of(cell, size, code)
                failed = {'failed': 'no memory'} if cell.method == 'wmpo' and len(ran) < 4 else {}
                refused = {'refused': 'too few'} if cell.method == 'clone-successes' else {}
                return line(cell.task, cell.method, cell.budget, cell.seed, 0.5, 0) | failed | refused | {
                    'made_of': made_of, 'code': code, 'wall_s': 1.0}

        with tempfile.TemporaryDirectory() as folder:
            for _ in range(3):
                work.run([(size, cell) for cell in cells.cells(size)], Path(folder), Worker(), told.append)
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
        part = cells.SIZES['ci'].parts[0]
        size = dataclasses.replace(cells.SIZES['ci'], parts=(dataclasses.replace(part, seeds=(1, 2)),))
        one, two = ([cell for cell in cells.cells(size) if cell.seed == seed] for seed in (1, 2))
        old, new = of_code(one, size, 'old', '2026-01-02'), of_code(two, size, 'new', '2026-01-03')
        self.assertEqual((old + new, []), pairs.chosen(size, old + new))
        again = of_code(one, size, 'new', '2026-01-03')
        self.assertEqual((again + new, []), pairs.chosen(size, again + old + new))
        self.assertEqual((old + new, []), pairs.chosen(size, old + again[1:] + new))
        used, (told,) = pairs.chosen(size, old[:2] + again[1:] + new)
        self.assertEqual(new, used)
        self.assertRegex(told, 'insert, seed 1, .* 2 of old, 2 of new; let `run` end it .* or delete')
        with tempfile.TemporaryDirectory() as folder:
            size_before, cells.SIZES['ci'] = cells.SIZES['ci'], size
            try:
                self.assertEqual([], page.write(old + new, ['ci'], Path(folder), Path('nowhere')))
            finally:
                cells.SIZES['ci'] = size_before
            text = Path(folder, 'table.md').read_text()
            self.assertIn('| old | 2026 of 2026-01-02 | `insert` 1 |', text)
            self.assertIn('| new | 2026 of 2026-01-03 | `insert` 2 |', text)
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
                work.run([(size, cells.cells(size)[0])], Path(folder), work.Worker(Path(folder), 71), said.append)
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
        sources = (cells.ROOT / 'src/trainer/main').rglob('*.java')
        said = ' '.join(re.sub(r'"\s*\+\s*"', '', file.read_text()) for file in sources)
        self.assertEqual([], [phrase for phrase in work.REFUSALS if phrase not in said])

    def test_a_cell_of_a_shift_or_a_later_round_is_another_one(self):
        size = cells.SIZES['shifts']
        hashes = {cells.made_of(cell, size, 'c') for cell in cells.cells(size) + cells.cells(cells.SIZES['lifelong'])}
        every = dict.fromkeys(cells.cells(size) + cells.cells(cells.SIZES['lifelong']))
        self.assertEqual(len(every), len(hashes))

    def test_an_arm_differs_from_its_method_in_its_own_settings_alone(self):
        arm, own = mechanisms.ARMS['memory-four'], mechanisms.OURS['wovr']
        self.assertEqual(own['grpo'], arm['grpo'])
        self.assertEqual(own['worldModel'] | {'reference': False}, arm['worldModel'])
        self.assertTrue(own['worldModel']['reference'])
        self.assertEqual(own, mechanisms.ARMS['wovr'])
        self.assertEqual(own['worldModel'], mechanisms.pretrained(mechanisms.ARMS['alignment-off']))

    def test_the_pages_tell_gains_by_pairs_and_what_was_refused(self):
        size = cells.SIZES['first']
        shares = {'base': 0.4, 'dpo': 0.45, 'wmpo': 0.7}
        found = [
            line(cell.task, cell.method, cell.budget, cell.seed, shares[cell.method], made_of=made(cell, size))
            for cell in cells.cells(size)
            if cell.method in shares and cell.task != 'insert'
        ]
        cell = cells.Cell('press', 'wovr', 128, 1)
        found.append(line('press', 'wovr', 128, 1, 0, 0, refused='too few successes', made_of=made(cell, size)))
        gained = figures.gains([one for one in found if one['method'] == 'wmpo'],
                               lambda one: figures.base_of(figures.by_cell(found), one))
        mean, low, high = figures.interval(list(gained.values()))
        self.assertEqual(6, len(gained))
        self.assertTrue(20 < low < mean < high < 40, (low, mean, high))
        waiting = page.missing(found, size)
        self.assertIn('`insert`, seed 1: all', waiting)
        left = 'cloning of successes, cloning by advantage, online GRPO, WoVR in small'
        self.assertIn(f'`assemble`, seed 1: {left}', waiting)
        told = page.Page(found)
        text = page.markdown(told)
        self.assertIn('128 rollouts, the best of ours over the best baseline: +2', text)
        self.assertIn('| `press` | 128 | WoVR in small | refused |', text)
        self.assertIn('seed 1: too few successes', text)
        self.assertIn('<svg', page.html_page(told, []))

    def test_a_refused_round_counts_as_the_base_policy(self):
        found = [line('insert', 'base', 0, seed, 0.5) for seed in (1, 2)]
        found += [line('insert', 'dpo', 128, seed, 0.6) for seed in (1, 2)]
        found += [line('insert', 'wmpo', 128, 1, 0.9), line('insert', 'wmpo', 128, 2, 0, 0, refused='too few')]
        made_of = sections.methods(cells.SIZES['first'], found)
        of_ours = next(row for row in made_of.tables[0].rows if row[2] == sections.NAMES['wmpo'])
        self.assertTrue(of_ours[3].endswith(', refused'), of_ours)
        rise = statistics.fmean(statistics.fmean(one) for one in figures.gains(
            [one for one in found if one['method'] == 'wmpo'],
            lambda one: figures.base_of(figures.by_cell(found), one)).values())
        self.assertAlmostEqual(50 * rise, float(of_ours[4].split()[0]), delta=0.06)
        self.assertIn('2 task-seed pairs', made_of.points[0])

    def test_a_trial_has_the_tables_of_methods_alone(self):
        size = cells.SIZES['trial']
        found = []
        for cell in cells.cells(size):
            more = {'shift': cell.shift} if cell.shift else {'rounds': cell.rounds} if cell.rounds > 1 else {}
            share = 0.9 if more else 0.5
            found.append(line(cell.task, cell.method, cell.budget, cell.seed, share, made_of=made(cell, size), **more))
        self.assertGreater(len({one['task'] for one in found}), 1)
        made_of = sections.section('trial', found)
        rows = made_of.tables[0].rows
        self.assertEqual({sections.NAMES[one['method']] for one in found if one['method'] in sections.NAMES},
                         {row[2] for row in rows})
        self.assertTrue(all('0.9' not in row[3] for row in rows), rows)

    def test_mechanisms_rounds_and_shifts_have_tables_of_their_own(self):
        said = {'mixed_groups': 0.5, 'psnr_db': {'1': 29.0, '8': 25.0}, 'by_depth': [[1.0, 0.2], [0.9, 0.7]],
                'precision': 0.9, 'recall': 0.7, 'control': 1.1, 'trusted': 1.0, 'imagined': [0.4, 0.9]}
        found = []
        for name in ('mechanisms', 'lifelong', 'shifts'):
            size = cells.SIZES[name]
            for cell in cells.cells(size):
                more = {'shift': cell.shift} if cell.shift else {'rounds': cell.rounds} if cell.rounds > 1 else {}
                more |= {'training': said} if cell.method in mechanisms.IMAGINING else {}
                share = 0.4 + 0.1 * cell.rounds * (cell.method != 'base')
                found.append(line(cell.task, cell.method, cell.budget, cell.seed, share, made_of=made(cell, size),
                                  **more))
        told = page.Page(list({one['made_of']: one for one in found}.values()))
        text = page.markdown(told)
        self.assertIn('| `press` | first frame and 1 | 0.50 | 29.0 to 25.0 | 1.00, 0.90, 0.90 | 0.20, 0.70, 0.70 | '
                      '1.10 | 1.00 | 0.400 to 0.900 |', text)
        self.assertIn('| task | method | base policy | round 1; over base | round 2; over base | round 3; over base |',
                      text)
        self.assertRegex(text, r'\| `insert` \| WMPO in small \| 0\.5.*; \+1.*\| 22.3, 50.0, 16.4 \|')
        pictures = page.html_page(told, [('press', 'films/press.webp')])
        self.assertIn('weighed, imagined', pictures)
        self.assertIn('films/press.webp', pictures)

    def test_lines_that_are_of_no_cell_any_more_are_counted(self):
        told = page.Page([line('press', 'wmpo', 128, 1, 0.5)])
        self.assertEqual(['1 line is of other settings, numbers or codes than what stands here'], told.left_out)

    def test_what_a_refused_training_left_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual({}, training.read(Path(folder)))
            curve = {'mixed_groups': 0.5, 'trusted': 1.0, 'imagined_success_from_beginning': 0.25}
            Path(folder, 'grpo.jsonl').write_text(json.dumps(curve) + '\n')
            told = {'mixed_groups': 0.5, 'mixed_groups_last': 0.5, 'trusted': 1.0, 'imagined_curve': [0.25]}
            self.assertEqual(told, training.read(Path(folder)))


if __name__ == '__main__':
    unittest.main()
