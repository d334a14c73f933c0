package dev.reverie.policy;

import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Parts of a bundle beside its graphs and weights; a file each, where there is something.
 *
 * @param pictures what the cameras saw in training
 * @param calibrations that cameras had in training
 * @param others content of the tokenizer's file and of the probe, by name
 */
record Beside(
    SortedMap<String, PictureStatistics> pictures,
    SortedMap<String, List<CameraCalibration>> calibrations,
    SortedMap<String, byte[]> others) {
  /** Copies the maps. */
  Beside {
    pictures = Collections.unmodifiableSortedMap(new TreeMap<>(pictures));
    calibrations = Collections.unmodifiableSortedMap(new TreeMap<>(calibrations));
    others = Collections.unmodifiableSortedMap(new TreeMap<>(others));
  }

  /** Returns the parts of a policy of whose cameras nothing is known. */
  static Beside of(Map<String, byte[]> others) {
    return new Beside(new TreeMap<>(), new TreeMap<>(), new TreeMap<>(others));
  }

  /** Reads the files that a spec lists, and checks their hashes. */
  static Beside read(Path folder, BundleSpec spec) throws IOException {
    SortedMap<String, PictureStatistics> pictures = new TreeMap<>();
    SortedMap<String, List<CameraCalibration>> calibrations = new TreeMap<>();
    SortedMap<String, byte[]> others = new TreeMap<>();
    for (String name : spec.files().keySet()) {
      if (spec.graph().files().containsValue(name) || name.equals(PolicyBundle.WEIGHTS)) {
        continue;
      }
      byte[] content = PolicyBundle.read(folder, name);
      PolicyBundle.requireHash(spec, name, Sha256.of(content));
      switch (name) {
        case PolicyBundle.PICTURES -> pictures = BundleJson.parsePictures(content);
        case PolicyBundle.CALIBRATIONS -> calibrations = BundleJson.parseCalibrations(content);
        default -> others.put(name, content);
      }
    }
    return new Beside(pictures, calibrations, others);
  }

  /** Content of the files by name. */
  SortedMap<String, byte[]> files() {
    SortedMap<String, byte[]> files = new TreeMap<>(others);
    if (!pictures.isEmpty()) {
      files.put(PolicyBundle.PICTURES, BundleJson.write((Object) pictures));
    }
    if (!calibrations.isEmpty()) {
      files.put(PolicyBundle.CALIBRATIONS, BundleJson.write((Object) calibrations));
    }
    return files;
  }

  /** The exporter's observations and what came of them. */
  Optional<Safetensors> probe() {
    return Optional.ofNullable(others.get(PolicyBundle.PROBE)).map(Safetensors::of);
  }

  Beside withoutProbe() {
    SortedMap<String, byte[]> rest = new TreeMap<>(others);
    rest.remove(PolicyBundle.PROBE);
    return new Beside(pictures, calibrations, rest);
  }

  Beside withPictures(Map<String, PictureStatistics> seen) {
    return new Beside(new TreeMap<>(seen), calibrations, others);
  }

  Beside withCalibrations(Map<String, List<CameraCalibration>> had) {
    return new Beside(pictures, new TreeMap<>(had), others);
  }
}
