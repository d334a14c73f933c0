package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SkeletonTest {
  private static final Skeleton ARM = Skeleton.of(PlanarArm.urdf());

  private static Skeleton changed(String text, String by) {
    assertTrue(PlanarArm.xml().contains(text), text);
    return Skeleton.of(Urdf.parse(PlanarArm.xml().replace(text, by)));
  }

  @Test
  void anArmIsTheSameWhereverItStandsAndHoweverItLooks() {
    assertTrue(ARM.sameAs(Skeleton.of(PlanarArm.urdf())));
    assertTrue(ARM.sameAs(changed("<origin xyz=\"0.5 0 1.0\"/>", "<origin xyz=\"0.7 0 1.0\"/>")));
    assertTrue(ARM.sameAs(changed("<robot name=\"planar_arm\">", "<robot name=\"painted\">")));
  }

  @ParameterizedTest
  @CsvSource({"0.421, true", "0.43, false"})
  void linksOfAnotherLengthAreOfAnotherArm(String length, boolean same) {
    assertTrue(same == ARM.sameAs(changed("<origin xyz=\"0.42 0 0\"/>", origin(length))), length);
  }

  private static String origin(String x) {
    return "<origin xyz=\"%s 0 0\"/>".formatted(x);
  }

  @Test
  void jointsOfOtherNamesKindsAndAxesAreOfAnotherArm() {
    assertFalse(ARM.sameAs(changed("name=\"elbow\"", "name=\"knee\"")));
    assertFalse(ARM.sameAs(changed("type=\"revolute\"", "type=\"continuous\"")));
    assertFalse(ARM.sameAs(changed("<axis xyz=\"0 -1 0\"/>", "<axis xyz=\"0 1 0\"/>")));
  }
}
