package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Refusal;
import java.util.List;
import java.util.stream.IntStream;
import org.joml.Vector3d;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UrdfTest {
  @Test
  void aUrdfGivesTheChainFromTheRootToTheTipWithLimits() {
    Urdf urdf = PlanarArm.urdf();
    assertEquals("world", urdf.root());
    assertEquals(
        List.of("shoulder", "elbow", "wrist", "tool"),
        urdf.chain("tip").stream().map(Urdf.Joint::name).toList());
    JointBounds elbow = Arms.space(urdf, List.of("elbow")).of(0);
    assertEquals(List.of(0.2, 2.8, 8.0), List.of(elbow.lower(), elbow.upper(), elbow.velocity()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gripper  | no joint 'gripper'; nearest: 'left_elbow'",
        "elbow    | nearest: 'left_elbow', 'left_wrist' - set joint_prefix, or joint_states.prefix in the arm file, such as 'left_'",
        "left_wirst | nearest: 'left_wrist', 'left_elbow' - name it in joint_names, or joint_states.names of the arm file",
        "flange   | the joint 'flange' of the URDF 'row' is fixed and cannot be commanded",
        "base     | the joint 'base' of the URDF 'row' is planar and cannot be commanded",
      })
  void aJointThatCannotBeCommandedIsRefusedWithTheNearestNames(String joint, String told) {
    Urdf urdf =
        Urdf.parse(
            Arms.urdf(
                Arms.joint("planar", "base", ""),
                Arms.revolute("left_elbow"),
                Arms.revolute("left_wrist"),
                Arms.joint("fixed", "flange", "")));
    Refusal.of(ArmException.class, () -> urdf.commanded(joint), told);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<joint type=\"fixed\" name=\"odd\"><axis xyz=\"0 0 0\"/></joint>",
        "<joint type=\"fixed\" name=\"odd\"><axis/></joint>",
        "<joint type=\"fixed\" name=\"odd\"><limit lower=\"no\" velocity=\"0\"/></joint>",
        "<joint type=\"continuous\" name=\"odd\"><axis xyz=\"0 0 1\"/></joint>",
        "<joint type=\"continuous\" name=\"odd\"><axis xyz=\"0 0 0\"/></joint>",
        "<joint type=\"continuous\" name=\"odd\"><limit/><mimic joint=\"elbow\"/></joint>",
        "<joint type=\"revolute\" name=\"odd\"></joint>",
        "<joint type=\"revolute\" name=\"odd\"><axis xyz=\"up\"/></joint>",
        "<joint type=\"revolute\" name=\"odd\"><limit effort=\"1\" velocity=\"0\"/></joint>",
        "<joint type=\"revolute\" name=\"odd\"><limit lower=\"2\" upper=\"-2\"/></joint>",
        "<joint type=\"revolute\" name=\"odd\"><mimic joint=\"nobody\"/></joint>",
        "<joint type=\"prismatic\" name=\"odd\"><limit lower=\"nan\" upper=\"-inf\"/></joint>",
        "<joint type=\"planar\" name=\"odd\"></joint>",
        "<joint type=\"floating\" name=\"odd\"></joint>",
        "<joint type=\"ball\" name=\"odd\"></joint>",
      })
  void whatIsOddAboutAJointThatIsNotCommandedDoesNotMatter(String odd) {
    for (String xml :
        List.of(Arms.urdf(odd, Arms.revolute("elbow")), Arms.urdf(Arms.revolute("elbow"), odd))) {
      Urdf urdf = Urdf.parse(xml);
      assertEquals(2, Arms.space(urdf, List.of("elbow")).of(0).upper());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "finger | follows 'grip' (<mimic>) and cannot be commanded; command 'grip' instead",
        "tip | follows 'finger' (<mimic>) and cannot be commanded; command 'grip' instead",
        "lost | follows 'nobody' (<mimic>), which is no joint that moves; correct its <mimic>",
        "self | follows 'self' (<mimic>), which is no joint that moves",
        "stuck | follows 'plate' (<mimic>), which is no joint that moves",
      })
  void aJointThatFollowsAnotherIsNotCommandedAndItsDriverIsNamed(String joint, String told) {
    Urdf urdf =
        Urdf.parse(
            Arms.urdf(
                Arms.revolute("grip"),
                Arms.joint("fixed", "plate", ""),
                follower("finger", "grip"),
                follower("tip", "finger"),
                follower("lost", "nobody"),
                follower("self", "self"),
                follower("stuck", "plate")));
    Refusal.of(
        ArmException.class,
        () -> Arms.space(urdf, List.of("grip", joint)),
        "the joint '%s' of the URDF 'row' ".formatted(joint) + told);
    assertEquals(2, Arms.space(urdf, List.of("grip")).of(0).upper(), "with fingers that follow");
  }

  private static String follower(String name, String driver) {
    return Arms.revolute(name)
        .replace("</joint>", "<mimic joint=\"%s\"/></joint>".formatted(driver));
  }

  @Test
  void theZeroThatEndsATextInCIsNoPartOfIt() {
    assertEquals("world", Urdf.parse(PlanarArm.xml() + "\0\n\0").root());
  }

  @Test
  void aUrdfThatGitLfsDidNotFetchIsCalledSo() {
    Refusal.of(
        ArmException.class,
        () -> Urdf.parse("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1\n"),
        "the URDF is a Git LFS pointer",
        "git lfs pull");
  }

  @Test
  void aBaseThatMovesIsTakenAsFixedWithANotice() {
    Urdf urdf =
        Urdf.parse(Arms.urdf(Arms.joint("floating", "base", ""), Arms.revolute("shoulder")));
    assertEquals(List.of("URDF joint 'base' is floating; it is taken as fixed"), urdf.notices());
    assertEquals(2, urdf.chain("link2").size());
  }

  @Test
  void ofSeveralTreesTheLargestIsTaken() {
    Urdf urdf =
        Urdf.parse(
            PlanarArm.xml()
                .replace("<link name=\"world\"/>", "<link name=\"stray\"/><link name=\"world\"/>"));
    assertEquals("world", urdf.root());
    assertEquals(
        List.of("URDF has the root links [stray, world]; 'world' is taken"), urdf.notices());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<xacro:arm prefix=\"\"/>",
        "<link name=\"x\"><xacro:inertia mass=\"1\"/></link>",
        "<link name=\"${prefix}x\"/>",
        "<link name=\"$(arg prefix)x\"/>",
        "<link name=\"x\" xacro:if=\"1\"/>",
        "<gazebo><speed>${2 * pi}</speed></gazebo>",
        "<link name=\"$( arg prefix )x\"/>",
        "<include filename=\"hand.xacro\"/>",
        "<macro name=\"hand\" params=\"side\"><link name=\"x\"/></macro>",
      })
  void xacroThatWasLeftInIsCalledByItsName(String left) {
    Urdf urdf = Urdf.parse(PlanarArm.xml().replace("</robot>", left + "</robot>"));
    String told = "this is xacro; expand it: xacro FILE > FILE.urdf";
    Refusal.of(ArmException.class, () -> urdf.commanded("elbow"), told);
    Refusal.of(ArmException.class, () -> urdf.chain("tip"), told);
    Refusal.of(
        ArmException.class,
        () -> Urdf.parse("<robot name=\"a\">" + left + "<joint name=\"${j}\"/></robot>"),
        "this is xacro");
  }

  @Test
  void xacroOfAnotherPrefixIsFoundToo() {
    String xml =
        PlanarArm.xml()
            .replace("<robot ", "<robot xmlns:x=\"http://www.ros.org/wiki/xacro\" ")
            .replace("</robot>", "<x:include filename=\"hand.xacro\"/></robot>");
    Urdf urdf = Urdf.parse(xml);
    Refusal.of(ArmException.class, () -> urdf.commanded("elbow"), "<x:include>: this is xacro");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<!-- the arm -- and its hand --><robot ",
        "<!--- made by hand ---><robot ",
        "<?xml version=\"1.0\"?><!DOCTYPE robot><robot ",
        "\n\uFEFF<!-- first --><?xml version=\"1.0\" encoding=\"latin1\"?>\n<robot ",
        "<robot xmlns:sensor=\"http://a.org/?b=1&c=2\" ",
        "<robot made=\"by A & B &co;\" ",
        "<?xml encoding=\"utf-8\"?><robot ",
        "<?xml version=\"1.0\" encoding=\"UTF-16\" standalone=\"yes\"?>\n<robot ",
      })
  void whatParsersOfUrdfTakeThoughItIsNoXmlIsTaken(String begin) {
    assertEquals("world", Urdf.parse(PlanarArm.xml().replace("<robot ", begin)).root());
  }

  @Test
  void theNamespaceOfXacroAloneMeansNothing() {
    String xml =
        PlanarArm.xml()
            .replace(
                "<robot ",
                "<!-- from arm.xacro by xacro: ${pi} --><robot xmlns:xacro=\"http://wiki.ros.org/xacro\" ");
    assertEquals("world", Urdf.parse("\n  " + xml).root());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "velocity=\"12\"   | ''                | joint 'wrist' has no velocity limit",
        "velocity=\"12\"   | velocity=\"0\"    | velocity limit \"0\"",
        "velocity=\"12\"   | velocity=\"inf\"  | velocity limit \"inf\"",
        "lower=\"0.2\"     | ''                | joint 'elbow' has no lower limit and the upper limit \"2.8\"",
        "lower=\"0.2\"     | lower=\"3\"       | lower below upper",
        "lower=\"0.2\"     | lower=\"zero\"    | lower limit \"zero\"",
        "xyz=\"0 -1 0\"    | xyz=\"0 0 0\"     | give a direction",
        "type=\"revolute\" | type=\"ball\"     | has the type 'ball'; known",
        "type=\"revolute\" | type=\"floating\" | is floating and cannot be commanded",
      })
  void aCommandedJointIsRefusedWithTheValueAndWhereToGiveIt(
      String text, String replacement, String told) {
    String xml = PlanarArm.xml();
    assertTrue(xml.contains(text), text);
    Refusal.of(
        ArmException.class,
        () -> Arms.space(Urdf.parse(xml.replace(text, replacement)), PlanarArm.JOINTS),
        told);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "</robot>          | <oops>            | no readable URDF",
        "xyz=\"0.42 0 0\"  | xyz=\"0.42 0\"    | of 'elbow'; give three numbers",
        "link=\"fore\"     | link=\"forearm\"  | forearm",
        "<robot name=\"planar_arm\"> | <!DOCTYPE r SYSTEM \"file:///etc/passwd\"><robot name=\"a\"> | DOCTYPE",
      })
  void aBrokenUrdfIsRefusedWithTheValue(String text, String replacement, String told) {
    String xml = PlanarArm.xml();
    assertTrue(xml.contains(text), text);
    Refusal.of(ArmException.class, () -> Urdf.parse(xml.replace(text, replacement)), told);
  }

  @Test
  void namesThatStandTwiceAreRefused() {
    Refusal.of(
        ArmException.class,
        () -> Urdf.parse(Arms.urdf(Arms.revolute("elbow"), Arms.revolute("elbow"))),
        "two joints 'elbow'");
    Refusal.of(
        ArmException.class,
        () -> Urdf.parse("<robot name='a'><link name='b'/><link name='b'/></robot>"),
        "two links 'b'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<axis xyz=\"0 0 1e300\"/> | 0 | 0 | 1",
        "<axis xyz=\"0 -1e-6 0\"/> | 0 | -1 | 0",
        "<axis xyz=\"3 0 4\"/> | 0.6 | 0 | 0.8",
      })
  void anAxisIsADirectionWhateverItsLength(String axis, double x, double y, double z) {
    String limit = "<limit lower=\"-1\" upper=\"1\" velocity=\"1\"/>";
    Urdf urdf = Urdf.parse(Arms.urdf(Arms.joint("revolute", "turn", axis + limit)));
    Vector3d found = urdf.commanded("turn").axis();
    assertEquals(0, found.distance(x, y, z), 1e-12);
  }

  @Test
  void aTurnMayBeAQuaternion() {
    String xml = PlanarArm.xml();
    String origin = "<origin xyz=\"0.42 0 0\"";
    assertTrue(xml.contains(origin + "/>"), xml);
    Urdf turned =
        Urdf.parse(xml.replace(origin, origin + " quat_xyzw=\"0 0 1.41421356 1.41421356\""));
    Urdf same = Urdf.parse(xml.replace(origin, origin + " rpy=\"0 0 1.57079633\""));
    assertTrue(
        turned
            .named("elbow")
            .orElseThrow()
            .origin()
            .equals(same.named("elbow").orElseThrow().origin(), 1e-8));
    Refusal.of(
        ArmException.class,
        () -> Urdf.parse(xml.replace(origin, origin + " quat_xyzw=\"0 0 0 0\"")),
        "of 'elbow'; give four numbers");
  }

  @ParameterizedTest
  @CsvSource({"-inf, inf", "-inf, 2", "-2, inf", "nan, 2"})
  void stopsThatAreNoNumbersAreNone(String lower, String upper) {
    String limit = "<limit lower=\"%s\" upper=\"%s\" velocity=\"1\"/>".formatted(lower, upper);
    Urdf urdf = Urdf.parse(Arms.urdf(Arms.joint("revolute", "turn", limit)));
    Refusal.of(
        ArmException.class,
        () -> Arms.space(urdf, List.of("turn")),
        "'turn'",
        "a number is needed for each");
  }

  @Test
  void aLongChainIsReadInOneGo() {
    String[] joints =
        IntStream.range(0, 20_000).mapToObj(i -> Arms.revolute("j" + i)).toArray(String[]::new);
    Urdf urdf = Urdf.parse(Arms.urdf(joints));
    assertEquals("link0", urdf.root());
    assertEquals(20_000, urdf.chain("link20000").size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | is empty",
        "/opt/arm.urdf | begins with '/opt/arm.urdf', which is no XML; publish the text of a URDF,"
            + " not its file's name",
        "<robot><link></robot> | by the matching end-tag \"</link>\"; publish valid XML",
        "<!DOCTYPE robot [<!ENTITY a \"b\">]><robot name=\"&a;\"/> | <!DOCTYPE ..> with definitions, which are not read; remove it",
      })
  void textsThatAreNoUrdfAreRefusedInOurWords(String xml, String told) {
    Refusal.of(ArmException.class, () -> Urdf.parse(xml), told);
  }
}
