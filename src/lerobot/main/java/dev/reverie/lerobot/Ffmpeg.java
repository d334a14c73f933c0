package dev.reverie.lerobot;

import static org.bytedeco.ffmpeg.global.avutil.AV_ERROR_MAX_STRING_SIZE;
import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_QUIET;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;
import static org.bytedeco.ffmpeg.global.avutil.av_strerror;

import dev.reverie.rollout.CameraImage;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;

/** Sets FFmpeg up and tells its errors, for reading and writing videos. */
final class Ffmpeg {
  static {
    quiet();
  }

  private Ffmpeg() {}

  /** Loads the libraries; their errors come as exceptions, not on the terminal. */
  static void load() {
    // The initializer does it.
  }

  private static void quiet() {
    av_log_set_level(AV_LOG_QUIET);
    // SVT-AV1 has no other switch: it reads the C environment, 0 being "fatal errors only".
    Linker linker = Linker.nativeLinker();
    MethodHandle setenv =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("setenv"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      // Safe: setenv copies both strings; 0 keeps what the user has set.
      int result =
          (int) setenv.invokeExact(arena.allocateFrom("SVT_LOG"), arena.allocateFrom("0"), 0);
      if (result != 0) {
        throw new IllegalStateException("setenv returned " + result);
      }
    } catch (Throwable e) {
      throw new IllegalStateException("setenv cannot be called", e);
    }
  }

  /** Throws where a call of FFmpeg returned an error, a negative number. */
  static int check(int result, String doing, Path file) {
    if (result < 0) {
      byte[] text = new byte[AV_ERROR_MAX_STRING_SIZE];
      av_strerror(result, text, text.length);
      int length = 0;
      while (length < text.length && text[length] != 0) {
        length++;
      }
      throw new LerobotException(
          "%s: cannot %s: %s"
              .formatted(file, doing, new String(text, 0, length, StandardCharsets.UTF_8)));
    }
    return result;
  }

  /** A frame's RGB pixels, rows without padding. */
  static CameraImage image(AVFrame frame) {
    int rowBytes = frame.width() * 3;
    byte[] rgb = new byte[rowBytes * frame.height()];
    BytePointer data = frame.data(0);
    for (int row = 0; row < frame.height(); row++) {
      data.position((long) row * frame.linesize(0)).get(rgb, row * rowBytes, rowBytes);
    }
    return new CameraImage(frame.width(), frame.height(), rgb);
  }

  /** Fills a frame of the picture's size. */
  static void fill(AVFrame frame, CameraImage image) {
    int rowBytes = frame.width() * 3;
    BytePointer data = frame.data(0);
    for (int row = 0; row < frame.height(); row++) {
      data.position((long) row * frame.linesize(0)).put(image.rgb(), row * rowBytes, rowBytes);
    }
  }
}
