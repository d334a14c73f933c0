package dev.reverie.sim;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The functions of libmujoco that we use. They must run inside {@link NativeThread#call}, because
 * MuJoCo ends the process where an error meets no handler, and must not run on where one does.
 */
final class Mujoco {
  /** Names the library's file. */
  static final String LIBRARY_VARIABLE = "REVERIE_MUJOCO";

  /** mjtObj of the kinds of named objects. */
  enum Kind {
    BODY(1),
    JOINT(3),
    GEOM(5),
    SITE(6),
    CAMERA(7),
    KEYFRAME(24);

    final int id;

    Kind(int id) {
      this.id = id;
    }
  }

  private static final System.Logger LOG = System.getLogger("reverie.mujoco");
  private static final int LEVEL_WARNING = 2;
  private static final int LEVEL_ERROR = 3;

  private static final SymbolLookup LIBRARY = library();
  private static final AddressLayout TEXT =
      ADDRESS.withTargetLayout(MemoryLayout.sequenceLayout(Long.MAX_VALUE, JAVA_BYTE));

  private static final MethodHandle VERSION = bind("mj_versionString", TEXT);
  private static final MethodHandle SET_LOG_HANDLER = bind("mju_setLogHandler", ADDRESS, ADDRESS);
  private static final MethodHandle PARSE =
      bind("mj_parseXMLString", ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT);
  private static final MethodHandle PARSE_FILE =
      bind("mj_parseXML", ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT);
  private static final MethodHandle COMPILE = bind("mj_compile", ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle SPEC_ERROR = bind("mjs_getError", TEXT, ADDRESS);
  private static final MethodHandle DELETE_SPEC = bindVoid("mj_deleteSpec", ADDRESS);
  private static final MethodHandle DELETE_MODEL = bindVoid("mj_deleteModel", ADDRESS);
  private static final MethodHandle MAKE_DATA = bind("mj_makeData", ADDRESS, ADDRESS);
  private static final MethodHandle RESET_DATA = bindVoid("mj_resetData", ADDRESS, ADDRESS);
  private static final MethodHandle RESET_TO_KEYFRAME =
      bindVoid("mj_resetDataKeyframe", ADDRESS, ADDRESS, JAVA_INT);
  private static final MethodHandle DELETE_DATA = bindVoid("mj_deleteData", ADDRESS);
  private static final MethodHandle NAME_TO_ID =
      bind("mj_name2id", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS);
  private static final MethodHandle ID_TO_NAME =
      bind("mj_id2name", TEXT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle FORWARD = bindVoid("mj_forward", ADDRESS, ADDRESS);
  private static final MethodHandle STEP = bindVoid("mj_step", ADDRESS, ADDRESS);
  private static final MethodHandle KINEMATICS = bindVoid("mj_kinematics", ADDRESS, ADDRESS);
  private static final MethodHandle CENTRES = bindVoid("mj_comPos", ADDRESS, ADDRESS);
  private static final MethodHandle CAMERAS = bindVoid("mj_camlight", ADDRESS, ADDRESS);
  private static final MethodHandle SITE_JACOBIAN =
      bindVoid("mj_jacSite", ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT);
  private static final MethodHandle MULTI_RAY =
      bindVoid(
          "mj_multiRay",
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          JAVA_BYTE,
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          JAVA_INT,
          JAVA_DOUBLE);

  static {
    refuseOtherVersions();
    installLogHandler();
  }

  private Mujoco() {}

  /** A new mjModel from the text of an MJCF file. */
  static MemorySegment compile(String xml) {
    return compile(PARSE, xml);
  }

  /** A new mjModel from an MJCF or URDF file; names of files in it count from its folder. */
  static MemorySegment compile(Path file) {
    return compile(PARSE_FILE, file.toString());
  }

  private static MemorySegment compile(MethodHandle parse, String source) {
    try (Arena arena = Arena.ofConfined()) {
      var error = arena.allocate(1024);
      // Safe: the error buffer has the size that we pass; a null mjVFS is allowed.
      var spec =
          (MemorySegment)
              parse.invokeExact(
                  arena.allocateFrom(source), MemorySegment.NULL, error, (int) error.byteSize());
      if (spec.address() == 0) {
        throw new MujocoException("MuJoCo cannot read the scene: " + error.getString(0));
      }
      var model = (MemorySegment) COMPILE.invokeExact(spec, MemorySegment.NULL);
      String refusal =
          model.address() == 0 ? ((MemorySegment) SPEC_ERROR.invokeExact(spec)).getString(0) : "";
      DELETE_SPEC.invokeExact(spec);
      if (model.address() == 0) {
        throw new MujocoException("MuJoCo cannot compile the scene: " + refusal);
      }
      return model;
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  static MemorySegment makeData(MemorySegment model) {
    try {
      var data = (MemorySegment) MAKE_DATA.invokeExact(model);
      if (data.address() == 0) {
        throw new MujocoException("MuJoCo has no memory for the simulation's state");
      }
      return data;
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** The id of a named object, or -1. */
  static int id(MemorySegment model, Kind kind, String name) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) NAME_TO_ID.invokeExact(model, kind.id, arena.allocateFrom(name));
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** The name of an object; empty where it has none. */
  static String name(MemorySegment model, Kind kind, int id) {
    try {
      var name = (MemorySegment) ID_TO_NAME.invokeExact(model, kind.id, id);
      return name.address() == 0 ? "" : name.getString(0);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** Loads a keyframe. */
  static void resetData(MemorySegment model, MemorySegment data, int keyframe) {
    try {
      // Safe: model and data belong to one Simulation, which has asked for the keyframe's id.
      RESET_TO_KEYFRAME.invokeExact(model, data, keyframe);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  static void resetData(MemorySegment model, MemorySegment data) {
    invoke(RESET_DATA, model, data);
  }

  static void forward(MemorySegment model, MemorySegment data) {
    invoke(FORWARD, model, data);
  }

  static void step(MemorySegment model, MemorySegment data) {
    invoke(STEP, model, data);
  }

  static void kinematics(MemorySegment model, MemorySegment data) {
    invoke(KINEMATICS, model, data);
  }

  static void cameras(MemorySegment model, MemorySegment data) {
    invoke(CAMERAS, model, data);
  }

  /**
   * Computes how a site moves with the joints, at the poses that {@link #kinematics} computed.
   *
   * @param into [3, nv] receives metres a radian or a metre
   * @param turns [3, nv] receives radians a radian or a metre
   */
  static void siteJacobian(
      MemorySegment model, MemorySegment data, int site, MemorySegment into, MemorySegment turns) {
    invoke(CENTRES, model, data);
    try {
      // Safe: each buffer holds 3 * nv numbers, as Simulation allocates them.
      SITE_JACOBIAN.invokeExact(model, data, into, turns, site);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  static void deleteModel(MemorySegment model) {
    invoke(DELETE_MODEL, model);
  }

  static void deleteData(MemorySegment data) {
    invoke(DELETE_DATA, data);
  }

  /**
   * The first geom that each ray meets.
   *
   * @param origin [3] metres
   * @param directions [rays, 3] unit vectors
   * @param geoms [rays], int32: receives the geom's id, or -1
   * @param distances [rays], float64: receives metres, or -1
   * @param normals [rays, 3], float64: receives the unit normals of the surfaces; or NULL
   */
  static void multiRay(
      MemorySegment model,
      MemorySegment data,
      MemorySegment origin,
      MemorySegment directions,
      MemorySegment geoms,
      MemorySegment distances,
      MemorySegment normals,
      int rays,
      double cutoffM) {
    if (directions.byteSize() < 24L * rays
        || geoms.byteSize() < 4L * rays
        || distances.byteSize() < 8L * rays
        || (normals.address() != 0 && normals.byteSize() < 24L * rays)) {
      throw new IllegalArgumentException("the buffers are too small for " + rays + " rays");
    }
    try {
      // Safe: the buffers hold as many rays as we say; null geom groups and normals are allowed.
      MULTI_RAY.invokeExact(
          model,
          data,
          origin,
          directions,
          MemorySegment.NULL,
          (byte) 1, // static geoms too
          -1, // no body excluded
          geoms,
          distances,
          normals,
          rays,
          cutoffM);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  private static void invoke(MethodHandle handle, MemorySegment struct) {
    try {
      // Safe: the struct is alive, as its segment's scope is open.
      handle.invokeExact(struct);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  private static void invoke(MethodHandle handle, MemorySegment model, MemorySegment data) {
    try {
      // Safe: both are alive, as their segments' scopes are open, and belong to one Simulation.
      handle.invokeExact(model, data);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  private static RuntimeException rethrown(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    return e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
  }

  private static SymbolLookup library() {
    String path = System.getenv(LIBRARY_VARIABLE);
    if (path == null || path.isEmpty()) {
      throw new MujocoException(
          LIBRARY_VARIABLE
              + " is not set; run ./reverie setup, then eval \"$(./reverie ros-env)\"");
    }
    if (!Files.isRegularFile(Path.of(path))) {
      throw new MujocoException(
          "%s=%s is no file; run ./reverie setup, or name libmujoco.so.%s"
              .formatted(LIBRARY_VARIABLE, path, Layout.VERSION));
    }
    try {
      System.load(Path.of(path).toAbsolutePath().toString());
    } catch (UnsatisfiedLinkError e) {
      throw new MujocoException(
          "%s=%s cannot be loaded: %s".formatted(LIBRARY_VARIABLE, path, e.getMessage()), e);
    }
    return SymbolLookup.loaderLookup();
  }

  /** The offsets of fields belong to one version; another one would read and write anywhere. */
  private static void refuseOtherVersions() {
    try {
      String version = ((MemorySegment) VERSION.invokeExact()).getString(0);
      if (!version.equals(Layout.VERSION)) {
        throw new MujocoException(
            "%s=%s is MuJoCo %s, but this program knows the memory layout of %s alone; install that one"
                .formatted(
                    LIBRARY_VARIABLE, System.getenv(LIBRARY_VARIABLE), version, Layout.VERSION));
      }
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** Replaces MuJoCo's own handler, which writes MUJOCO_LOG.TXT and ends the process on errors. */
  private static void installLogHandler() {
    try {
      MethodHandle handler =
          MethodHandles.lookup()
              .findStatic(
                  Mujoco.class, "onLog", MethodType.methodType(void.class, MemorySegment.class));
      var message =
          ADDRESS.withTargetLayout(
              MemoryLayout.sequenceLayout(Layout.sizeOf("mjLogMessage"), JAVA_BYTE));
      // Safe: the stub lives as long as the library, for ever.
      var stub =
          Linker.nativeLinker()
              .upcallStub(handler, FunctionDescriptor.ofVoid(message), Arena.global());
      var _ = (MemorySegment) SET_LOG_HANDLER.invokeExact(stub);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  // Runs on any thread, inside a native call. No exception may leave it: that would end the JVM.
  @SuppressWarnings("unused") // called by MuJoCo
  private static void onLog(MemorySegment message) {
    String text = "MuJoCo gave no readable message";
    int level = LEVEL_ERROR;
    try {
      level = message.get(ValueLayout.JAVA_INT, Layout.field("mjLogMessage.level").offset());
      text = message.getString(Layout.field("mjLogMessage.subject").offset()).strip();
      if (level == LEVEL_WARNING) {
        LOG.log(System.Logger.Level.WARNING, text);
      }
    } catch (Throwable e) {
      text += " (" + e + ")";
    }
    if (level == LEVEL_ERROR) {
      NativeThread.failAndPark(text);
    }
  }

  private static MethodHandle bind(String name, MemoryLayout result, MemoryLayout... parameters) {
    return handle(name, FunctionDescriptor.of(result, parameters));
  }

  private static MethodHandle bindVoid(String name, MemoryLayout... parameters) {
    return handle(name, FunctionDescriptor.ofVoid(parameters));
  }

  private static MethodHandle handle(String name, FunctionDescriptor signature) {
    MemorySegment function =
        LIBRARY
            .find(name)
            .orElseThrow(
                () ->
                    new MujocoException(
                        "%s=%s has no function %s; it must be MuJoCo %s"
                            .formatted(
                                LIBRARY_VARIABLE,
                                System.getenv(LIBRARY_VARIABLE),
                                name,
                                Layout.VERSION)));
    return Linker.nativeLinker().downcallHandle(function, signature);
  }
}
