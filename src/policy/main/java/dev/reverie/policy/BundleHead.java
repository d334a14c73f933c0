package dev.reverie.policy;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The head of a bundle, {@code bundle.json}. The other files are not opened, so that a large bundle
 * is told as fast as a small one; whether they are what it says, {@link PolicyBundle#load} tells.
 *
 * @param id of the bundle, where its files are as it says
 */
public record BundleHead(String id, BundleSpec spec) {
  /**
   * Reads it.
   *
   * @throws BundleException where the folder has none that can be read
   */
  public static BundleHead read(Path folder) {
    try {
      byte[] json = PolicyBundle.read(folder, PolicyBundle.SPEC);
      BundleSpec spec = BundleJson.parse(json);
      return new BundleHead(PolicyBundle.id(spec, json), spec);
    } catch (IOException e) {
      throw new BundleException("bundle %s cannot be read: %s".formatted(folder, e), e);
    } catch (BundleException e) {
      throw new BundleException("bundle %s: %s".formatted(folder, e.getMessage()), e);
    }
  }
}
