package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.Rollouts;
import dev.reverie.trainer.data.Bags;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.nn.LibtorchTest;
import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process that plays, in a round of two world models. */
class PlayTest extends LibtorchTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final RunCommands commands;

  PlayTest(@TempDir Path folder) {
    this.folder = folder;
    commands = new RunCommands(folder);
  }

  private void round() throws IOException {
    Files.writeString(
        folder.resolve("settings.json"),
        WmpoTest.TINY.replace("\"alignSteps\": 5", "\"alignSteps\": 5, \"ensemble\": 2"));
    Files.writeString(folder.resolve("task.json"), TrainCommandTest.TASK);
    commands.write("demonstrations", "d", 6, "");
    commands.run(
        0,
        "pretrain --demonstrations D/demonstrations --out D/models --task D/task.json --settings"
            + " D/settings.json");
    commands.write("rollouts", "r", 8, commands.bundle("models/base").id());
    commands.run(0, String.join(" ", TrainerProcess.improve(folder, folder.resolve("work"))));
  }

  @Test
  void stepsInsideARoundAndSaysWhyWhatCannotBeDone() throws Exception {
    round();
    Path bag = Rollouts.bags(folder.resolve("rollouts")).getFirst(); // succeeds after 6 steps
    Path unlabelled = folder.resolve("unlabelled");
    Bags.write(
        unlabelled,
        Examples.episodes("u", 1),
        0,
        4,
        EpisodeOutcome.Kind.UNLABELLED,
        "go right",
        TrainCommandTest.JOINTS,
        4);
    List<String> command = List.of("train", "play", "--work", folder.resolve("work").toString());
    Process process = TrainerProcess.start(folder.resolve("errors.txt"), Map.of(), command);
    try (BufferedReader out = process.inputReader();
        BufferedWriter in = process.outputWriter()) {
      JsonNode ready = JSON.readTree(out.readLine()).path("ready");
      assertEquals(2, ready.path("world_models").asInt());
      assertEquals(commands.bundle("work/improved").id(), ready.path("policy").asText());
      assertEquals("[\"slide\",\"lift\"]", ready.path("joints").toString());
      assertEquals("[\"camera\"]", ready.path("cameras").toString());
      assertEquals(
          "{\"name\":\"slide\",\"unit\":\"rad\",\"scale\":0.1,\"delta\":true}",
          ready.path("actions").path(0).toString());
      assertEquals(4, ready.path("executed").asInt());

      String refusedAct = ask(in, out, "{\"do\":\"policy\"}").path("refused").asText();
      assertTrue(refusedAct.contains("start from a frame"), refusedAct);
      String start = "{\"do\":\"start\",\"bag\":\"%s\",\"frame\":%s}";
      JsonNode begun = ask(in, out, start.formatted(bag, 3));
      assertEquals(7, begun.path("frames").asInt(), begun.toString());
      assertTrue(begun.path("usual").asDouble() > 0);
      JsonNode moment = begun.path("moments").path(0);
      assertEquals(3, moment.path("step").asInt());
      assertFalse(moment.has("apart"));
      BufferedImage recorded = picture(moment.path("recorded"));
      assertEquals(250, recorded.getRGB(10 + 3 * 3 + 1, 22) & 255); // the square, after 3 steps
      assertEquals(48, picture(moment.path("imagined")).getWidth());

      JsonNode acted = ask(in, out, "{\"do\":\"act\",\"actions\":[[0.5,0],[1,-1]]}");
      JsonNode last = acted.path("moments").path(1);
      assertEquals(2, acted.path("moments").size());
      assertEquals(5, last.path("step").asInt());
      assertEquals("[1.0,-1.0]", last.path("action").toString());
      assertTrue(last.path("apart").asDouble() > 0);
      double success = last.path("success").asDouble();
      assertTrue(success > 0 && success < 1, last.toString());
      assertEquals(2, last.path("joints").size());
      assertTrue(last.has("recorded"));
      JsonNode chunk = ask(in, out, "{\"do\":\"policy\"}").path("moments");
      assertEquals(4, chunk.size());
      assertTrue(chunk.path(0).has("recorded"));
      assertFalse(chunk.path(1).has("recorded"), "the recording ends after 6 steps");

      ask(in, out, start.formatted(bag, 3));
      JsonNode again = ask(in, out, "{\"do\":\"act\",\"actions\":[[0.5,0],[1,-1]]}");
      assertEquals(acted, again, "the same start and actions give the same");
      ask(in, out, start.formatted(bag, 3));
      JsonNode otherwise = ask(in, out, "{\"do\":\"act\",\"actions\":[[-1,0],[-1,-1]]}");
      assertNotEquals(
          acted.path("moments").path(1).path("imagined"),
          otherwise.path("moments").path(1).path("imagined"));

      refused(in, out, start.formatted(bag, 7), "there is no frame 7", "0 to 6");
      Path other = Rollouts.bags(folder.resolve("rollouts")).get(1);
      refused(in, out, start.formatted(other, 9), "there is no frame 9", "0 to 8");
      refused(in, out, start.formatted(bag, "1.5"), "the frame is 1.5");
      refused(in, out, start.formatted(folder.resolve("gone"), 0), "gone is not there");
      refused(in, out, "{\"do\":\"act\",\"actions\":[[1]]}", "1 numbers, and the policy's have 2");
      refused(in, out, "{\"do\":\"act\",\"actions\":[[1e39,0]]}", "is Infinity; give -1 to 1");
      refused(in, out, "{\"do\":\"act\",\"actions\":[[\"NaN\",0]]}", "is \"NaN\"; give -1 to 1");
      refused(in, out, "{\"do\":\"act\",\"actions\":[]}", "there are 0 actions");
      refused(in, out, "{\"do\":\"dance\"}", "'dance' is nothing to do");
      refused(in, out, "dance", "is no JSON");
      JsonNode onward = ask(in, out, "{\"do\":\"act\",\"actions\":[[0,0]]}");
      assertEquals(6, onward.path("moments").path(0).path("step").asInt(), "and nothing suffered");

      Path nobodySaid = Rollouts.bags(unlabelled).getFirst();
      JsonNode open = ask(in, out, start.formatted(nobodySaid, 0));
      assertEquals(5, open.path("frames").asInt(), open.toString());

      new ProcessBuilder("kill", "-TERM", Long.toString(process.pid())).start().waitFor();
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      assertEquals(143, process.exitValue());
    } finally {
      process.destroyForcibly();
    }
    aRoundThatIsNotWholeIsRefused();
  }

  private void aRoundThatIsNotWholeIsRefused() throws IOException {
    String play = "train play --work D/work";
    commands.refused("train play --work D/models", "imagination needs a round that has ended");
    Files.move(folder.resolve("models"), folder.resolve("moved"));
    commands.refused(play, "the auto-encoder that", "--models");
    Files.move(folder.resolve("moved"), folder.resolve("models"));
    Path second = folder.resolve("work/world_model_2.safetensors");
    Files.move(second, folder.resolve("second"));
    commands.refused(play, "world_model_2.safetensors");
    Files.move(folder.resolve("second"), second);
    Files.move(folder.resolve("work/improved"), folder.resolve("better"));
    commands.refused(play, "the better policy", "--bundle");
    Files.delete(folder.resolve("work/world_model.safetensors"));
    commands.refused(play + " --bundle D/better", "there is no world model in");
  }

  private static JsonNode ask(BufferedWriter in, BufferedReader out, String line)
      throws IOException {
    in.write(line + "\n");
    in.flush();
    String answer = out.readLine();
    assertNotNull(answer, "the process has ended");
    return JSON.readTree(answer);
  }

  private static void refused(BufferedWriter in, BufferedReader out, String line, String... why)
      throws IOException {
    String said = ask(in, out, line).path("refused").asText();
    for (String each : why) {
      assertTrue(said.contains(each), said);
    }
  }

  private static BufferedImage picture(JsonNode views) throws IOException {
    assertEquals("image/png", views.path(0).path("type").asText());
    byte[] bytes = Base64.getDecoder().decode(views.path(0).path("data").asText());
    return ImageIO.read(new ByteArrayInputStream(bytes));
  }
}
