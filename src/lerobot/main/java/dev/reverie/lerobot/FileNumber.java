package dev.reverie.lerobot;

import java.nio.file.Path;

/** The number of one of a dataset's files of a kind: file F in the folder of chunk C. */
record FileNumber(long chunk, long file) {
  static final FileNumber FIRST = new FileNumber(0, 0);

  FileNumber next() {
    return file + 1 < DatasetInfo.FILES_PER_CHUNK
        ? new FileNumber(chunk, file + 1)
        : new FileNumber(chunk + 1, 0);
  }

  /**
   * The path of the file in a dataset.
   *
   * @param template of the path, as in meta/info.json
   * @param videoKey of a camera; empty for tables
   */
  Path path(Path dataset, String template, String videoKey) {
    return DatasetInfo.path(dataset, template, videoKey, chunk, file);
  }
}
