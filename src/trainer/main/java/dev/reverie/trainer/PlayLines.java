package dev.reverie.trainer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.arm.ActionDimension;
import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.BundleSpec;
import dev.reverie.rollout.EpisodeException;
import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.imagination.SteeredRollout.Moment;
import dev.reverie.trainer.nn.TrainerException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A player behind lines of JSON: each line that comes is answered by one. The first line of the
 * answers says what is played in.
 */
final class PlayLines {
  private static final long LOOK_MILLIS = 200;

  private final Player player;
  private final BooleanSupplier stop;
  private final PlayPictures pictures;

  /**
   * Creates it.
   *
   * @param stop asked again and again, whether it is to end
   */
  PlayLines(Player player, BooleanSupplier stop) {
    this.player = player;
    this.stop = stop;
    pictures = new PlayPictures(player.canvas());
  }

  /** A line that came: a line, or none at the end of the input. */
  private record Line(Optional<String> text) {}

  /** Answers until the input ends, or a signal comes. */
  void answer(Reader input, PrintStream answers) {
    BlockingQueue<Line> lines = new LinkedBlockingQueue<>();
    Thread.ofPlatform().daemon().name("lines").start(() -> read(input, lines));
    say(answers, RunReport.JSON.createObjectNode().set("ready", ready()));
    try {
      while (!stop.getAsBoolean()) {
        Line line = lines.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        if (line != null) {
          if (line.text.isEmpty()) {
            return;
          }
          say(answers, answered(line.text.get()));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void read(Reader input, BlockingQueue<Line> lines) {
    try (var in = new BufferedReader(input)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        lines.add(new Line(Optional.of(line)));
      }
    } catch (IOException e) {
      // Who asks is gone.
    } finally {
      lines.add(new Line(Optional.empty()));
    }
  }

  private static void say(PrintStream answers, JsonNode what) {
    byte[] line = (what + "\n").getBytes(StandardCharsets.UTF_8);
    answers.write(line, 0, line.length);
    answers.flush();
  }

  private ObjectNode ready() {
    RoundWorld world = player.world();
    BundleSpec spec = world.bundle().spec();
    ObjectNode ready =
        RunReport.JSON
            .createObjectNode()
            .put("policy", world.bundle().id())
            .put("period_s", spec.chunk().periodS())
            .put("executed", world.steps().executed())
            .put("world_models", player.worldModels())
            .put("threshold", world.threshold());
    ArrayNode actions = ready.putArray("actions");
    for (ActionSpace part : spec.actionSpace().each()) {
      boolean delta =
          part instanceof ActionSpace.EndEffector || part instanceof ActionSpace.JointDeltas;
      for (ActionDimension one : ActionDimension.of(part)) {
        actions
            .addObject()
            .put("name", one.name())
            .put("unit", one.unit())
            .put("scale", one.scale())
            .put("delta", delta);
      }
    }
    spec.jointNames().forEach(ready.putArray("joints")::add);
    player.canvas().views().stream()
        .map(Canvas.View::camera)
        .forEach(ready.putArray("cameras")::add);
    return ready;
  }

  private ObjectNode answered(String line) {
    ObjectNode answer = RunReport.JSON.createObjectNode();
    try {
      JsonNode asked = RunReport.JSON.readTree(line);
      String what = asked.path("do").asText();
      switch (what) {
        case "start" -> {
          Player.Start start = player.start(bag(asked), frame(asked));
          answer
              .put("instruction", start.instruction())
              .put("frames", start.frames())
              .put("frame", start.frame())
              .put("usual", start.usual());
          put(answer, List.of(start.moment()));
        }
        case "act" -> put(answer, player.act(actions(asked)));
        case "policy" -> put(answer, player.actByPolicy());
        default ->
            throw new TrainerException(
                "'%s' is nothing to do; give start, act or policy".formatted(what));
      }
      return answer;
    } catch (JsonProcessingException e) {
      return refused("a line is no JSON: " + e.getOriginalMessage());
    } catch (TrainerException
        | EpisodeException
        | IllegalArgumentException
        | UncheckedIOException e) {
      return refused(String.valueOf(e.getMessage()));
    }
  }

  private static ObjectNode refused(String why) {
    return RunReport.JSON.createObjectNode().put("refused", why);
  }

  private static Path bag(JsonNode asked) {
    if (!asked.path("bag").isTextual()) {
      throw new TrainerException("a start names no bag; give \"bag\": its folder");
    }
    return Path.of(asked.path("bag").asText());
  }

  private static int frame(JsonNode asked) {
    if (!asked.path("frame").isInt()) {
      throw new TrainerException(
          "the frame is %s; give a whole number, from 0 on".formatted(asked.path("frame")));
    }
    return asked.path("frame").asInt();
  }

  private static float[][] actions(JsonNode asked) {
    JsonNode given = asked.path("actions");
    if (!given.isArray()) {
      throw new TrainerException("there are no actions; give \"actions\": [[..], ..]");
    }
    float[][] actions = new float[given.size()][];
    for (int i = 0; i < actions.length; i++) {
      actions[i] = new float[given.path(i).size()];
      for (int d = 0; d < actions[i].length; d++) {
        JsonNode value = given.path(i).path(d);
        if (!value.isNumber()) {
          throw new TrainerException("a number of an action is %s; give -1 to 1".formatted(value));
        }
        actions[i][d] = value.floatValue();
      }
    }
    return actions;
  }

  private void put(ObjectNode answer, List<Moment> moments) {
    ArrayNode list = answer.putArray("moments");
    for (Moment moment : moments) {
      ObjectNode told =
          list.addObject().put("step", moment.step()).put("success", moment.success());
      moment.apart().ifPresent(apart -> told.put("apart", apart));
      put(told.putArray("action"), moment.action());
      put(told.putArray("joints"), moment.joints());
      told.set("imagined", pictures.of(moment.planes()));
      player.recorded(moment.step()).ifPresent(planes -> told.set("recorded", pictures.of(planes)));
    }
  }

  private static void put(ArrayNode array, float[] values) {
    for (float value : values) {
      array.add(value);
    }
  }
}
