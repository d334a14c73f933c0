package dev.reverie.lerobot;

import dev.reverie.rollout.CameraImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes the videos of one camera, in files of limited size. */
final class VideoFiles implements AutoCloseable {
  private final Path dataset;
  private final String key;
  private final Layout.CameraSize size;
  private final int fps;
  private final long fullBytes;
  private FileNumber number = FileNumber.FIRST;
  private VideoWriter writer;

  /**
   * Begins the first video of a camera.
   *
   * @param key of the camera's feature
   * @param fullBytes after so many a new file begins
   */
  VideoFiles(Path dataset, String key, Layout.CameraSize size, int fps, long fullBytes)
      throws IOException {
    this.dataset = dataset;
    this.key = key;
    this.size = size;
    this.fps = fps;
    this.fullBytes = fullBytes;
    writer = open();
  }

  private VideoWriter open() throws IOException {
    Path path = number.path(dataset, DatasetInfo.VIDEO_PATH, key);
    Files.createDirectories(path.getParent());
    return new VideoWriter(path, size.width(), size.height(), fps);
  }

  /**
   * The place of an episode.
   *
   * @param fromSeconds of its first picture, from the file's beginning
   */
  record Place(FileNumber file, double fromSeconds) {}

  /** Appends an episode. */
  Place write(List<CameraImage> images) throws IOException {
    if (writer.bytes() >= fullBytes) {
      writer.close();
      number = number.next();
      writer = open();
    }
    Place place = new Place(number, (double) writer.frames() / fps);
    writer.episode(images);
    return place;
  }

  @Override
  public void close() {
    writer.close();
  }
}
