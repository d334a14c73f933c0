package dev.reverie.trainer.data;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The recording of an episode, which may be several in a data set where it has gaps.
 *
 * @param id of the episode
 * @param sha256 of the bag's recording, hexadecimal
 * @param scene the seed that tells in which scene it was recorded, so that what another policy did
 *     there has the same; 0 where none does
 */
public record Recording(String id, String sha256, long scene) {
  /**
   * The seeds of recordings as scenes, 0 for those of whoever acts with each seed more than twice
   * on average: seeds that are not drawn anew tell no scene.
   *
   * @param policies who acted in each
   * @param seeds of each, 0 for none
   */
  static List<Long> scenes(List<String> policies, List<Long> seeds) {
    Map<String, Set<Long>> distinct = new HashMap<>();
    Map<String, Integer> many = new HashMap<>();
    for (int i = 0; i < seeds.size(); i++) {
      if (seeds.get(i) != 0) {
        distinct.computeIfAbsent(policies.get(i), _ -> new HashSet<>()).add(seeds.get(i));
        many.merge(policies.get(i), 1, Integer::sum);
      }
    }
    List<Long> scenes = new ArrayList<>();
    for (int i = 0; i < seeds.size(); i++) {
      String policy = policies.get(i);
      boolean drawn =
          2 * distinct.getOrDefault(policy, Set.of()).size() >= many.getOrDefault(policy, 0);
      scenes.add(drawn ? seeds.get(i) : 0L);
    }
    return scenes;
  }
}
