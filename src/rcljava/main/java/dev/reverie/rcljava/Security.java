package dev.reverie.rcljava;

import java.util.Map;

/**
 * Explains refusals where the variables ROS_SECURITY_* and the argument {@code --enclave} ask for
 * security. rcl and the middleware do all of it; here a refusal gets the remedy that rcl leaves
 * out.
 */
final class Security {
  /** The code of rcl for all but wrong arguments and names, which have codes of their own. */
  private static final int ERROR = 1;

  private Security() {}

  /**
   * Checks a code, as {@link RclFunction#check(int, String)}, for what enters ROS 2, with keys
   * where security is on.
   */
  static void check(int code, String what) {
    try {
      RclFunction.check(code, what);
    } catch (RclException e) {
      throw code == ERROR ? explained(e, System.getenv()) : e;
    }
  }

  private static RclException explained(RclException refusal, Map<String, String> environment) {
    if (!"true".equals(environment.get("ROS_SECURITY_ENABLE"))) {
      return refusal;
    }
    String keystore = environment.getOrDefault("ROS_SECURITY_KEYSTORE", "");
    String reason = String.valueOf(refusal.getMessage());
    String remedy;
    if (reason.contains("security libraries")) {
      remedy =
          "this ROS 2's middleware is built without it: use one that has it (installed packages do,"
              + " Python wheels do not)";
    } else if (keystore.isEmpty()) {
      remedy =
          "no keystore is named: set ROS_SECURITY_KEYSTORE to one that"
              + " 'ros2 security create_keystore' made";
    } else {
      remedy =
          "make the enclave with 'ros2 security create_enclave %s NAME', or name one that it has with --ros-args --enclave NAME"
              .formatted(keystore);
    }
    return new RclException(
        "%s. Security is on (ROS_SECURITY_ENABLE=true, ROS_SECURITY_STRATEGY=%s): %s, or unset ROS_SECURITY_ENABLE"
            .formatted(reason, environment.getOrDefault("ROS_SECURITY_STRATEGY", ""), remedy),
        refusal);
  }
}
