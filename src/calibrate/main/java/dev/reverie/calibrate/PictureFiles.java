package dev.reverie.calibrate;

import dev.reverie.policy.Preprocess;
import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.GitLfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** JPEG and PNG files, and those in folders, in the order of their names. */
record PictureFiles(List<Path> files) implements Source {
  /**
   * Finds the files.
   *
   * @throws CalibrateException where there are none
   */
  static PictureFiles of(List<Path> given) {
    List<Path> files = new ArrayList<>();
    for (Path path : given) {
      if (!Files.isDirectory(path)) {
        files.add(path);
        continue;
      }
      try (Stream<Path> inside = Files.list(path)) {
        inside.filter(PictureFiles::isPicture).sorted().forEach(files::add);
      } catch (IOException e) {
        throw new CalibrateException("--images '%s' cannot be read: %s".formatted(path, e), e);
      }
    }
    if (files.isEmpty()) {
      throw new CalibrateException(
          "there is no .png, .jpg or .jpeg in --images %s".formatted(given));
    }
    return new PictureFiles(files);
  }

  private static boolean isPicture(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".png") || name.endsWith(".jpg") || name.endsWith(".jpeg");
  }

  @Override
  public String images() {
    return "";
  }

  @Override
  public void forEach(Predicate<Sensed> taker) {
    for (Path file : files) {
      if (!taker.test(new Sensed.Picture(file.toString(), "", 0, () -> read(file)))) {
        return;
      }
    }
  }

  private static CameraImage read(Path file) {
    GitLfs.pointer(file)
        .ifPresent(
            told -> {
              throw new CalibrateException(told);
            });
    try {
      return Preprocess.decode(Files.readAllBytes(file));
    } catch (IOException | IllegalArgumentException e) {
      throw new CalibrateException(
          "'%s' cannot be read: %s; give JPEG or PNG, or leave it out"
              .formatted(file, e.getMessage()),
          e);
    }
  }
}
