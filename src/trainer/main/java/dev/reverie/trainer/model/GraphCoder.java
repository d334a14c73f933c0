package dev.reverie.trainer.model;

import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.model.GraphPorts.Port;
import dev.reverie.trainer.nn.Network;
import dev.reverie.trainer.nn.Parameters;
import dev.reverie.trainer.nn.Pass;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.onnx.OnnxModule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/** An auto-encoder's network that is a graph of the user's, whose two halves run by themselves. */
final class GraphCoder implements FrameCoder, Network {
  private static final String IMAGE = "image";
  private static final String LATENT = "latent";
  private static final String MEAN = "latent_mean";
  private static final String LOG_VARIANCE = "latent_log_variance";
  private static final String RECONSTRUCTION = "reconstruction";

  /** The least logarithm of a variance that counts, of a graph that gives none. */
  private static final double CERTAIN = -10;

  private final OnnxModule module;
  private final Parameters parameters;
  private final boolean uncertain;
  private final List<GraphPorts> views;
  private final OnnxModule.Part encoder;
  private final OnnxModule.Part decoder;

  /**
   * Compares the graph with what an auto-encoder has to be.
   *
   * @param channels C of a latent
   * @param canvas whose views it codes
   */
  GraphCoder(OwnGraph graph, int channels, Canvas canvas) {
    uncertain = graph.gives(LOG_VARIANCE);
    views = canvas.views().stream().map(view -> ports(view, channels, uncertain)).toList();
    module = graph.module(views, Set.of());
    parameters = Parameters.of(module.parameters(), module::close);
    encoder = graph.half(module, List.of(MEAN, LOG_VARIANCE), IMAGE);
    decoder = graph.half(module, List.of(RECONSTRUCTION), LATENT);
  }

  private static GraphPorts ports(Canvas.View view, int channels, boolean uncertain) {
    Port image = Port.needed(IMAGE, 3, view.height(), view.width());
    long[] latent = {channels, view.height() / FrameVae.CELL, view.width() / FrameVae.CELL};
    List<Port> outputs = new ArrayList<>(List.of(Port.needed(MEAN, latent)));
    if (uncertain) {
      outputs.add(Port.needed(LOG_VARIANCE, latent));
    }
    outputs.add(Port.needed(RECONSTRUCTION, 3, view.height(), view.width()));
    return new GraphPorts(List.of(image, Port.needed(LATENT, latent)), outputs);
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  @Override
  public Tensor posterior(Tensor images) {
    Map<String, Tensor> coded = encoder.run(Map.of(IMAGE, images));
    Tensor mean = Torch.required(coded, MEAN);
    Tensor spread =
        uncertain ? Torch.required(coded, LOG_VARIANCE) : Torch.full(CERTAIN, Torch.shape(mean));
    return Torch.cat(1, mean, spread);
  }

  @Override
  public Tensor decode(Tensor latents) {
    return Torch.required(decoder.run(Map.of(LATENT, latents)), RECONSTRUCTION);
  }

  /** Returns what it does to code a picture of each view; counted by running it. */
  Pass encoded() {
    return counted(encoder, IMAGE);
  }

  /** Returns what it does to decode a latent of each view; counted by running it. */
  Pass decoded() {
    return counted(decoder, LATENT);
  }

  private Pass counted(OnnxModule.Part part, String input) {
    List<OnnxModule.Work> nodes = new ArrayList<>();
    Torch.noGrad(
        () -> {
          for (GraphPorts ports : views) {
            Map<String, Tensor> zeros = ports.zeros(module, 1);
            zeros.keySet().retainAll(Set.of(input));
            Map<String, Tensor> _ = part.run(zeros, nodes::add);
          }
        });
    return TrainablePolicy.total(nodes);
  }
}
