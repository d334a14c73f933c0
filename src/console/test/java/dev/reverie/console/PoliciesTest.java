package dev.reverie.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.arm.PlanarArm;
import dev.reverie.console.Browser.Answer;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.robot.RunningRobot;
import dev.reverie.robot.TestBundles;
import dev.reverie.rollout.EpisodeOutcome.Kind;
import dev.reverie.testing.Prepared;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A family of policies, and a console that brings them into a real robot node. */
@Prepared
class PoliciesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final BundleSpec.Measured UNTRIED = new BundleSpec.Measured(0, 0);

  /** Parameter of the node for a machine that has much to do. */
  static final String PATIENT = "swap.load_timeout_s:=300.0";

  @TempDir Path folder;
  private Family family;

  /** A policy, one that came of it, and one that sees otherwise. */
  record Family(Path base, Path better, Path other, Path slow) {
    static Family make(Path folder) throws Exception {
      PolicyBundle base = TestBundles.bundle(TestBundles.spec(), 0.1, 0);
      base.save(folder.resolve("base"));
      PolicyBundle better =
          TestBundles.bundle(TestBundles.spec(), 0.2, 0).withLineage(of(base, "WMPO"));
      better.save(folder.resolve("better"));
      int side = TestBundles.PIXELS;
      var crop = new BundleSpec.Crop(0, 0, 0.5, 0.5);
      var camera = new BundleSpec.Camera("camera", side, side, false, crop);
      BundleSpec cropped =
          TestBundles.spec(
              camera, PlanarArm.JOINTS, PlanarArm.SPACE, TestBundles.spec().chunk().periodS());
      TestBundles.bundle(cropped, 0.3, 0)
          .withLineage(of(better, "<img src=x onerror=document.title='run'>"))
          .save(folder.resolve("<img src=x onerror=document.title='run'>"));
      TestBundles.thinking(TestBundles.spec(), 400, 0.4, 0).save(folder.resolve("slow"));
      Files.writeString(
          folder.resolve("round.json"),
          JSON.writeValueAsString(
              Map.of(
                  "base", Map.of("successes", 13, "episodes", 40),
                  "policy", Map.of("before", base.id(), "after", better.id()),
                  "improved", Map.of("real", Map.of("successes", 31, "episodes", 40)))));
      return new Family(
          folder.resolve("base"),
          folder.resolve("better"),
          folder.resolve("<img src=x onerror=document.title='run'>"),
          folder.resolve("slow"));
    }

    private static BundleSpec.Lineage of(PolicyBundle parent, String method) {
      var settings = new TreeMap<>(Map.of("method", method));
      settings.put("settings", "{\"grpo\":{\"iterations\":40}}");
      return new BundleSpec.Lineage(parent.id(), List.of("ab", "cd"), settings, UNTRIED);
    }

    static String id(Path bundle) {
      return PolicyBundle.load(bundle).id();
    }
  }

  @BeforeEach
  void make() throws Exception {
    family = Family.make(folder.resolve("policies"));
  }

  private RunningRobot robot() {
    var robot = new RunningRobot(family.base(), folder.resolve("rollouts"), PATIENT);
    robot.arm.describe(PlanarArm.xml());
    robot.arm.run(20);
    return robot;
  }

  private TestConsole console(String robot) {
    return new TestConsole(
        robot, List.of(folder.resolve("policies")), folder.resolve("no-rounds-yet"));
  }

  private static String name(RunningRobot robot) {
    return robot.arm.node.namespace() + "/robot";
  }

  private static String swap(Path bundle, String... mayDiffer) throws Exception {
    return JSON.writeValueAsString(
        Map.of("ask", "swap", "bundle", bundle.toString(), "mayDiffer", List.of(mayDiffer)));
  }

  private static JsonNode row(JsonNode listing, Path bundle) {
    for (JsonNode row : listing.get("policies")) {
      if (row.get("folder").asText().equals(bundle.toString())) {
        return row;
      }
    }
    throw new AssertionError(bundle + " is not in " + listing);
  }

  private static List<String> states(JsonNode told) {
    return told.get("swap").get("steps").findValuesAsText("state");
  }

  /** Waits until the swap of a bundle has ended. */
  private static JsonNode ended(Browser browser, Path bundle) throws Exception {
    return browser.await(
        "the end of the swap of " + bundle,
        told ->
            told.at("/swap/ended").asBoolean()
                && told.at("/swap/bundle").asText().equals(bundle.toString()));
  }

  @Test
  void theListTellsWhereEachPolicyComesFromAndHowItDid() throws Exception {
    Path rollouts = folder.resolve("rollouts");
    RolloutIndexTest.record(rollouts, "20261130T100000000-0001", Kind.SUCCESS);
    RolloutIndexTest.record(rollouts, "20261130T100000000-0002", Kind.UNLABELLED);
    var ofTried = new BundleSpec.Lineage("ab12", List.of(), new TreeMap<>(), UNTRIED);
    Path youngest = folder.resolve("policies/youngest");
    TestBundles.bundle(TestBundles.spec(), 0.5, 0).withLineage(ofTried).save(youngest);
    try (var console =
            new TestConsole(
                "/nobody",
                Optional.of(rollouts),
                List.of(folder.resolve("policies")),
                folder.resolve("no-rounds-yet"));
        var browser = console.viewer("Vera")) {
      JsonNode listing = browser.get("api/policies").body();
      assertEquals(6, listing.get("policies").size(), listing.toString());
      JsonNode lost = row(listing, Path.of(""));
      assertEquals("ab12", lost.get("id").asText(), "a parent that was not found");
      assertEquals(1, lost.at("/tried/success").asInt());
      assertEquals(1, lost.at("/tried/unlabelled").asInt());
      assertEquals("ab12", row(listing, youngest).get("parent").asText());
      assertEquals(0, listing.get("faults").size(), listing.toString());
      JsonNode better = row(listing, family.better());
      assertEquals("better", better.get("name").asText());
      assertEquals(Family.id(family.better()), better.get("id").asText());
      assertEquals(Family.id(family.base()), better.get("parent").asText());
      assertEquals(2, better.get("bags").asInt());
      assertEquals(31, better.at("/said/0/successes").asInt());
      assertEquals(40, better.at("/said/0/episodes").asInt());
      assertEquals(13, row(listing, family.base()).at("/said/0/successes").asInt());
      JsonNode about = browser.get("api/policy?id=" + better.get("id").asText()).body();
      assertEquals("WMPO", about.at("/settings/method").asText());
      assertEquals(404, browser.get("api/policy?id=no-such-policy").status());
      assertEquals(400, browser.get("api/policy").status());
      assertEquals(
          403,
          browser.post("api/policies", "{\"id\":\"x\"}", "X-Reverie-Page", browser.page).status());
      assertEquals(403, browser.ask("{\"ask\":\"rollback\"}").status());
    }
    try (var console = console("/nobody");
        var nobody = new Browser(console.console.url())) {
      assertEquals(401, nobody.get("api/policies").status());
      assertEquals(401, nobody.get("api/policy?id=x").status());
    }
  }

  @Test
  void aDamagedBundleIsToldAndTheOthersAreShown() throws Exception {
    String id = Family.id(family.better());
    Files.writeString(family.slow().resolve("bundle.json"), "{\"format\"");
    Files.write(
        family.better().resolve("policy.safetensors"), new byte[] {1}, StandardOpenOption.APPEND);
    Files.createDirectories(folder.resolve("policies/.draft/half"));
    Files.writeString(folder.resolve("policies/.draft/half/bundle.json"), "{");
    try (var console = console("/nobody");
        var browser = console.operator("Ada")) {
      JsonNode listing = browser.get("api/policies").body();
      assertEquals(3, listing.get("policies").size(), listing.toString());
      assertEquals(1, listing.get("faults").size(), listing.toString());
      assertEquals(family.slow().toString(), listing.at("/faults/0/folder").asText());
      Answer checked =
          browser.post(
              "api/policies", "{\"id\":\"%s\"}".formatted(id), "X-Reverie-Page", browser.page);
      assertFalse(checked.body().get("ok").asBoolean());
      String why = checked.body().get("message").asText();
      assertTrue(why.contains("policy.safetensors"), why);
      Answer whole =
          browser.post(
              "api/policies",
              "{\"id\":\"%s\"}".formatted(Family.id(family.base())),
              "X-Reverie-Page",
              browser.page);
      assertTrue(whole.body().get("ok").asBoolean(), whole.body().toString());
    }
    try (var console =
            new TestConsole("/nobody", List.of(folder.resolve("gone")), folder.resolve("gone"));
        var browser = console.viewer("Vera")) {
      JsonNode listing = browser.get("api/policies").body();
      assertEquals(0, listing.get("policies").size());
      String why = listing.at("/faults/0/why").asText();
      assertTrue(why.contains("gone") && why.contains("is not there"), why);
    }
  }

  @Test
  void aSwapIsToldStateByStateAndTakenBack() throws Exception {
    try (var robot = robot();
        var console = console(name(robot));
        var browser = console.operator("Ada");
        var other = console.viewer("Vera")) {
      browser.await("active", told -> told.at("/robot/state").asText().equals("active"));
      Answer none = browser.ask("{\"ask\":\"rollback\"}");
      assertFalse(none.body().get("ok").asBoolean());
      String why = none.body().get("message").asText();
      assertTrue(why.contains("there is no earlier policy to return to"), why);
      assertTrue(browser.ask(swap(family.better())).body().get("ok").asBoolean());
      JsonNode told = ended(other, family.better());
      assertEquals(
          List.of("STAGED", "VERIFIED", "LOADED", "PROBED", "WAITING", "LIVE"), states(told));
      assertEquals("Ada", told.at("/swap/asked").asText());
      String id = Family.id(family.better());
      browser.await("live", state -> state.at("/robot/policyId").asText().equals(id));
      assertEquals(id, browser.get("api/policies").body().get("live").asText());
      try (var late = console(name(robot));
          var looker = late.viewer("Late")) {
        JsonNode seen = ended(looker, family.better());
        assertEquals(6, states(seen).size(), "what was told before is told again");
        looker.await(
            "the bundle that is live, not the one that the node began with",
            state -> state.at("/robot/bundle").asText().equals(family.better().toString()));
      }
      assertTrue(browser.ask("{\"ask\":\"rollback\"}").body().get("ok").asBoolean());
      JsonNode back = ended(browser, family.base());
      assertEquals(List.of("ROLLED_BACK"), states(back));
    }
  }

  @Test
  void aRefusalIsToldInFullAndWhatIsAllowedGoesLive() throws Exception {
    try (var robot = robot();
        var console = console(name(robot));
        var browser = console.operator("Ada")) {
      browser.await("active", told -> told.at("/robot/state").asText().equals("active"));
      browser.await(
          "live", told -> told.at("/robot/policyId").asText().equals(Family.id(family.base())));
      JsonNode about = browser.get("api/policy?id=" + Family.id(family.other())).body();
      String field = about.at("/differs/0/field").asText();
      assertEquals("cameras.camera.crop.height", field, about.toString());
      Answer _ = browser.ask(swap(family.other()));
      JsonNode refused = ended(browser, family.other());
      assertEquals("REFUSED", states(refused).getLast());
      String why = refused.get("swap").get("steps").findValuesAsText("reason").getLast();
      assertTrue(why.contains("the bundle differs from the live policy"), why);
      Answer _ = browser.ask(swap(family.other(), "cameras.camera.crop"));
      browser.await(
          "live", told -> told.at("/robot/policyId").asText().equals(Family.id(family.other())));
      assertEquals(
          400, browser.ask("{\"ask\":\"swap\",\"bundle\":\"models/x\",\"mayDiffer\":[]}").status());
      Path gone = folder.resolve("no such bundle");
      Answer _ = browser.ask(swap(gone));
      JsonNode missing = ended(browser, gone);
      assertTrue(
          missing.get("swap").toString().contains("there is no policy bundle"),
          missing.get("swap").toString());
    }
  }

  @Test
  void aSwapThatTakesLongIsCancelledAndAnotherOneWaitsForNobody() throws Exception {
    try (var robot = robot();
        var console = console(name(robot));
        var browser = console.operator("Ada")) {
      browser.await("active", told -> told.at("/robot/state").asText().equals("active"));
      Answer nothing = browser.ask("{\"ask\":\"cancel_swap\"}");
      assertEquals("no swap is under way", nothing.body().get("message").asText());
      assertTrue(browser.ask(swap(family.slow())).body().get("ok").asBoolean());
      browser.await(
          "under way",
          told -> told.at("/swap/ended").isBoolean() && !told.at("/swap/ended").asBoolean());
      Answer second = browser.ask(swap(family.better()));
      assertFalse(second.body().get("ok").asBoolean(), second.body().toString());
      assertTrue(second.body().get("message").asText().contains("is under way"));
      assertTrue(browser.ask("{\"ask\":\"cancel_swap\"}").body().get("ok").asBoolean());
      JsonNode told = ended(browser, family.slow());
      assertEquals("CANCELLED", states(told).getLast());
      assertEquals(
          Family.id(family.base()), told.at("/robot/policyId").asText(), "the live one stays");
    }
  }
}
