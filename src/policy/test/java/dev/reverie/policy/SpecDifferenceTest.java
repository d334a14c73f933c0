package dev.reverie.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SpecDifferenceTest {
  private static final BundleSpec SPEC = TinyPolicy.spec();

  private static List<String> fields(BundleSpec next) {
    return SpecDifference.between(SPEC, next).stream().map(SpecDifference::field).toList();
  }

  private static BundleSpec with(
      List<BundleSpec.Camera> cameras, HeadSpec head, Language language) {
    return new BundleSpec(
        cameras,
        SPEC.jointNames(),
        SPEC.actionSpace(),
        SPEC.chunk(),
        head,
        language,
        SPEC.parameters().frozen(),
        SPEC.lineage());
  }

  @Test
  void theHistoryOfAPolicyIsNoDifference() {
    var lineage =
        new BundleSpec.Lineage(
            "parent", List.of("bag"), new TreeMap<>(), new BundleSpec.Measured(1, 2));
    assertEquals(List.of(), fields(SPEC.withLineage(lineage).withFrozen(List.of())));
  }

  @Test
  void eachDifferenceHasThePathOfItsField() {
    BundleSpec.Camera first = SPEC.cameras().getFirst();
    var cropped =
        new BundleSpec.Camera(first.name(), first.width() + 1, first.height(), true, first.crop());
    String camera = "cameras." + first.name();
    assertEquals(
        List.of(camera + ".rectify", camera + ".width"),
        fields(with(List.of(cropped), SPEC.head(), SPEC.language())));
    assertEquals(
        List.of("head"), fields(with(SPEC.cameras(), new HeadSpec.Gaussian(), SPEC.language())));
    assertEquals(
        List.of("head.bins"), fields(with(SPEC.cameras(), HeadSpec.tokens(7), SPEC.language())));
    assertEquals(List.of("language"), fields(with(SPEC.cameras(), SPEC.head(), Language.none())));
  }

  @Test
  void anotherTokenizersFileIsADifferenceOfTheLanguage() {
    BundleSpec spec = BoundPolicy.spec(new HeadSpec.Gaussian());
    BundleSpec one =
        spec.withFiles(new TreeMap<>(Map.of("tokenizer.json", "1", "graph.onnx", "2")));
    BundleSpec other =
        spec.withFiles(new TreeMap<>(Map.of("tokenizer.json", "3", "graph.onnx", "4")));
    List<SpecDifference> found = SpecDifference.between(one, other);
    assertEquals(List.of(new SpecDifference("language.sha256", "\"1\"", "\"3\"")), found);
    assertTrue(SpecDifference.fields(one, other).contains("language.sha256"));
    assertTrue(found.getFirst().isAllowedBy(List.of("language")));
  }

  @Test
  void whatAnInputIsBoundToIsADifferenceAndItsPlaceIsNot() {
    HeadSpec head = new HeadSpec.Gaussian();
    BundleSpec one = BoundPolicy.spec(head);
    List<InputSpec> turned = new ArrayList<>(BoundPolicy.inputs(head));
    Collections.reverse(turned);
    assertEquals(
        List.of(), SpecDifference.between(one, BoundPolicy.spec(head, turned, one.language())));
    List<InputSpec> fewer = new ArrayList<>(BoundPolicy.inputs(head));
    InputSpec left = fewer.removeLast();
    List<SpecDifference> found =
        SpecDifference.between(one, BoundPolicy.spec(head, fewer, one.language()));
    assertEquals("graph.inputs." + left.name(), found.getFirst().field());
    assertTrue(found.getFirst().isAllowedBy(List.of("graph")));
    assertEquals(List.of(), SpecDifference.between(SPEC, SPEC), "of format 1");
  }

  @Test
  void aDifferenceIsAllowedByItsNameOrThatOfWhatItIsPartOf() {
    var difference = new SpecDifference("cameras.front.crop.x", "0.0", "0.5");
    assertTrue(difference.isAllowedBy(List.of("head", "cameras")));
    assertTrue(difference.isAllowedBy(List.of("cameras.front.crop")));
    assertFalse(difference.isAllowedBy(List.of("cameras.front.cro", "camera")));
    assertEquals("cameras.front.crop.x is 0.5 instead of 0.0", difference.toString());
  }
}
