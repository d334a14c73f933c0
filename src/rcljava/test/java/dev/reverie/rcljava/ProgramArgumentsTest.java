package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Arguments of a program and of ROS 2. */
class ProgramArgumentsTest {
  @Test
  void whatStandsBetweenRosArgsAndTwoDashesIsForRos() {
    assertEquals(
        new ProgramArguments(
            List.of("check", "--json"), List.of("--ros-args", "-r", "__ns:=/left", "--")),
        ProgramArguments.of("check", "--ros-args", "-r", "__ns:=/left", "--", "--json"));
  }

  @Test
  void withoutRosArgsAllAreTheProgramsOwn() {
    assertEquals(
        new ProgramArguments(List.of("check", "--"), List.of()),
        ProgramArguments.of("check", "--"));
  }
}
