package dev.reverie.sim;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

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
  private final Doubles geomPositions;
  private final Doubles geomRotations;

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
    geomPositions = state("geom_xpos");
    geomRotations = state("geom_xmat");
  }

  /**
   * Compiles a scene.
   *
   * @param mjcf the scene as XML, with no files beside it
   */
  static Simulation of(String mjcf) {
    loadMujoco();
    var thread = new NativeThread();
    try {
      return thread.call(
          () -> {
            MemorySegment model = Mujoco.compile(mjcf);
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

  /** [ngeom, 3] metres. */
  Doubles geomPositions() {
    return geomPositions;
  }

  /** [ngeom, 3, 3] geom to world. */
  Doubles geomRotations() {
    return geomRotations;
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
    int[] bodies =
        Layout.array(model, model, "mjModel.geom_bodyid", JAVA_INT, arena).toArray(JAVA_INT);
    int[] welded =
        Layout.array(model, model, "mjModel.body_weldid", JAVA_INT, arena).toArray(JAVA_INT);
    boolean[] moving = new boolean[bodies.length];
    for (int geom = 0; geom < bodies.length; geom++) {
      moving[geom] = welded[bodies[geom]] != 0; // 0: welded to the world
    }
    return moving;
  }

  /** A fixed camera. */
  FixedCamera camera(String name) {
    int id = id(Mujoco.Kind.CAMERA, name);
    return new FixedCamera(
        model("cam_pos0").toArray(3 * id, 3),
        model("cam_mat0").toArray(9 * id, 9),
        model("cam_fovy").get(id));
  }

  int siteId(String name) {
    return id(Mujoco.Kind.SITE, name);
  }

  private int id(Mujoco.Kind kind, String name) {
    int id = thread.call(() -> Mujoco.id(model, kind, name));
    if (id < 0) {
      throw new IllegalArgumentException(
          "the scene has no %s '%s'".formatted(kind.name().toLowerCase(Locale.ROOT), name));
    }
    return id;
  }

  private Doubles model(String field) {
    return new Doubles(Layout.array(model, model, "mjModel." + field, JAVA_DOUBLE, arena));
  }

  /** Back to the scene's initial state. */
  void reset() {
    thread.run(() -> Mujoco.resetData(model, data));
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

  /** See {@link Mujoco#multiRay}. */
  void castRays(
      MemorySegment origin,
      MemorySegment directions,
      MemorySegment geoms,
      MemorySegment distances,
      int rays,
      double cutoffM) {
    thread.run(
        () -> Mujoco.multiRay(model, data, origin, directions, geoms, distances, rays, cutoffM));
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
