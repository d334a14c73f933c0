package dev.reverie.rollout;

import static dev.reverie.rollout.Ran.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.msgs.reverie.Command;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Labels that say when a success came. */
class RolloutsMomentTest {
  private final Path folder;

  RolloutsMomentTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void aSuccessIsLabelledAtItsMoment() throws Exception {
    Path bag = RecordedArm.ended(folder, "one", 8, EpisodeOutcome.Kind.FAILURE);
    Ran labelled = run("label", bag, "--outcome", "success", "--by", "ada", "--at", "0.5");
    assertEquals(0, labelled.code(), labelled.out());
    JsonNode shown = new ObjectMapper().readTree(run("show", bag, "--json").out());
    assertEquals(5, shown.get("steps").asInt());
    assertEquals(0.5, shown.get("outcome_at_s").asDouble());
    assertEquals(EpisodeOutcome.Kind.SUCCESS, Episode.read(bag).outcome().kind());
  }

  @Test
  void aMomentOutsideTheEpisodeOrOfAnotherOutcomeIsRefused() {
    Path bag = RecordedArm.ended(folder, "one", 8, EpisodeOutcome.Kind.FAILURE);
    for (String at : List.of("0", "-1", "0.801", "1e300", "NaN")) {
      Ran outside = run("label", bag, "--outcome", "success", "--by", "ada", "--at", at);
      assertEquals(1, outside.code(), at);
      assertTrue(outside.out().contains("0.800 s at most"), outside.out());
    }
    Ran other = run("label", bag, "--outcome", "failure", "--by", "ada", "--at", "0.5");
    assertEquals(1, other.code());
    assertTrue(other.out().contains("leave --at out"), other.out());
    assertEquals(EpisodeOutcome.Kind.FAILURE, Episode.read(bag).outcome().kind());
  }

  @Test
  void anEpisodeThatNobodyEndedHasMomentsToo() {
    RecordedArm arm = new RecordedArm(folder, "killed", 48);
    try (arm) {
      arm.begin();
      for (int t = 0; t < 4; t++) {
        arm.observe(t);
        if (t == 0) {
          arm.chunk(0);
        }
        arm.command(t, Command.POLICY);
      }
      arm.observe(4);
    }
    Path bag = arm.bag();
    assertEquals(1, run("label", bag, "--outcome", "success", "--by", "ada", "--at", "0.5").code());
    assertEquals(0, run("label", bag, "--outcome", "success", "--by", "ada", "--at", "0.4").code());
    assertEquals(4, Episode.read(bag).steps().size());
  }
}
