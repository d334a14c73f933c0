package dev.reverie.lerobot;

/** Names of a dataset's features. */
final class Keys {
  static final String STATE = "observation.state";
  static final String IMAGES = "observation.images.";
  static final String ACTION = "action";
  static final String REWARD = "next.reward";
  static final String DONE = "next.done";
  static final String SUCCESS = "next.success";
  static final String TIMESTAMP = "timestamp";
  static final String FRAME = "frame_index";
  static final String EPISODE = "episode_index";
  static final String INDEX = "index";
  static final String TASK = "task_index";

  // Ours. LeRobot's policies take features whose names begin with "observation" or "action".
  static final String POLICY_ACTION = "reverie.action";
  static final String HELD = "reverie.held";
  static final String STAMP = "reverie.stamp_ns";

  private Keys() {}
}
