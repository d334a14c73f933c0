package dev.reverie.sim;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A MuJoCo model and one state of it (mjModel, mjData). Arrays are MuJoCo's own memory, in its
 * order of joints, geoms and bodies. For one thread at a time.
 */
final class Simulation implements AutoCloseable {
  /** mjtWarning: what each counter in mjData.warning counts. */
  private static final List<String> WARNINGS =
      List.of(
          "the inertia matrix is nearly singular",
          "too many contacts",
          "too many constraints",
          "a joint position is no number or too large",
          "a joint velocity is no number or too large",
          "a joint acceleration is no number or too large",
          "a control is no number or too large");

  private final NativeThread thread;
  private final Arena arena = Arena.ofShared(); // used by the caller's thread and the native one
  private final MemorySegment model;
  private final MemorySegment data;
  private final MemorySegment warnings;
  private final Doubles jointPositions;
  private final Doubles jointVelocities;
  private final Doubles controls;
  private final Doubles actuatorForces;
  private final Doubles mocapPositions;
  private final Doubles sitePositions;
  private final Doubles siteRotations;
  private final Doubles geomPositions;
  private final Doubles geomRotations;
  private final Doubles bodyPositions;
  private final Doubles bodyQuaternions;
  private final Doubles cameraPositions;
  private final Doubles cameraRotations;
  private final MemorySegment jacobian;
  private final MemorySegment turning;

  private Simulation(NativeThread thread, MemorySegment model, MemorySegment data) {
    this.thread = thread;
    // Safe: sizes of the loaded version's structs; close() frees them after closing the arena.
    this.model = model.reinterpret(Layout.sizeOf("mjModel"), arena, null);
    this.data = data.reinterpret(Layout.sizeOf("mjData"), arena, null);
    warnings =
        this.data.asSlice(
            Layout.field("mjData.warning").offset(),
            WARNINGS.size() * Layout.sizeOf("mjWarningStat"));
    jointPositions = state("qpos");
    jointVelocities = state("qvel");
    controls = state("ctrl");
    actuatorForces = state("actuator_force");
    mocapPositions = state("mocap_pos");
    sitePositions = state("site_xpos");
    siteRotations = state("site_xmat");
    geomPositions = state("geom_xpos");
    geomRotations = state("geom_xmat");
    bodyPositions = state("xpos");
    bodyQuaternions = state("xquat");
    cameraPositions = state("cam_xpos");
    cameraRotations = state("cam_xmat");
    jacobian = arena.allocate(JAVA_DOUBLE, 3 * Layout.size(this.model, "nv"));
    turning = arena.allocate(JAVA_DOUBLE, 3 * Layout.size(this.model, "nv"));
  }

  /**
   * Compiles a scene.
   *
   * @param mjcf the scene as XML, with no files beside it
   */
  static Simulation of(String mjcf) {
    return of(() -> Mujoco.compile(mjcf));
  }

  /** Compiles a scene from an MJCF or URDF file; names of files in it count from its folder. */
  static Simulation load(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new MujocoException(
          "there is no scene '%s'; give an MJCF or URDF file".formatted(file));
    }
    SceneFiles.pointer(file)
        .ifPresent(
            told -> {
              throw new MujocoException(told);
            });
    Optional<String> urdf = SceneFiles.urdfForMujoco(file);
    try {
      return of(
          () -> urdf.map(Mujoco::compile).orElseGet(() -> Mujoco.compile(file.toAbsolutePath())));
    } catch (MujocoException e) {
      throw new MujocoException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static Simulation of(Supplier<MemorySegment> compiled) {
    loadMujoco();
    var thread = new NativeThread();
    try {
      return thread.call(
          () -> {
            MemorySegment model = compiled.get();
            return new Simulation(thread, model, Mujoco.makeData(model));
          });
    } catch (RuntimeException e) {
      thread.close();
      throw e;
    }
  }

  /** Loads the library, or says what is wrong with it and what to do. */
  private static void loadMujoco() {
    try {
      MethodHandles.lookup().ensureInitialized(Mujoco.class);
    } catch (ExceptionInInitializerError e) {
      if (e.getCause() instanceof MujocoException refusal) {
        throw refusal;
      }
      throw e;
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  private Doubles state(String field) {
    return new Doubles(Layout.array(model, data, "mjData." + field, JAVA_DOUBLE, arena));
  }

  /** [nq] rad or m. */
  Doubles jointPositions() {
    return jointPositions;
  }

  /** [nv] rad/s or m/s. */
  Doubles jointVelocities() {
    return jointVelocities;
  }

  /** [nout] N m or N, of the last step. */
  Doubles actuatorForces() {
    return actuatorForces;
  }

  /** [nmocap, 3] metres. */
  Doubles mocapPositions() {
    return mocapPositions;
  }

  /** [nsite, 3] metres. */
  Doubles sitePositions() {
    return sitePositions;
  }

  /** [nsite, 3, 3] site to world. */
  Doubles siteRotations() {
    return siteRotations;
  }

  /** [ngeom, 3] metres. */
  Doubles geomPositions() {
    return geomPositions;
  }

  /** [ngeom, 3, 3] geom to world. */
  Doubles geomRotations() {
    return geomRotations;
  }

  /** [nbody, 3] metres. */
  Doubles bodyPositions() {
    return bodyPositions;
  }

  /** [nbody, 4] w, x, y, z: body to world. */
  Doubles bodyQuaternions() {
    return bodyQuaternions;
  }

  double timeS() {
    return Layout.number(data, "mjData.time");
  }

  double timestepS() {
    return Layout.number(model, "mjModel.opt.timestep");
  }

  int geoms() {
    return (int) Layout.size(model, "ngeom");
  }

  /** [ngeom, 4] red, green, blue, opacity from 0 to 1. */
  float[] geomColours() {
    return Layout.array(model, model, "mjModel.geom_rgba", JAVA_FLOAT, arena).toArray(JAVA_FLOAT);
  }

  /** [ngeom, 6] centre and half sizes of the box around each geom, in the geom's frame, metres. */
  double[] geomBoxes() {
    return model("geom_aabb").toArray();
  }

  /** [ngeom] whether the geom can move, by joints or as a mocap body. */
  boolean[] movingGeoms() {
    int[] bodies = ints("geom_bodyid");
    int[] welded = ints("body_weldid");
    boolean[] moving = new boolean[bodies.length];
    for (int geom = 0; geom < bodies.length; geom++) {
      moving[geom] = welded[bodies[geom]] != 0; // 0: welded to the world
    }
    return moving;
  }

  /** A camera as it stands before anything moves. */
  FixedCamera camera(String name) {
    int id = id(Mujoco.Kind.CAMERA, name);
    return new FixedCamera(
        model("cam_pos0").toArray(3 * id, 3),
        model("cam_mat0").toArray(9 * id, 9),
        model("cam_fovy").get(id));
  }

  /** A camera as it stands now. */
  FixedCamera cameraNow(String name) {
    int id = id(Mujoco.Kind.CAMERA, name);
    return new FixedCamera(
        cameraPositions.toArray(3 * id, 3),
        cameraRotations.toArray(9 * id, 9),
        model("cam_fovy").get(id));
  }

  /** Returns what the scene consists of. */
  SceneModel model() {
    return new SceneModel(thread, model, arena);
  }

  /** Tells whether one of these geoms touches one of those. */
  boolean touching(boolean[] these, boolean[] those) {
    int count = data.get(JAVA_INT, Layout.field("mjData.ncon").offset());
    long size = Layout.sizeOf("mjContact");
    // Safe: MuJoCo says how many there are, and the layout belongs to its version.
    MemorySegment contacts =
        data.get(ADDRESS, Layout.field("mjData.contact").offset())
            .reinterpret(count * size, arena, null);
    for (int i = 0; i < count; i++) {
      long at = i * size + Layout.field("mjContact.geom").offset();
      int one = contacts.get(JAVA_INT, at);
      int other = contacts.get(JAVA_INT, at + 4);
      if (one >= 0
          && other >= 0
          && ((these[one] && those[other]) || (these[other] && those[one]))) {
        return true;
      }
    }
    return false;
  }

  /** [3, nv] how a site moves with the joints, metres a radian. */
  double[] siteJacobian(int site) {
    thread.run(() -> Mujoco.siteJacobian(model, data, site, jacobian, turning));
    return jacobian.toArray(JAVA_DOUBLE);
  }

  /** [3, nv] how a site turns with the joints, as of the last {@link #siteJacobian}. */
  double[] siteTurning() {
    return turning.toArray(JAVA_DOUBLE);
  }

  private int find(Mujoco.Kind kind, String name) {
    return thread.call(() -> Mujoco.id(model, kind, name));
  }

  int siteId(String name) {
    return id(Mujoco.Kind.SITE, name);
  }

  private int id(Mujoco.Kind kind, String name) {
    int id = find(kind, name);
    if (id < 0) {
      throw new IllegalArgumentException(
          "the scene has no %s '%s'".formatted(kind.name().toLowerCase(Locale.ROOT), name));
    }
    return id;
  }

  private int[] ints(String field) {
    return Layout.array(model, model, "mjModel." + field, JAVA_INT, arena).toArray(JAVA_INT);
  }

  private Doubles model(String field) {
    return new Doubles(Layout.array(model, model, "mjModel." + field, JAVA_DOUBLE, arena));
  }

  /** Back to the scene's initial state. */
  void reset() {
    thread.run(() -> Mujoco.resetData(model, data));
  }

  /** Loads the scene's keyframe of this name; its initial state where it has none. */
  void reset(String keyframe) {
    int id = find(Mujoco.Kind.KEYFRAME, keyframe);
    if (id < 0) {
      reset();
    } else {
      thread.run(() -> Mujoco.resetData(model, data, id));
    }
  }

  /** Sets what the actuators aim at until the next call. */
  void control(double... targets) {
    for (double target : targets) {
      if (!Double.isFinite(target)) {
        throw new IllegalArgumentException(
            "control %s; every value must be a finite number".formatted(Arrays.toString(targets)));
      }
    }
    controls.set(targets);
  }

  /** Computes everything that follows from the state, without moving. */
  void forward() {
    thread.run(() -> Mujoco.forward(model, data));
    throwWarnings();
  }

  /** Moves on by so many time steps, and then brings the poses of geoms and sites up to date. */
  void step(int steps) {
    thread.run(
        () -> {
          for (int i = 0; i < steps; i++) {
            Mujoco.step(model, data);
          }
          Mujoco.kinematics(model, data);
        });
    throwWarnings();
  }

  /**
   * Moves on by so many time steps, while the actuators' targets go evenly from one to the other.
   *
   * @param from before the first step
   * @param to in the last step
   */
  void step(double[] from, double[] to, int steps) {
    double[] target = new double[to.length];
    thread.run(
        () -> {
          for (int i = 1; i <= steps; i++) {
            for (int k = 0; k < target.length; k++) {
              target[k] = from[k] + (to[k] - from[k]) * i / steps;
            }
            control(target);
            Mujoco.step(model, data);
          }
          Mujoco.kinematics(model, data);
        });
    throwWarnings();
  }

  /** Brings the poses of bodies and of moving cameras up to date with the joints. */
  void look() {
    thread.run(
        () -> {
          Mujoco.kinematics(model, data);
          Mujoco.cameras(model, data);
        });
  }

  /** See {@link Mujoco#multiRay}. */
  void castRays(
      MemorySegment origin,
      MemorySegment directions,
      MemorySegment geoms,
      MemorySegment distances,
      MemorySegment normals,
      int rays,
      double cutoffM) {
    thread.run(
        () ->
            Mujoco.multiRay(
                model, data, origin, directions, geoms, distances, normals, rays, cutoffM));
  }

  /** MuJoCo counts what goes wrong in a step, and some of it ends in a silent reset. */
  private void throwWarnings() {
    for (int i = 0; i < WARNINGS.size(); i++) {
      long offset =
          i * Layout.sizeOf("mjWarningStat") + Layout.field("mjWarningStat.number").offset();
      if (warnings.get(JAVA_INT, offset) != 0) {
        warnings.fill((byte) 0);
        throw new MujocoException("the simulation failed: %s; reset it".formatted(WARNINGS.get(i)));
      }
    }
  }

  /** Frees the memory; it is leaked where an error has left MuJoCo in the middle of a call. */
  @Override
  public void close() {
    if (arena.scope().isAlive() && !thread.isLost()) {
      arena.close();
      // Safe: nobody can reach them any more, and each is freed once.
      thread.run(
          () -> {
            Mujoco.deleteData(MemorySegment.ofAddress(data.address()));
            Mujoco.deleteModel(MemorySegment.ofAddress(model.address()));
          });
    }
    thread.close();
  }
}
