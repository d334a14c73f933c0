"""Replays episodes with MuJoCo's own Python bindings, and pictures them by one mj_multiRay call over all rays.

Input: for each episode doubles (little endian): size, samples, ticks, x of the red, green and blue slot, initial joint
positions [3], controls [ticks, 3]. Output: for each of the ticks + 1 states joint positions [3] and tip [3] as doubles,
then RGB.
"""
import sys

import mujoco
import numpy as np

model = mujoco.MjModel.from_xml_path(sys.argv[1])
colours = (np.vstack([model.geom_rgba[:, :3], [[.82, .84, .86]]]) * 255).round().astype(np.uint8)


def replay(size, samples, slots, start, controls):
    data = mujoco.MjData(model)
    for slot, x in enumerate(slots):
        data.mocap_pos[slot] = (x, 0, 0.10)
    data.qpos[:] = start
    data.ctrl[:] = start
    mujoco.mj_forward(model, data)
    rays = directions(size * samples)
    write(data, rays, size, samples)
    for control in controls:
        data.ctrl[:] = control
        mujoco.mj_step(model, data, 25)
        mujoco.mj_kinematics(model, data)
        write(data, rays, size, samples)


def directions(side):
    f = np.tan(np.radians(7.1527) / 2)
    u = ((np.arange(side) + .5) / side * 2 - 1) * f
    x, z = np.meshgrid(u, -u)
    rays = np.stack([x, np.ones_like(x), z], -1).reshape(-1, 3)
    return np.ascontiguousarray((rays / np.linalg.norm(rays, axis=1, keepdims=True)).reshape(-1))


def write(data, rays, size, samples):
    n = len(rays) // 3
    geoms, distances = np.zeros(n, np.int32), np.zeros(n)
    sys.stdout.buffer.write(data.qpos.tobytes() + data.site_xpos[model.site('tip').id].tobytes())
    mujoco.mj_multiRay(model, data, np.array([.5, -8, .5]), rays, None, 1, -1, geoms, distances, None, n, 20.)
    picture = colours[geoms].reshape(size, samples, size, samples, 3)
    sys.stdout.buffer.write(picture.mean((1, 3), dtype=np.float32).round().astype(np.uint8).tobytes())


numbers = np.frombuffer(sys.stdin.buffer.read(), '<f8')
while len(numbers):
    size, samples, ticks = (int(n) for n in numbers[:3])
    end = 9 + 3 * ticks
    replay(size, samples, numbers[3:6], numbers[6:9], numbers[9:end].reshape(ticks, 3))
    numbers = numbers[end:]
