"""Takes the pictures of the console in docs/pictures anew.

    ./reverie demo --seed 1 --out out/first
    eval "$(./reverie ros-env)"; "$REVERIE_PYTHON" setup/pictures.py out/first

The simulated arm acts by models/base, beside a console that shows the round. Needs Chromium, Node.js and npm, as
BrowserTest.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import rclpy
from PIL import Image
from reverie.srv import ResetArm

ROOT = Path(__file__).resolve().parent.parent
BROWSER = ROOT / 'src/console/test/browser'
PICTURES = ROOT / 'docs/pictures'
PLENTY_S = 120


def begin(*arguments, **more):
    return subprocess.Popen([ROOT / 'reverie', *map(str, arguments)], **more)


def reset():
    """Puts the arm at the start of an episode; returns its instruction."""
    rclpy.init()
    node = rclpy.create_node('pictures')
    client = node.create_client(ResetArm, 'simulated_arm/reset')
    if not client.wait_for_service(PLENTY_S):
        raise RuntimeError('the simulated arm is not there; it says why above')
    asked = client.call_async(ResetArm.Request(seed=1))
    rclpy.spin_until_future_complete(node, asked, timeout_sec=PLENTY_S)
    if asked.result() is None:
        raise RuntimeError(f'the simulated arm does not answer within {PLENTY_S} s')
    instruction = asked.result().instruction
    node.destroy_node()
    rclpy.shutdown()
    return instruction


def drive(console, run, folder):
    for file in BROWSER.iterdir():
        shutil.copy(file, folder)
    subprocess.run(['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder], check=True)
    line = console.stdout.readline().split()
    if len(line) != 2:
        raise RuntimeError('the console did not start; it says why above')
    url, token = line[1].split('#')
    subprocess.run(['node', folder / 'pictures.mjs', url, token, reset(), run, folder], check=True)


def keep(folder):
    """The pictures with a palette of 256 colours, which is all that they have but for the cameras'."""
    PICTURES.mkdir(exist_ok=True)
    for picture in sorted(folder.glob('*.png')):
        kept = PICTURES / picture.name
        Image.open(picture).convert('RGB').quantize(256, dither=Image.Dither.NONE).save(kept, optimize=True)
        print(f'{kept.relative_to(ROOT)}: {kept.stat().st_size // 1000} kB')


def main():
    round_folder = Path(sys.argv[1]).resolve()
    subprocess.run([ROOT / 'reverie', 'setup'], stdout=subprocess.DEVNULL, check=True)  # builds what is out of date
    os.environ['REVERIE_PREPARED'] = str(ROOT)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        running = [
            begin('simulated-arm', '--ros-args', '-p', 'image_size:=192'),
            begin('robot', '--ros-args', '-p', f'bundle:={ROOT}/models/base', '-p', f'rollouts_dir:={folder}/live'),
            begin('console', '--port', 0, '--tokens', folder / 'tokens.json', '--rounds', round_folder.parent,
                  '--rollouts', round_folder / 'rollouts', stdout=subprocess.PIPE, text=True),
        ]
        try:
            drive(running[-1], round_folder.name, folder)
        finally:
            for process in running:
                process.send_signal(signal.SIGINT)
            for process in running:
                process.wait()
        keep(folder)


if __name__ == '__main__':
    main()
