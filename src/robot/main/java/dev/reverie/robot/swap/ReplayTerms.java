package dev.reverie.robot.swap;

import dev.reverie.rollout.JointNames;

/**
 * Terms by which a policy is replayed, as the node would carry out its actions.
 *
 * @param rollouts folder of the node's own episodes
 * @param arm the arm file, as YAML; empty where there is none
 * @param urdf of the arm; empty where none has come
 * @param names of the joints in URDF and messages
 * @param periodS of a control tick
 * @param measured whether actions that are deltas add to measured positions, else to commanded ones
 * @param executed actions of a chunk that are carried out; 0: as the policy's bundle says
 */
record ReplayTerms(
    ReplayAsked asked,
    String rollouts,
    String arm,
    String urdf,
    JointNames names,
    double periodS,
    boolean measured,
    long executed) {}
