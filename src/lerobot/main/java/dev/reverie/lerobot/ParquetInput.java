package dev.reverie.lerobot;

import dev.hardwood.InputFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A file that refuses to be read beyond its end. Hardwood asks for nothing again and again where a
 * damaged page says that it is longer than its column, and would wait for ever.
 */
final class ParquetInput implements InputFile {
  private final InputFile file;

  ParquetInput(Path path) {
    file = InputFile.of(path);
  }

  @Override
  public void open() throws IOException {
    file.open();
  }

  @Override
  public ByteBuffer readRange(long offset, int length) throws IOException {
    if (length <= 0 || offset < 0 || offset > length() - length) {
      throw new EOFException("%d bytes are wanted at %d of %d".formatted(length, offset, length()));
    }
    return file.readRange(offset, length);
  }

  @Override
  public long length() throws IOException {
    return file.length();
  }

  @Override
  public String name() {
    return file.name();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
