package dev.reverie.sim;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Parts of a scene, which never change: joints, cameras, bodies and their geoms. */
final class SceneModel {
  // mjtJoint; a hinge is 3.
  private static final int FREE = 0;
  private static final int SLIDE = 2;

  private final NativeThread thread;
  private final MemorySegment model;
  private final Arena arena;

  SceneModel(NativeThread thread, MemorySegment model, Arena arena) {
    this.thread = thread;
    this.model = model;
    this.arena = arena;
  }

  /** Tells whether the camera is carried by something that can move. */
  boolean cameraMoves(String name) {
    return ints("body_weldid")[ints("cam_bodyid")[id(Mujoco.Kind.CAMERA, name)]] != 0;
  }

  /** A camera that looks at the whole scene from before it, to the left and above. */
  FixedCamera overview() {
    double[] centre = new double[3];
    long offset = Layout.field("mjModel.stat.center").offset();
    for (int axis = 0; axis < 3; axis++) {
      centre[axis] = model.get(JAVA_DOUBLE, offset + 8L * axis);
    }
    double far = 1.8 * Layout.number(model, "mjModel.stat.extent");
    double s = Math.sqrt(0.5);
    double t = Math.sqrt(0.75);
    return new FixedCamera(
        new double[] {centre[0] + far * t * s, centre[1] + far * t * s, centre[2] + far / 2},
        new double[] {-s, -s / 2, t * s, s, -s / 2, t * s, 0, t, 0.5},
        45);
  }

  /** Names of the cameras, in the order of the scene. */
  List<String> cameras() {
    return names(Mujoco.Kind.CAMERA, (int) Layout.size(model, "ncam"));
  }

  private List<String> names(Mujoco.Kind kind, int count) {
    return thread.call(
        () -> {
          List<String> names = new ArrayList<>();
          for (int id = 0; id < count; id++) {
            names.add(Mujoco.name(model, kind, id));
          }
          return names;
        });
  }

  /**
   * A joint of one degree of freedom.
   *
   * @param position index among {@link Simulation#jointPositions}
   * @param velocity index among {@link Simulation#jointVelocities}
   * @param lower end stop, rad or m; minus infinity where it has none
   * @param upper end stop
   */
  record Joint(String name, int position, int velocity, double lower, double upper) {}

  /**
   * The joints that motors move, in the order of the motors, of which each must move one joint; all
   * that turn or slide where the scene has no motors, as a URDF.
   */
  List<Joint> movedJoints() {
    List<String> names = names(Mujoco.Kind.JOINT, (int) Layout.size(model, "njnt"));
    int[] types = ints("jnt_type");
    List<Joint> joints = new ArrayList<>();
    if (!hasMotors()) {
      for (int id = 0; id < types.length; id++) {
        if (types[id] >= SLIDE) {
          joints.add(joint(id, names.get(id)));
        }
      }
      return joints;
    }
    int[] kinds = ints("actuator_trntype");
    int[] ids = ints("actuator_trnid");
    for (int motor = 0; motor < kinds.length; motor++) {
      int id = ids[2 * motor];
      if (kinds[motor] != 0 || types[id] < SLIDE) {
        throw new MujocoException(
            "motor %d of the scene moves no hinge or slide joint; give each motor a joint"
                .formatted(motor));
      }
      joints.add(joint(id, names.get(id)));
    }
    return joints;
  }

  private Joint joint(int id, String name) {
    boolean limited =
        model
                .get(ADDRESS, Layout.field("mjModel.jnt_limited").offset())
                .reinterpret(Layout.size(model, "njnt"), arena, null)
                .get(JAVA_BYTE, id)
            != 0;
    Doubles ranges = model("jnt_range");
    return new Joint(
        name,
        ints("jnt_qposadr")[id],
        ints("jnt_dofadr")[id],
        limited ? ranges.get(2 * id) : Double.NEGATIVE_INFINITY,
        limited ? ranges.get(2 * id + 1) : Double.POSITIVE_INFINITY);
  }

  /**
   * A body and how it hangs on its parent.
   *
   * @param parent its number; 0: the world, which is the parent of itself
   * @param position [3] in the parent, before its joints move it, metres
   * @param quaternion [4] w, x, y, z: to the parent
   * @param joints that move it, one after the other
   */
  record Body(String name, int parent, double[] position, double[] quaternion, List<Axis> joints) {}

  /**
   * A joint in the frame of its body.
   *
   * @param moves false: a ball or free joint, or one that no motor moves
   * @param turns false: it slides
   * @param anchor [3] metres
   * @param axis [3] of length 1
   * @param zero position in which it does not move the body, rad or m
   */
  record Axis(
      Joint joint, boolean moves, boolean turns, double[] anchor, double[] axis, double zero) {}

  /** All bodies, by their numbers. */
  List<Body> bodies() {
    List<String> names = names(Mujoco.Kind.BODY, (int) Layout.size(model, "nbody"));
    List<String> jointNames = names(Mujoco.Kind.JOINT, (int) Layout.size(model, "njnt"));
    List<Joint> moved = movedJoints();
    int[] types = ints("jnt_type");
    int[] bodyOf = ints("jnt_bodyid");
    List<Body> bodies = new ArrayList<>();
    for (int body = 0; body < names.size(); body++) {
      List<Axis> axes = new ArrayList<>();
      for (int id = 0; id < types.length; id++) {
        if (bodyOf[id] == body) {
          Joint joint = joint(id, jointNames.get(id));
          axes.add(
              new Axis(
                  joint,
                  types[id] >= SLIDE && moved.contains(joint),
                  types[id] > SLIDE,
                  model("jnt_pos").toArray(3 * id, 3),
                  model("jnt_axis").toArray(3 * id, 3),
                  model("qpos0").get(joint.position())));
        }
      }
      bodies.add(
          new Body(
              names.get(body),
              ints("body_parentid")[body],
              model("body_pos").toArray(3 * body, 3),
              model("body_quat").toArray(4 * body, 4),
              axes));
    }
    return bodies;
  }

  /** Tells whether motors move the joints. */
  boolean hasMotors() {
    return Layout.size(model, "nactuator") > 0;
  }

  /**
   * The index among {@link Simulation#jointPositions} of a body that floats; -1 where there is
   * none.
   */
  int floatingBody(String name) {
    int body = find(Mujoco.Kind.BODY, name);
    int[] types = ints("jnt_type");
    int[] bodies = ints("jnt_bodyid");
    for (int id = 0; body >= 0 && id < types.length; id++) {
      if (types[id] == FREE && bodies[id] == body) {
        return ints("jnt_qposadr")[id];
      }
    }
    return -1;
  }

  /**
   * Returns what its geoms look like.
   *
   * @param moving [ngeom] whether each can move
   */
  List<Solid> solids(boolean[] moving) {
    return Solids.of(model, arena, moving);
  }

  /** The id of a body. */
  int bodyId(String name) {
    return id(Mujoco.Kind.BODY, name);
  }

  /** The id of a site; -1 where there is none. */
  int findSite(String name) {
    return find(Mujoco.Kind.SITE, name);
  }

  /** [ngeom] whether each geom belongs to a body or to what hangs on it. */
  boolean[] geomsOf(int body) {
    int[] parents = ints("body_parentid");
    int[] bodies = ints("geom_bodyid");
    boolean[] belongs = new boolean[bodies.length];
    for (int geom = 0; geom < bodies.length; geom++) {
      int at = bodies[geom];
      while (at != body && at != 0) {
        at = parents[at];
      }
      belongs[geom] = at == body;
    }
    return belongs;
  }

  /** The id of a geom. */
  int geomId(String name) {
    return id(Mujoco.Kind.GEOM, name);
  }

  /** [3] half sizes of a site, metres. */
  double[] siteSize(int site) {
    return model("site_size").toArray(3 * site, 3);
  }

  /** The body that a site is fixed to. */
  int bodyOfSite(int site) {
    return ints("site_bodyid")[site];
  }

  private int id(Mujoco.Kind kind, String name) {
    int id = find(kind, name);
    if (id < 0) {
      throw new IllegalArgumentException("the scene has no '%s'".formatted(name));
    }
    return id;
  }

  private int find(Mujoco.Kind kind, String name) {
    return thread.call(() -> Mujoco.id(model, kind, name));
  }

  private int[] ints(String field) {
    return Layout.array(model, model, "mjModel." + field, JAVA_INT, arena).toArray(JAVA_INT);
  }

  private Doubles model(String field) {
    return new Doubles(Layout.array(model, model, "mjModel." + field, JAVA_DOUBLE, arena));
  }
}
