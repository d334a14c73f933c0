package dev.reverie.policy;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.opencv.core.Core;

/**
 * Loads OpenCV's native libraries, all but the windows of highgui, which would need GTK. The
 * presets' own loader knows no such choice.
 */
public final class OpenCv {
  private static final String PLATFORM = Loader.getPlatform();

  /** Libraries that {@code libopencv_java} is linked with, and what these need. */
  private static final List<String> MODULES =
      List.of(
          "core",
          "flann",
          "imgproc",
          "ml",
          "phase_unwrapping",
          "plot",
          "dnn",
          "features2d",
          "imgcodecs",
          "photo",
          "xphoto",
          "dnn_superres",
          "img_hash",
          "saliency",
          "text",
          "videoio",
          "calib3d",
          "structured_light",
          "objdetect",
          "wechat_qrcode",
          "shape",
          "xfeatures2d",
          "video",
          "ximgproc",
          "aruco",
          "bgsegm",
          "bioinspired",
          "face",
          "tracking");

  private OpenCv() {}

  /** Loads them, once; to be called before any other part of OpenCV is used. */
  public static void load() {
    if (!Holder.LOADED) {
      throw new IllegalStateException("OpenCV is not loaded");
    }
  }

  private static final class Holder {
    static final boolean LOADED = loadAll();
  }

  private static boolean loadAll() {
    try {
      // The same files that libtorch uses, so that both share one BLAS in one process.
      for (String name : List.of("libquadmath.so.0", "libgfortran.so.5", "libopenblas.so.0")) {
        System.load(file("openblas", name));
      }
      List<String> waiting = new ArrayList<>();
      for (String module : MODULES) {
        waiting.add(file("opencv", "libopencv_%s.so.413".formatted(module)));
      }
      loadInAnyOrder(waiting);
      System.load(file("opencv", "libopencv_java.so"));
      Core.setNumThreads(1); // pictures are small and the cores are for the policy
      return true;
    } catch (IOException e) {
      throw new IllegalStateException("OpenCV cannot be unpacked: " + e.getMessage(), e);
    }
  }

  /** The libraries name no search path, so each must come after those that it needs. */
  private static void loadInAnyOrder(List<String> waiting) {
    while (!waiting.isEmpty()) {
      List<String> failed = new ArrayList<>();
      UnsatisfiedLinkError last = null;
      for (String library : waiting) {
        try {
          System.load(library);
        } catch (UnsatisfiedLinkError e) {
          failed.add(library);
          last = e;
        }
      }
      if (last != null && failed.size() == waiting.size()) {
        throw last;
      }
      waiting = failed;
    }
  }

  private static String file(String preset, String name) throws IOException {
    String resource = "/org/bytedeco/%s/%s/%s".formatted(preset, PLATFORM, name);
    File file = Loader.cacheResource(OpenCv.class, resource);
    if (file == null) {
      throw new IllegalStateException(
          "%s is not on the class path; this platform (%s) has no OpenCV"
              .formatted(name, PLATFORM));
    }
    return file.getPath();
  }
}
