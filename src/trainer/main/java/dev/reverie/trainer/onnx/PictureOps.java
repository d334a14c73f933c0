package dev.reverie.trainer.onnx;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Operators that change how many places a picture has. */
final class PictureOps {
  private PictureOps() {}

  static void register(Map<String, Op.Factory> ops) {
    ops.put("Resize", Resize::op);
    ops.put("GridSample", PictureOps::gridSample);
    ops.put("AffineGrid", PictureOps::affineGrid);
    ops.put("DepthToSpace", PictureOps::depthToSpace);
    ops.put("SpaceToDepth", PictureOps::spaceToDepth);
  }

  /** The places of the grid are -1 to 1 over the picture, or the volume. */
  private static Op gridSample(Node node) {
    String mode = node.text("mode", "linear");
    long interpolation =
        switch (mode) {
          case "linear", "bilinear" -> 0;
          case "nearest" -> 1;
          case "cubic", "bicubic" -> 2;
          default -> -1;
        };
    node.require(interpolation >= 0, "mode " + mode);
    String padding = node.text("padding_mode", "zeros");
    long outside = List.of("zeros", "border", "reflection").indexOf(padding);
    node.require(outside >= 0, "padding_mode " + padding);
    boolean corners = node.flag("align_corners", false);
    return Op.one(
        in -> {
          node.require(
              in.get(0).dim() == 4 || (in.get(0).dim() == 5 && interpolation < 2),
              "mode " + mode + " of an input with " + in.get(0).dim() + " axes");
          return torch.grid_sampler(in.get(0), in.get(1), interpolation, outside, corners);
        });
  }

  private static Op affineGrid(Node node) {
    boolean corners = node.flag("align_corners", false);
    return Op.one(in -> torch.affine_grid_generator(in.get(0), in.longs(1), corners));
  }

  private static Op depthToSpace(Node node) {
    long s = node.integer("blocksize", 1);
    boolean channelsFirst = node.text("mode", "DCR").equals("CRD");
    return Op.one(
        in -> {
          long[] n = Tensors.shape(in.get(0)); // [B, C, H, W]
          long c = n[1] / (s * s);
          Tensor blocks =
              channelsFirst
                  ? in.get(0).reshape(n[0], c, s, s, n[2], n[3]).permute(0, 1, 4, 2, 5, 3)
                  : in.get(0).reshape(n[0], s, s, c, n[2], n[3]).permute(0, 3, 4, 1, 5, 2);
          return blocks.reshape(n[0], c, n[2] * s, n[3] * s);
        });
  }

  private static Op spaceToDepth(Node node) {
    long s = node.integer("blocksize", 1);
    boolean channelsFirst = node.text("mode", "DCR").equals("CRD"); // since opset 28
    return Op.one(
        in -> {
          long[] n = Tensors.shape(in.get(0));
          Tensor blocks = in.get(0).reshape(n[0], n[1], n[2] / s, s, n[3] / s, s);
          return (channelsFirst
                  ? blocks.permute(0, 1, 3, 5, 2, 4)
                  : blocks.permute(0, 3, 5, 1, 2, 4))
              .reshape(n[0], n[1] * s * s, n[2] / s, n[3] / s);
        });
  }
}
